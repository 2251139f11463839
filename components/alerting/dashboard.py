"""One page on how the data went through the gate."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws

from components.names import Names
from components.settings.stack_settings import Dataset

DAY = 86400
ROW = 7
Widget = dict[str, Any]


class Dashboard(pulumi.ComponentResource):
    """A row of widgets for each dataset, from the metrics that every run puts and those of Glue."""

    def __init__(
        self, name: str, names: Names, datasets: tuple[Dataset, ...], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("sluice:lake:Dashboard", name, None, opts)
        shown = [widget for at, dataset in enumerate(datasets) for widget in row(names, dataset.name, at * ROW)]
        aws.cloudwatch.Dashboard(
            f"{name}-page",
            dashboard_name=names.of(),
            dashboard_body=json.dumps({"widgets": shown}),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.register_outputs({})


def row(names: Names, dataset: str, y: int) -> list[Widget]:
    """A dataset's widgets at height `y` of the dashboard's grid, which is 24 wide."""
    job = names.of(dataset)
    latest = f"s3://{names.bucket('assets')}/verdicts/{dataset}/latest.json"
    note = {"type": "text", "x": 0, "y": y, "width": 24, "height": 1}
    elapsed = ["Glue", "glue.driver.aggregate.elapsedTime", "JobName", job, "JobRunId", "ALL", "Type", "count"]
    graphs = {
        "Rows read, published, set aside": [own(job, f"Rows{what}") for what in ("Read", "Published", "Quarantined")],
        "Contract rules broken, in error, not evaluated": [
            own(job, metric) for metric in ("Violations", "RulesInError", "RulesNotEvaluated")
        ],
        "Duration of runs, in milliseconds": [elapsed],
        "Hours since the last publish": [own(job, "HoursSinceLastPublish")],
    }
    drawn = [graph(names, title, metrics) for title, metrics in graphs.items()]
    placed = [widget | {"x": 6 * at, "y": y + 1, "width": 6, "height": ROW - 1} for at, widget in enumerate(drawn)]
    return [note | {"properties": {"markdown": f"**{dataset}**, latest verdict: {latest}"}}, *placed]


def own(job: str, metric: str) -> list[str]:
    return ["Sluice", metric, "JobName", job]


def graph(names: Names, title: str, metrics: list[list[str]]) -> Widget:
    properties = {"title": title, "region": names.region, "metrics": metrics, "stat": "Maximum", "period": DAY}
    return {"type": "metric", "properties": properties | {"view": "timeSeries"}}
