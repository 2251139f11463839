"""One page on how the data went through the gate."""

import json
from typing import Any

import pulumi
import pulumi_aws as aws

from components.names import Names
from components.settings import Dataset

DAY = 86400
Widget = dict[str, Any]


class Dashboard(pulumi.ComponentResource):
    """A row of widgets for each dataset, from the metrics that every run puts."""

    def __init__(
        self, name: str, names: Names, datasets: tuple[Dataset, ...], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("sluice:lake:Dashboard", name, None, opts)
        rows = [widget for row, dataset in enumerate(datasets) for widget in widgets(names, dataset.name, row * 7)]
        aws.cloudwatch.Dashboard(
            f"{name}-dashboard", dashboard_name=names.of(), dashboard_body=json.dumps({"widgets": rows}),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )  # fmt: skip
        self.register_outputs({})


def widgets(names: Names, dataset: str, y: int) -> list[Widget]:
    job = names.of(dataset)
    latest = f"s3://{names.bucket('assets')}/verdicts/{dataset}/latest.json"
    note = {"type": "text", "x": 0, "y": y, "width": 24, "height": 1}
    elapsed = ["Glue", "glue.driver.aggregate.elapsedTime", "JobName", job, "JobRunId", "ALL", "Type", "count"]
    return [
        note | {"properties": {"markdown": f"**{dataset}**: the latest verdict is {latest}"}},
        graph(names, "Rows", 0, y, [put(job, m) for m in ("RowsRead", "RowsPublished", "RowsQuarantined")], "Sum"),
        graph(names, "Violations", 6, y, [put(job, "Violations")], "Sum"),
        graph(names, "Duration (ms)", 12, y, [elapsed], "Maximum"),
        graph(names, "Hours since the last publish", 18, y, [put(job, "HoursSinceLastPublish")], "Maximum"),
    ]


def put(job: str, metric: str) -> list[str]:
    return ["Sluice", metric, "JobName", job]


def graph(names: Names, title: str, x: int, y: int, metrics: list[list[str]], stat: str) -> Widget:
    shown = {"title": title, "region": names.region, "metrics": metrics, "stat": stat, "period": DAY, "view": "timeSeries"}
    return {"type": "metric", "x": x, "y": y + 1, "width": 6, "height": 6, "properties": shown}
