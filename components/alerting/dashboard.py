"""One page on how the data went through the gate, for any number of datasets.

Source of the limits: Amazon CloudWatch, CloudWatch service quotas, Dashboards; none of them can be raised. The body has no
documented limit (API reference, PutDashboard).
"""

import json
from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from components.alerting.dashboard_widgets import Page, Widget, plain_markdown, text_widget
from components.names import Names
from components.settings.stack_settings import Dataset, Settings
from etl.wording import count_noun

MOST_WIDGETS, MOST_METRICS, MOST_METRICS_OF_WIDGET = 500, 2500, 500
GRID_WIDTH = 24
HEAD_HEIGHT, LINE_HEIGHT, GRAPH_HEIGHT = 3, 1, 6
GRAPHS, OWN_METRICS = 4, 8
"""Graphs in a row, and metrics in those of one dataset."""
MOST_ROWS = (MOST_WIDGETS - 1) // (GRAPHS + 1) - 1
"""Datasets with graphs of their own: there is the head, and a row for all others."""
MOST_SHARED = min(MOST_METRICS_OF_WIDGET, (MOST_METRICS - MOST_ROWS * OWN_METRICS) // GRAPHS)
"""Datasets with a line in the graphs of that row."""
DAYS = 14
"""As many as a dataset's strip on the site's overview."""


class Dashboard(pulumi.ComponentResource):
    """A row of widgets for each dataset, from the metrics that every run puts and those of Glue."""

    def __init__(self, name: str, names: Names, stack: Settings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Dashboard", name, None, opts)
        page = Page(names, stack.options.site_url, stack.options.docs_url)
        aws.cloudwatch.Dashboard(
            f"{name}-page",
            dashboard_name=names.resource_name(),
            dashboard_body=json.dumps(page_body(page, stack.datasets), separators=(",", ":")),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.register_outputs({})


def page_body(page: Page, datasets: Sequence[Dataset]) -> dict[str, Any]:
    """Return the dashboard's body; datasets beyond CloudWatch's limits share a row, and the rest is counted in words."""
    rows, shared, left_out = split_datasets(datasets)
    widgets = [_place(text_widget(_head_words(page, len(datasets), len(left_out))), 0, 0, GRID_WIDTH, HEAD_HEIGHT)]
    texts_and_graphs = [(page.dataset_words(dataset), page.dataset_graphs(dataset)) for dataset in rows]
    if shared:
        text = f"**{count_noun(len(shared), 'more dataset')}** A line for each. A dashboard has no room for more rows."
        texts_and_graphs.append((text, page.shared_graphs(shared)))
    for number, (text, graphs) in enumerate(texts_and_graphs):
        widgets += _row(text, graphs, HEAD_HEIGHT + number * (LINE_HEIGHT + GRAPH_HEIGHT))
    return {"start": f"-P{DAYS}D", "periodOverride": "inherit", "widgets": widgets}


def split_datasets(
    datasets: Sequence[Dataset],
) -> tuple[Sequence[Dataset], Sequence[Dataset], Sequence[Dataset]]:
    """Return those with graphs of their own, those with a line in shared graphs, and those in no graph."""
    drawn = MOST_ROWS + MOST_SHARED
    return datasets[:MOST_ROWS], datasets[MOST_ROWS:drawn], datasets[drawn:]


def _head_words(page: Page, datasets: int, left_out: int) -> str:
    """Return what stands above all graphs, in Markdown."""
    stack = plain_markdown(page.names.resource_name())
    lead = f"{count_noun(datasets, 'dataset')} of {stack}, the last {DAYS} days, the largest value of each day (UTC)."
    missing = f" {count_noun(left_out, 'dataset')} in no graph: `sluice status` has all." if left_out else ""
    return f"# Datasets\n{lead}{missing}\n\n{page.site_words} {page.runbook_words}"


def _row(text: str, graphs: Sequence[Widget], y: int) -> list[Widget]:
    """Return a line of text and the graphs below it, from height `y` of the grid."""
    width = GRID_WIDTH // GRAPHS
    placed = [
        _place(graph, position * width, y + LINE_HEIGHT, width, GRAPH_HEIGHT) for position, graph in enumerate(graphs)
    ]
    return [_place(text_widget(text), 0, y, GRID_WIDTH, LINE_HEIGHT), *placed]


def _place(widget: Widget, x: int, y: int, width: int, height: int) -> Widget:
    return {"x": x, "y": y, "width": width, "height": height} | widget
