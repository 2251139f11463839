"""One page on how the data went through the gate."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws

from components.names import Names
from components.settings.stack_settings import Dataset

DAY_SECONDS = 86400
ROW_HEIGHT = 7
Widget = dict[str, Any]


class Dashboard(pulumi.ComponentResource):
    """A row of widgets for each dataset, from the metrics that every run puts and those of Glue."""

    def __init__(
        self, name: str, names: Names, datasets: tuple[Dataset, ...], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("sluice:lake:Dashboard", name, None, opts)
        widgets = [
            widget
            for position, dataset in enumerate(datasets)
            for widget in dataset_widgets(names, dataset.name, position * ROW_HEIGHT)
        ]
        aws.cloudwatch.Dashboard(
            f"{name}-page",
            dashboard_name=names.resource_name(),
            dashboard_body=json.dumps({"widgets": widgets}),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.register_outputs({})


def dataset_widgets(names: Names, dataset: str, y: int) -> list[Widget]:
    """A dataset's widgets at height `y` of the dashboard's grid, which is 24 wide."""
    job = names.resource_name(dataset)
    latest = f"s3://{names.bucket('assets')}/verdicts/{dataset}/latest.json"
    note = {"type": "text", "x": 0, "y": y, "width": 24, "height": 1}
    elapsed = ["Glue", "glue.driver.aggregate.elapsedTime", "JobName", job, "JobRunId", "ALL", "Type", "count"]
    graphs = {
        "Rows read, published, set aside": [
            sluice_metric(job, f"Rows{outcome}") for outcome in ("Read", "Published", "Quarantined")
        ],
        "Contract rules broken, in error, not evaluated": [
            sluice_metric(job, metric) for metric in ("Violations", "RulesInError", "RulesNotEvaluated")
        ],
        "Duration of runs, in milliseconds": [elapsed],
        "Hours since the last publish": [sluice_metric(job, "HoursSinceLastPublish")],
    }
    drawn = [graph_widget(names, title, metrics) for title, metrics in graphs.items()]
    placed = [
        widget | {"x": 6 * position, "y": y + 1, "width": 6, "height": ROW_HEIGHT - 1}
        for position, widget in enumerate(drawn)
    ]
    return [note | {"properties": {"markdown": f"**{dataset}**, latest verdict: {latest}"}}, *placed]


def sluice_metric(job: str, metric: str) -> list[str]:
    """Return a metric of a job as a dashboard names it."""
    return ["Sluice", metric, "JobName", job]


def graph_widget(names: Names, title: str, metrics: list[list[str]]) -> Widget:
    """Return a graph over time of the largest value of each day."""
    properties = {"title": title, "region": names.region, "metrics": metrics, "stat": "Maximum", "period": DAY_SECONDS}
    return {"type": "metric", "properties": properties | {"view": "timeSeries"}}
