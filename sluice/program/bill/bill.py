"""What a stack costs in a month, from the graph and one file of prices and assumptions."""

import json
from dataclasses import dataclass
from typing import Any

from sluice.program.bill.flow import flow_cost_lines as flow_lines
from sluice.program.bill.flow import runs_by_start, starts_per_month
from sluice.program.bill.price_list import PRICES
from sluice.program.bill.readers import reader_cost_lines as reader_lines
from sluice.program.graph import Graph, Node

HOURS_PER_MONTH = 730
JOB, TRIGGER, CRAWLER = "aws:glue/job:Job", "aws:glue/trigger:Trigger", "aws:glue/crawler:Crawler"
ALARM, DASHBOARD = "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/dashboard:Dashboard"
KEY = "aws:kms/key:Key"


@dataclass(frozen=True)
class BillLine:
    """One line of the bill: what it is for, how it is counted, dollars a month."""

    what: str
    counted: str
    usd: float


def monthly_bill(graph: Graph) -> list[BillLine]:
    """Return the lines of the bill; jobs that nothing active starts cost nothing but their storage.

    What a dataset stores is on its publishing job's account, the snapshots that its maintenance keeps included.
    """
    price_file = json.loads(PRICES.read_text(encoding="utf-8"))
    usd = {name: price["usd"] for name, price in price_file["prices"].items()}
    assumed = {name: assumption["value"] for name, assumption in price_file["assumed"].items()}
    active_triggers = [node.inputs for node in graph.nodes_of_type(TRIGGER) if node.inputs["enabled"]]
    maintenance_runs = {
        trigger["actions"][0]["jobName"]: starts_per_month(trigger["schedule"]) for trigger in active_triggers
    }
    runs = runs_by_start(graph, assumed)
    lines = []
    for job in graph.nodes_of_type(JOB):
        dataset = job.inputs["defaultArguments"].get("--dataset")
        runs_per_month = runs.get(dataset, 0.0) if dataset else maintenance_runs.get(job.inputs["name"], 0.0)
        lines += job_lines(job, runs_per_month, price_file["dpu"], usd, assumed)
    lines += [BillLine(*line) for line in (*flow_lines(graph, usd, assumed), *reader_lines(graph, usd, assumed))]
    crawls = sum(
        starts_per_month(node.inputs["schedule"]) for node in graph.nodes_of_type(CRAWLER) if "schedule" in node.inputs
    )
    hours = crawls * assumed["crawl_dpu"] * assumed["crawl_minutes"] / 60
    lines.append(BillLine("crawlers", f"{crawls:.0f} crawls", hours * usd["crawler_dpu_hour"]))
    for purpose, kind, price in (
        ("alarms", ALARM, "alarm_month"),
        ("dashboard", DASHBOARD, "dashboard_month"),
        ("key", KEY, "kms_key_month"),
    ):
        count = len(graph.nodes_of_type(kind))
        lines.append(BillLine(purpose, f"{count} at ${usd[price]:.2f}", count * usd[price]))
    return lines


def job_lines(
    job: Node, runs: float, dpu: dict[str, int], usd: dict[str, float], assumed: dict[str, Any]
) -> list[BillLine]:
    """Return what a job's runs cost in a month: its DPU-hours, and the requests that it makes."""
    inputs = job.inputs
    dpus = inputs["numberOfWorkers"] * dpu[inputs["workerType"]]
    publishes = "--dataset" in inputs["defaultArguments"]
    hours = runs * dpus * assumed["run_minutes" if publishes else "maintenance_minutes"] / 60
    writes = runs * assumed["writes_per_run"]
    stored_gb = assumed["stored_gb_per_dataset"] if publishes else 0
    storage_text = f"{stored_gb} GB, {writes:.0f} writes"
    metric_months = assumed["metrics_per_run"] * min(runs, HOURS_PER_MONTH) / HOURS_PER_MONTH
    log_gb = runs * assumed["log_gb_per_run"]
    name = inputs["name"]
    return [
        BillLine(f"{name}: runs", f"{runs:.0f} runs, {hours:.1f} DPU-hours", hours * usd["glue_dpu_hour"]),
        BillLine(
            f"{name}: storage", storage_text, stored_gb * usd["s3_gb_month"] + writes / 1000 * usd["s3_thousand_writes"]
        ),
        BillLine(f"{name}: metrics", f"{metric_months:.1f} metric months", metric_months * usd["metric_month"]),
        BillLine(f"{name}: logs", f"{log_gb:.1f} GB", log_gb * usd["logs_gb"]),
    ]
