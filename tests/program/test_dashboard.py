"""The dashboard of a stack: the site's words and links, and CloudWatch's limits for any number of datasets.

Limits: Amazon CloudWatch, CloudWatch service quotas, Dashboards (500 widgets, 500 metrics of a widget, 2,500 of a dashboard,
none adjustable); Dashboard body structure and syntax (a grid of 24 columns, a height of at most 1,000).
"""

import json
from typing import Any

import pytest

from components.alerting.dashboard import DAYS, page_body
from components.alerting.dashboard_widgets import BROKEN_RULES, ROWS_ASIDE, ROWS_PUBLISHED, Page, plain_markdown
from components.settings.contracts import DeployedContract
from components.settings.lake_folder import ROOT
from components.settings.stack_settings import Dataset
from etl.results.rule_state import RuleState
from sluice.program.graph import Graph
from sluice.site.freshness import Freshness
from sluice.site.overview import STRIP_DAYS
from tests.program.deployed import Deployed, deployed_datasets
from tests.program.deployment import make_names

PAGE = Page(make_names("prod"), "https://lake.acme.de/", "https://git.acme.de/lake/docs/")
LARGEST_BODY = 512 * 1024
"""Bytes that 300 datasets with names of 20 letters stay under; CloudWatch documents no limit."""


def stack_dashboard(graph: Graph) -> dict[str, Any]:
    (node,) = graph.nodes_of_type("aws:cloudwatch/dashboard:Dashboard")
    return json.loads(node.inputs["dashboardBody"])


def make_datasets(number: int, owner: str = "team-data") -> list[Dataset]:
    terms = DeployedContract("", "", owner, "1.0.0", 26)
    names = [f"dataset_{position:012}" for position in range(number)]
    return [Dataset.model_construct(None, name=name, terms=terms) for name in names]


def texts(body: dict[str, Any]) -> list[str]:
    return [widget["properties"]["markdown"] for widget in body["widgets"] if widget["type"] == "text"]


