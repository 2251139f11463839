"""The site of a lake with results: each page says what its days came to, whatever lies among the results."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sluice.cli.app import main
from sluice.site.assets_place import open_place
from sluice.site.build import Site, build_site
from sluice.site.rule_pages import rule_file
from tests.made_results.made_lake import NOW, TODAY, MadeLake, load_contracts, make_contracts, make_lake, write_lines
from tests.unit.contracts.pages import Html, unresolved_links
from tests.unit.contracts.test_docs import HOSTILE

DATASETS = ["orders", "returns", "stock", "stores"]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> MadeLake:
    """Four datasets with 70 days; the last day of `stock` is a bad one, the others' are good."""
    return make_lake(tmp_path_factory.mktemp("lake"), datasets=4, days=70, seed=3)


@pytest.fixture(scope="module")
def site(lake: MadeLake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its site."""
    out = tmp_path_factory.mktemp("site")
    build_site(lake.pairs, out, [open_place(str(lake.assets))], root=out, now=NOW)
    return out


def read_lines(lake: MadeLake, table: str, dataset: str) -> list[dict[str, Any]]:
    files = [*lake.assets.glob(f"results/**/{table}/dataset={dataset}/**/*.jsonl")]
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    assert lines
    return sorted(lines, key=lambda line: line["started"])


def build_with(
    folder: Path, lines: list[dict[str, Any]], dataset: str = "trades", rules: list[dict[str, Any]] | None = None
) -> tuple[Site, Path]:
    """Write lines as results of a dataset, build a site with the contracts of trades, and return both."""
    assets = folder / "assets"
    write_lines(assets, "runs", dataset, lines, TODAY)
    write_lines(assets, "rules", dataset, rules or [], TODAY)
    pairs = {"trades": load_contracts("trades")}
    return build_site(pairs, folder / "site", [open_place(str(assets))], root=folder, now=NOW), folder / "site"


def make_line(**changed: Any) -> dict[str, Any]:
    """Return the line of a good run of this morning, changed."""
    line: dict[str, Any] = {
        **{"version": 1, "dataset": "trades", "run_id": "jr_1", "kind": "run", "run_date": f"{TODAY}"},
        **{"started": f"{TODAY}T05:00:00+00:00", "state": "SUCCEEDED", "nothing_unread": False, "rows_read": 10},
        **{"rows_published": 10, "rows_quarantined": 0, "rows_replaced": 0, "objects": 1, "bytes": 9, "seconds": 1.0},
        **{
            "dpu_seconds": 60,
            "published_at": f"{TODAY}T05:00:00+00:00",
            "freshness_hours": 26,
            "contracts": {},
            "broken": [],
        },
    }
    return {**line, **changed}


def test_the_overview_says_how_each_dataset_stands_what_is_bad_first(site: Path, lake: MadeLake) -> None:
    overview = Html(site / "index.html")
    text = overview.text()
    order = [link.removesuffix("/index.html") for link in overview.links if link.endswith("/index.html")]
    assert sorted(order) == DATASETS
    assert order[0] == "stock"
    assert "stock Owner catalogue Each day's stock, as published. refused" in text
    last = [line for line in read_lines(lake, "runs", "returns") if not line["nothing_unread"]][-1]
    assert f"{last['started'][:10]} {last['started'][11:16]} UTC" in text
    assert "fresh: " in text
    labels = [attributes.get("aria-label") or "" for tag, attributes in overview.tags if tag == "span"]
    assert any("published" in label and "no run" in label for label in labels)


def test_each_day_has_a_cell_that_says_what_it_came_to(site: Path, lake: MadeLake) -> None:
    days = Html(site / "stores/index.html").text("days")
    for line in read_lines(lake, "runs", "stores")[-8:]:
        day = line["run_date"][8:].lstrip("0")
        if line["state"] == "SUCCEEDED" and not line["nothing_unread"]:
            assert f" {day} published" in days
            assert f"{line['rows_published']:,} rows" in days
    assert days.count("2026") == 3  # a table for each month


def test_a_day_that_a_page_tells_more_of_leads_there(site: Path) -> None:
    page = Html(site / "stock/index.html")
    assert [link for link in page.links if link.startswith("#run-jr_")]
    assert list(unresolved_links(site)) == []


def test_the_last_bad_days_are_told_with_object_row_and_rule(site: Path, lake: MadeLake) -> None:
    runs = Html(site / "returns/index.html").text("runs")
    assert "The last bad days" in runs
    bad = [line for line in read_lines(lake, "runs", "returns") if line["broken"]]
    assert f"{bad[-1]['broken'][0]['rule']} {bad[-1]['broken'][0]['severity']} broken by" in runs
    assert f"-2 in returns/{bad[-1]['run_date']}.csv row " in runs


def test_charts_have_a_name_the_months_and_the_versions(site: Path) -> None:
    page = Html(site / "orders/index.html")
    charts = [attributes for tag, attributes in page.tags if tag == "svg" and attributes.get("class") == "chart"]
    assert [chart["aria-label"] for chart in charts] == [
        "Rows published by day",
        "Rows set aside by day",
        "Broken rules by week",
    ]
    assert all(chart["role"] == "img" for chart in charts)
    assert page.text("trends").count("Oct") >= 3
    assert "style=" not in page.source


def test_a_new_version_is_marked_in_the_charts_and_said(tmp_path: Path) -> None:
    days = [TODAY - timedelta(days=back) for back in range(60, 0, -1)]
    lines = [
        make_line(
            **{
                "run_id": f"jr_{day}",
                "run_date": f"{day}",
                "started": f"{day}T05:00:00+00:00",
                "rows_published": day.day,
            },
            contracts={"output": "1.0.0" if day.month < 11 else "2.0.0"},
        )
        for day in days
    ]
    _, site = build_with(tmp_path, lines)
    trends = Html(site / "trades/index.html").text("trends")
    assert "Upright lines are new versions of the contracts: output 2.0.0 on 2026-11-01." in trends
    assert trends.startswith("Trends Rows published 0")
    assert "output 2.0.0 No row was set aside." in trends


def test_each_rule_has_a_page_with_why_and_history(site: Path, lake: MadeLake) -> None:
    lines = read_lines(lake, "rules", "returns")
    rules = {line["rule"] for line in lines}
    assert len(rules) > 30
    for rule in rules:
        page = Html(site / "returns/rules" / rule_file(rule))
        of_rule = [line for line in lines if line["rule"] == rule]
        held = sum(line["state"] == "held" for line in of_rule)
        assert f"Held {held} run" in page.text()
        broken = [line for line in of_rule if line["state"] == "broken"]
        assert ("Days on which it did not hold" in page.text()) == bool(broken)
        if broken:
            assert f"{broken[-1]['run_date']} broken {broken[-1]['rows_broken']}" in page.text()
    page_text = Html(site / "returns/rules/returns.customer_id.known.html").text()
    assert "Why: A sale to nobody is in no customer's report; it waits aside until the customer arrives." in page_text


def test_all_rules_are_listed_those_first_that_broke_on_most_days(site: Path) -> None:
    page = Html(site / "rules.html")
    links = [link for link in page.links if "/rules/" in link]
    assert len(links) == len(set(links)) > 4 * 40
    days = [int(number or 0) for number in re.findall(r"<td>(\d*)</td></tr>", page.source)]
    assert days == sorted(days, reverse=True)
    assert days[0] > 1
    assert days[-1] == 0


def test_costs_are_told_by_month(site: Path) -> None:
    costs = Html(site / "orders/index.html").text("cost")
    assert "At 0.308 dollars for a DPU-hour, Glue's list price in eu-west-1 of 2026-11-01." in costs
    assert [month for month in ("2026-11", "2026-10", "2026-09") if month in costs] == ["2026-11", "2026-10", "2026-09"]


def test_without_results_the_pages_say_how_to_get_some(tmp_path: Path) -> None:
    pairs = {"trades": load_contracts("trades")}
    site = build_site(pairs, tmp_path / "site", [], root=tmp_path, now=NOW)
    assert not site.has_results
    for page in ("index.html", "trades/index.html"):
        assert "sluice docs --results s3://<assets bucket>" in Html(tmp_path / "site" / page).text()
    (tmp_path / "assets/results").mkdir(parents=True)
    build_site(pairs, tmp_path / "site", [open_place(str(tmp_path / "assets"))], root=tmp_path, now=NOW)
    assert "What was read has no results." in Html(tmp_path / "site/index.html").text()


def test_a_dataset_that_is_gone_is_shown_apart_as_retired(tmp_path: Path) -> None:
    broken = [{"rule": "gone.x", "severity": "critical", "rows": 2}]
    line = make_line(dataset="gone", state="FAILED", broken=broken)
    rule = {**_rule_line(line), "rule": "gone.x", "observed": "Ada Byron", "state": "broken", "rows_broken": 2}
    built, site = build_with(tmp_path, [line], "gone", [rule])
    assert list(built.retired) == ["gone"]
    overview = Html(site / "index.html").text()
    assert overview.index("1 dataset") < overview.index("Retired They have results and no contract any more.")
    assert (
        "gone retired It has results and no contract any more. Last run refused"
        in Html(site / "gone/index.html").text()
    )
    assert "It is not in today's contract." in Html(site / "gone/rules/gone.x.html").text()
    assert "Ada" not in "".join(path.read_text() for path in site.rglob("*.html"))
    assert list(unresolved_links(site)) == []


def _rule_line(run: dict[str, Any], **changed: Any) -> dict[str, Any]:
    shared = {name: run[name] for name in ("version", "dataset", "run_id", "kind", "run_date", "started")}
    rule = {"rule": "trades.output.rows", "stage": "output", "severity": "critical", "state": "held", "way": "observed"}
    return {**shared, **rule, "rows_judged": 10, "rows_broken": 0, "observed": None, **changed}


@pytest.mark.parametrize("table", ["runs", "rules"])
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[1]\n", "version 1"),
        (b'{"version": 2}\n', "version 1"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_told(
    table: str, content: bytes, why: str, tmp_path: Path
) -> None:
    odd = tmp_path / f"assets/results/{table}/dataset=trades/day={TODAY}/odd<b>.jsonl"
    odd.parent.mkdir(parents=True)
    odd.write_bytes(content)
    built, site = build_with(tmp_path, [make_line()], rules=[_rule_line(make_line())])
    [fault] = built.unreadable
    assert f"results/{table}/dataset=trades/day={TODAY}/odd<b>.jsonl: " in fault
    assert why in fault
    for page in ("index.html", "trades/index.html"):
        assert fault in Html(site / page).text("unreadable")
    assert "published 2026-11-29 05:00 UTC" in Html(site / "index.html").text()


def test_a_month_that_cannot_be_read_is_told_from_its_days(tmp_path: Path) -> None:
    for table in ("runs", "rules"):
        copy = tmp_path / f"assets/results/months/{table}/dataset=trades/{TODAY:%Y-%m}.jsonl"
        copy.parent.mkdir(parents=True)
        copy.write_text("{")
    built, site = build_with(tmp_path, [make_line()], rules=[_rule_line(make_line())])
    assert len(built.unreadable) == 2
    assert "Held 1 run" in Html(site / "trades/rules/trades.output.rows.html").text()


def test_lines_of_an_earlier_version_lack_fields_and_are_told(tmp_path: Path) -> None:
    line = {**make_line(broken=[{"rule": "trades.region.known", "severity": "critical", "rows": 3}]), "state": "FAILED"}
    built, site = build_with(tmp_path, [line])
    assert built.unreadable == []
    assert "Broken 1 run" in Html(site / "trades/rules/trades.region.known.html").text()


def test_what_results_say_stays_text_and_makes_no_path(tmp_path: Path) -> None:
    broken = [{"rule": HOSTILE, "severity": "critical", "rows": 3}, {"rule": "../../up", "severity": "info", "rows": 1}]
    line = make_line(run_id="jr_1", broken=broken, contracts={HOSTILE: HOSTILE}, state="FAILED")
    later = make_line(run_id=f"../{HOSTILE}", started=f"{TODAY}T06:00:00+00:00", contracts={HOSTILE: "2"})
    odd = tmp_path / "assets/results/runs/dataset=<script>alert(1)<"
    odd.mkdir(parents=True)
    built, site = build_with(tmp_path, [line, later])
    assert "dataset=<script>alert(1)<: no dataset can be called so" in built.unreadable[0]
    pages = [Html(path) for path in tmp_path.rglob("*.html")]
    assert all(page.path.is_relative_to(site) for page in pages)
    assert [page.loaded_resources for page in pages if page.loaded_resources] == []
    assert "4277" not in "".join(page.source for page in pages)
    assert Html(site / "trades/rules" / rule_file(HOSTILE)).text().count(HOSTILE) >= 2
    assert list(unresolved_links(site)) == []


def test_a_run_id_that_is_none_of_glues_is_looked_up_nowhere(tmp_path: Path) -> None:
    (tmp_path / "assets/docs/trades").mkdir(parents=True)
    (tmp_path / "assets/other").mkdir()
    (tmp_path / "assets/other/input.html").write_text("other")
    broken = [{"rule": "trades.region.known", "severity": "critical", "rows": 3}]
    _, site = build_with(tmp_path, [make_line(run_id="../../other", state="FAILED", broken=broken)])
    assert "other" not in "".join(path.read_text() for path in site.rglob("input.html"))


def test_dates_far_off_do_not_stretch_the_calendar(tmp_path: Path) -> None:
    lines = [
        make_line(run_id="jr_2", run_date="0001-01-01"),
        make_line(run_id="jr_3", run_date="9999-12-31"),
        make_line(),
    ]
    _, site = build_with(tmp_path, lines)
    assert Html(site / "trades/index.html").text("days").count("2026") == 1


def test_a_dataset_of_one_day_has_no_chart_and_says_so(tmp_path: Path) -> None:
    _, site = build_with(tmp_path, [make_line()])
    trends = Html(site / "trades/index.html").text("trends")
    assert "Rows published: drawn from the second day on. No row was set aside. No rule broke." in trends


def test_halves_of_characters_and_numbers_beyond_measure_are_told(tmp_path: Path) -> None:
    half = json.loads('"\\ud800"')
    broken = [{"rule": f"trades.{half}", "severity": "critical", "rows": 3}]
    earlier = {"run_date": f"{TODAY - timedelta(days=1)}", "started": f"{TODAY - timedelta(days=1)}T05:00:00+00:00"}
    lines = [
        make_line(rows_published=10**18, broken=broken, contracts={half: half}),
        make_line(run_id="jr_0", **earlier),
    ]
    rules = [_rule_line(line, observed=text) for line, text in zip(lines, ("1e308", "-1e308"), strict=True)]
    rules.append(_rule_line(lines[0], rule=f"trades.{half}", state="broken", rows_broken=3))
    built, site = build_with(tmp_path, lines, rules=rules)
    assert built.unreadable == []
    assert "trades.?" in Html(site / "rules.html").text()


def test_a_run_with_rows_beyond_measure_is_named_and_left_out(tmp_path: Path) -> None:
    built, site = build_with(tmp_path, [make_line(), make_line(run_id="jr_2", rows_published=10**400)])
    assert built.unreadable == [f"{tmp_path}/assets/results/runs/dataset=trades/: rows of jr_2 beyond 64 bits"]
    assert "published, 10 rows" in Html(site / "trades/index.html").text("days")


def test_a_single_bad_day_is_not_told_to_be_good(tmp_path: Path) -> None:
    broken = [{"rule": "trades.region.known", "severity": "critical", "rows": 3}]
    _, site = build_with(tmp_path, [make_line(broken=broken, rows_quarantined=2)])
    trends = Html(site / "trades/index.html").text("trends")
    assert "Rows set aside: drawn from the second day on." in trends
    assert "Broken rules, by week: drawn from the second week on." in trends
    assert "No r" not in trends


def test_a_cost_that_nobody_knows_is_not_nothing(tmp_path: Path) -> None:
    _, site = build_with(tmp_path, [make_line(dpu_seconds=None)])
    costs = Html(site / "trades/index.html").text("cost")
    assert "not known in the last 30 days, 1 run." in costs
    assert "$" not in costs
    assert "not known" in Html(site / "index.html").text()


def test_three_hundred_datasets_are_listed_each_once(tmp_path: Path) -> None:
    names = [f"d{number}" for number in range(300)]
    for name in names:
        write_lines(tmp_path / "assets", "runs", name, [make_line(dataset=name)], TODAY)
    pairs = {name: make_contracts(name) for name in names[:3]}  # test_limits.py has contracts of all
    built = build_site(pairs, tmp_path / "site", [open_place(str(tmp_path / "assets"))], root=tmp_path, now=NOW)
    assert (len(built.standings), len(built.retired)) == (3, 297)
    links = [link for link in Html(tmp_path / "site/index.html").links if link.endswith("/index.html")]
    assert sorted(links) == sorted(f"{name}/index.html" for name in names)


def test_the_command_reads_a_folder_and_names_what_is_retired_or_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lines(tmp_path / "assets", "runs", "gone", [make_line(dataset="gone")], TODAY)
    odd = tmp_path / f"assets/results/runs/dataset=gone/day={TODAY}/odd.jsonl"
    odd.write_text("{")
    code = main(["docs", "--results", str(tmp_path / "assets"), "--out", str(tmp_path / "site")])
    output = capsys.readouterr()
    assert code == 0
    assert "gone  retired: results and no contract, " in output.out
    assert f"left out {tmp_path}/assets/results/runs/dataset=gone/day={TODAY}/odd.jsonl: it is not JSON" in output.err
