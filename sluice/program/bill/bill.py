"""What a stack costs in a month, from the graph and one file of prices and assumptions."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluice.program.bill.flow import lines as flow_lines
from sluice.program.bill.flow import runs_by_start, times_a_month
from sluice.program.bill.readers import lines as reader_lines
from sluice.program.graph import Graph, Node

PRICES = Path(__file__).with_name("prices.json")
HOURS = 730
JOB, TRIGGER, CRAWLER = "aws:glue/job:Job", "aws:glue/trigger:Trigger", "aws:glue/crawler:Crawler"
ALARM, DASHBOARD = "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/dashboard:Dashboard"
KEY = "aws:kms/key:Key"


@dataclass(frozen=True)
class Line:
    """One line of the bill: what it is for, how it is counted, dollars a month."""

    what: str
    counted: str
    usd: float


def bill(graph: Graph) -> list[Line]:
    """Return the lines of the bill; jobs that nothing active starts cost nothing but their storage.

    What a dataset stores is on its publishing job's account, the snapshots that its maintenance keeps included.
    """
    said = json.loads(PRICES.read_text(encoding="utf-8"))
    usd = {name: price["usd"] for name, price in said["prices"].items()}
    assumed = {name: one["value"] for name, one in said["assumed"].items()}
    active = [node.inputs for node in graph.of(TRIGGER) if node.inputs["enabled"]]
    maintained = {trigger["actions"][0]["jobName"]: times_a_month(trigger["schedule"]) for trigger in active}
    runs = runs_by_start(graph, assumed)
    lines = []
    for job in graph.of(JOB):
        dataset = job.inputs["defaultArguments"].get("--dataset")
        often = runs.get(dataset, 0.0) if dataset else maintained.get(job.inputs["name"], 0.0)
        lines += of_job(job, often, said["dpu"], usd, assumed)
    lines += [Line(*line) for line in (*flow_lines(graph, usd, assumed), *reader_lines(graph, usd, assumed))]
    crawls = sum(times_a_month(node.inputs["schedule"]) for node in graph.of(CRAWLER) if "schedule" in node.inputs)
    hours = crawls * assumed["crawl_dpu"] * assumed["crawl_minutes"] / 60
    lines.append(Line("crawlers", f"{crawls:.0f} crawls", hours * usd["crawler_dpu_hour"]))
    for what, kind, price in (
        ("alarms", ALARM, "alarm_month"),
        ("dashboard", DASHBOARD, "dashboard_month"),
        ("key", KEY, "kms_key_month"),
    ):
        count = len(graph.of(kind))
        lines.append(Line(what, f"{count} at ${usd[price]:.2f}", count * usd[price]))
    return lines


def of_job(job: Node, runs: float, dpu: dict[str, int], usd: dict[str, float], assumed: dict[str, Any]) -> list[Line]:
    inputs = job.inputs
    units = inputs["numberOfWorkers"] * dpu[inputs["workerType"]]
    publishes = "--dataset" in inputs["defaultArguments"]
    hours = runs * units * assumed["run_minutes" if publishes else "maintenance_minutes"] / 60
    writes = runs * assumed["writes_per_run"]
    stored = assumed["stored_gb_per_dataset"] if publishes else 0
    kept = f"{stored} GB, {writes:.0f} writes"
    put = assumed["metrics_per_run"] * min(runs, HOURS) / HOURS
    logged = runs * assumed["log_gb_per_run"]
    name = inputs["name"]
    return [
        Line(f"{name}: runs", f"{runs:.0f} runs, {hours:.1f} DPU-hours", hours * usd["glue_dpu_hour"]),
        Line(f"{name}: storage", kept, stored * usd["s3_gb_month"] + writes / 1000 * usd["s3_thousand_writes"]),
        Line(f"{name}: metrics", f"{put:.1f} metric months", put * usd["metric_month"]),
        Line(f"{name}: logs", f"{logged:.1f} GB", logged * usd["logs_gb"]),
    ]