def graphs_below(body: dict[str, Any], text: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The graphs of the row that a text heads, by title."""
    row = [widget["properties"] for widget in body["widgets"] if widget["y"] == text["y"] + text["height"]]
    return {properties["title"]: properties for properties in row}


def metric_counts(body: dict[str, Any]) -> list[int]:
    return [len(widget["properties"].get("metrics", [])) for widget in body["widgets"]]


def jobs_drawn(body: dict[str, Any]) -> set[str]:
    return {metric[3] for widget in body["widgets"] for metric in widget["properties"].get("metrics", [])}


def hidden_cells(body: dict[str, Any]) -> int:
    """Cells of the grid that two widgets have."""
    cells = [
        (x, y)
        for widget in body["widgets"]
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert max(x for x, _ in cells) == 23
    return len(cells) - len(set(cells))


def test_the_dashboard_shows_what_a_run_leaves(deployed: Deployed) -> None:
    body, head = stack_dashboard(deployed.graph), f"**{plain_markdown(deployed.dataset)}** Owner "
    (text,) = [widget for widget in body["widgets"] if widget["properties"].get("markdown", "").startswith(head)]
    assert f"s3://{deployed.bucket_name('assets')}/verdicts/{deployed.dataset}/latest.json" in str(text)
    drawn = graphs_below(body, text)
    metrics = [metric for graph in drawn.values() for metric in graph["metrics"]]
    assert {tuple(metric[2:4]) for metric in metrics} == {("JobName", deployed.name_prefix)}
    rows, rules = ("RowsRead", "RowsPublished", "RowsQuarantined"), ("Violations", "RulesInError", "RulesNotEvaluated")
    assert {tuple(metric[:2]) for metric in metrics} == {
        ("Glue", "glue.driver.aggregate.elapsedTime"),
        *(("Sluice", metric) for metric in (*rows, *rules, "HoursSinceLastPublish")),
    }
    (promise,) = drawn["Freshness, in hours"]["annotations"]["horizontal"]
    hours = deployed.output_meta["freshness_hours"]
    assert promise == {"label": f"promised within {hours} h", "value": hours}


def test_no_widget_of_a_stack_hides_another_and_each_dataset_has_a_row(graph: Graph) -> None:
    body = stack_dashboard(graph)
    assert hidden_cells(body) == 0
    assert len(texts(body)) == 1 + len(deployed_datasets(graph.stack))


def test_the_dashboard_says_the_words_of_the_site() -> None:
    body = page_body(PAGE, make_datasets(1))
    templates = {path.name: path.read_text() for path in (ROOT / "sluice" / "site" / "templates").glob("*.html")}
    for words in (ROWS_PUBLISHED, ROWS_ASIDE, BROKEN_RULES):
        assert words in templates["history.html"]
    head, dataset = texts(body)
    assert head.startswith("# Datasets\n")
    assert "<h1>Datasets</h1>" in templates["index.html"]
    assert "<dt>Freshness</dt>" in templates["dataset.html"]
    assert "Owner team-data" in dataset
    assert "Owner {{ standing.owner }}" in templates["index.html"]
    drawn = graphs_below(body, body["widgets"][1])
    states = [metric[4]["label"] for metric in drawn[BROKEN_RULES]["metrics"]]
    assert states == [RuleState.BROKEN.label, RuleState.ERROR.label, RuleState.NOT_EVALUATED.label]
    promise = drawn["Freshness, in hours"]["annotations"]["horizontal"][0]["label"]
    assert Freshness(30, 26).words.endswith(promise)
    assert (DAYS, body["start"]) == (STRIP_DAYS, "-P14D")


def test_a_stack_with_a_site_links_to_it_and_to_the_runbook(optional: Graph, graphs: dict[str, Graph]) -> None:
    head, *rows = texts(stack_dashboard(optional))
    assert "[The site](https://lake.acme.de/index.html)" in head
    assert "[The runbook](https://git.acme.de/lake/docs/runbook.md)" in head
    datasets = sorted(json.loads(optional.config["sluice:datasets"]))
    links = [f"[Days, trends, runs](https://lake.acme.de/{dataset}/index.html)" for dataset in datasets]
    assert all(link in row for link, row in zip(links, rows, strict=True))
    unserved = " ".join(texts(stack_dashboard(graphs["dev"])))
    assert "](" not in unserved
    assert "`sluice docs`" in unserved
    assert "`docs/runbook.md`" in unserved


@pytest.mark.parametrize(
    ("datasets", "rows", "shared", "left_out"),
    [
        (1, 1, 0, 0),
        (4, 4, 0, 0),
        (98, 98, 0, 0),
        (99, 98, 1, 0),
        (100, 98, 2, 0),
        (300, 98, 202, 0),
        (900, 98, 429, 373),
    ],
)
def test_any_number_of_datasets_fits(datasets: int, rows: int, shared: int, left_out: int) -> None:
    body = page_body(PAGE, make_datasets(datasets))
    assert len(body["widgets"]) == 1 + 5 * (rows + bool(shared)) <= 500
    counts = metric_counts(body)
    assert max(counts) <= 500
    assert sum(counts) == 8 * rows + 4 * shared <= 2500
    assert len(jobs_drawn(body)) == rows + shared == datasets - left_out
    assert hidden_cells(body) == 0
    assert max(widget["height"] for widget in body["widgets"]) <= 1000
    head, *others = texts(body)
    assert f"{datasets} dataset" in head
    assert (f"{left_out} datasets in no graph" in head) == bool(left_out)
    assert [text for text in others if "A line for each" in text] == [
        text for text in others[-1:] if f"**{shared} more dataset" in text and shared
    ]


def test_datasets_without_a_row_are_named_in_graphs_of_the_site_s_headings() -> None:
    body = page_body(PAGE, make_datasets(100))
    drawn = graphs_below(body, body["widgets"][-5])
    assert list(drawn) == [ROWS_PUBLISHED, ROWS_ASIDE, BROKEN_RULES, "Freshness, in hours"]
    last = ["Sluice", "Violations", "JobName", "sluice-prod-dataset_000000000099", {"label": "dataset_000000000099"}]
    assert drawn[BROKEN_RULES]["metrics"][-1] == last


def test_the_body_of_a_dashboard_stays_small() -> None:
    assert len(json.dumps(page_body(PAGE, make_datasets(300)), separators=(",", ":"))) < LARGEST_BODY


def test_names_with_markup_show_as_they_are_written() -> None:
    owner = "<script>alert(1)</script> [x](javascript:1)\n# **loud** `a` & ![i](b) |c|"
    shown = texts(page_body(PAGE, make_datasets(1, owner)))[1]
    assert shown.startswith(
        "**dataset\\_000000000000** Owner &lt;script&gt;alert\\(1\\)&lt;/script&gt; \\[x\\]\\(javascript:1\\) "
        "\\# \\*\\*loud\\*\\* \\`a\\` &amp; \\!\\[i\\]\\(b\\) \\|c\\|. "
    )
    assert "\n" not in shown
