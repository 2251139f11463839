"""What a stack declares, as data and for a terminal, without account, CLI or cloud."""

import json
from dataclasses import asdict
from typing import Any

from rich.console import Console

from components.settings.boundary import missing_boundary_warning
from components.settings.project_name import option_key
from etl.wording import clean_text, count_noun
from sluice.console import print_parts
from sluice.program.bill.bill import JOB, monthly_bill
from sluice.program.bill.price_list import PRICES
from sluice.program.bill.run_cost import BYTES_PER_GB, run_cost
from sluice.program.comparison import find_differences
from sluice.program.empty_lake import NO_DATASET
from sluice.program.graph import Graph, Node
from sluice.program.policies import POLICIES, broken_policies
from sluice.program.policies.policy import nested_value
from sluice.program.secret_inputs import SECRET
from sluice.text_tables import print_cells

SHOWN_SETTINGS = {
    "Bucket": ("bucket", "forceDestroy"),
    "BucketLogging": ("targetBucket", "targetPrefix"),
    "BucketObjectv2": ("key",),
    "BucketServerSideEncryptionConfiguration": ("rules.0.applyServerSideEncryptionByDefault.sseAlgorithm",),
    "BucketVersioning": ("versioningConfiguration.status",),
    "Key": ("enableKeyRotation",),
    "Alias": ("name",),
    "CatalogDatabase": ("name",),
    "Crawler": ("name", "tablePrefix", "schedule"),
    "Role": ("name",),
    "Job": ("name", "glueVersion", "workerType", "numberOfWorkers", "timeout"),
    "Trigger": ("schedule", "enabled"),
    "Topic": ("name",),
    "TopicSubscription": ("protocol", "endpoint"),
    "SlackChannelConfiguration": ("configurationName",),
    "TeamsChannelConfiguration": ("configurationName",),
    "EventConnection": ("name", "authParameters"),
    "EventApiDestination": ("name", "invocationEndpoint"),
    "AlarmMuteRule": ("name", "expireDate"),
    "EventRule": ("name",),
    "MetricAlarm": ("metricName", "comparisonOperator", "threshold", "period", "evaluationPeriods", "actionsEnabled"),
    "LogGroup": ("name", "retentionInDays"),
    "Dashboard": ("dashboardName",),
    "StateMachine": ("name",),
    "Schedule": ("name", "scheduleExpression", "state"),
    "Queue": ("name", "messageRetentionSeconds"),
    "Workgroup": ("name", "workgroupName", "configuration.bytesScannedCutoffPerQuery", "baseCapacity"),
    "NamedQuery": ("name",),
    "CatalogTable": ("name",),
    "Namespace": ("namespaceName", "dbName"),
    "UsageLimit": ("amount", "period", "breachAction"),
}
"""The settings that matter, by the last part of a resource's type; a path goes into nested ones."""

RUN_SIZES = (0.001, 1, 100)
"""GB of CSV that a run reads."""


def plan_stack(graph: Graph, other_graph: Graph | None = None) -> dict[str, Any]:
    """Return the plan as plain data: tree, outputs, policies, monthly bill and what differs from another stack."""
    prices = json.loads(PRICES.read_text(encoding="utf-8"))
    lines = monthly_bill(graph)
    planned: dict[str, Any] = {
        "stack": graph.stack,
        "resources": sum(node.custom for node in graph.nodes.values()),
        "tree": resource_tree(graph, {node.urn for node in graph.nodes.values()}, None),
        "outputs": graph.outputs,
        "policies": {"held": len(POLICIES) - len(broken_policies(graph)), "broken": broken_policies(graph)},
        "warnings": [*graph.warnings, *boundary_warnings(graph)],
        "bill": {
            "currency": prices["currency"],
            "region": prices["region"],
            "prices_of": prices["date"],
            "assumed": {name: assumption["value"] for name, assumption in prices["assumed"].items()},
            "lines": [asdict(line) | {"usd": round(line.usd, 2)} for line in lines],
            "month": round(sum(line.usd for line in lines), 2),
            "runs": plan_runs(graph),
        },
    }
    if other_graph:
        planned["differs"] = {
            "from": other_graph.stack,
            "values": [asdict(difference) for difference in find_differences(graph, other_graph)],
        }
    return planned


def plan_runs(graph: Graph) -> list[dict[str, Any]]:
    """Return what one run of each publishing job costs, as far as it can be reckoned, by GB of CSV that it reads."""
    return [
        {
            "job": job.inputs["name"],
            "gb": gb,
            "seconds": round(cost.seconds),
            "usd": round(cost.usd, 3),
        }
        for job in graph.nodes_of_type(JOB)
        if "--dataset" in job.inputs["defaultArguments"]
        for gb in RUN_SIZES
        for cost in (run_cost(gb * BYTES_PER_GB, job.inputs["workerType"], job.inputs["numberOfWorkers"]),)
    ]


def empty_plan(stack: str) -> dict[str, Any]:
    """Return the plan of a stack of a lake without datasets, which declares nothing."""
    policies = {"held": 0, "broken": {}}
    return {"stack": stack, "resources": 0, "tree": [], "outputs": {}, "policies": policies, "warnings": [NO_DATASET]}


def boundary_warnings(graph: Graph) -> list[str]:
    """What is to be said of a stack without a boundary; nothing of the emulator's, which no GitHub deploys."""
    warning_text = missing_boundary_warning(graph.config[option_key("boundary")])
    return [warning_text] if warning_text and "aws:endpoints" not in graph.config else []


def resource_tree(graph: Graph, urns: set[str], parent: str | None) -> list[dict[str, Any]]:
    """Return the resources below a parent, which is the stack itself where it is None, in the order of their names."""
    children = [node for node in graph.nodes.values() if (node.parent if node.parent in urns else None) == parent]
    return [
        {
            "name": node.name,
            "type": node.type,
            "settings": resource_settings(node),
            "below": resource_tree(graph, urns, node.urn),
        }
        for node in sorted(children, key=lambda node: (node.custom, node.name))
    ]


def resource_settings(node: Node) -> dict[str, Any]:
    """Return the settings of a resource that the plan shows, by name."""
    shown_paths = SHOWN_SETTINGS.get(node.type.rpartition(":")[2], ())
    options = {"protect": node.protect, "retain_on_delete": node.retain}
    values = {path: shown_value(node, path) for path in shown_paths if node.custom}
    chosen = {path.rpartition(".")[2]: value for path, value in values.items() if value is not None}
    return chosen | {key: value for key, value in options.items() if value}


def shown_value(node: Node, path: str) -> Any:
    """Return the value at a path of a resource's inputs; of one that is a secret, or holds one, only that it is."""
    return SECRET if path.partition(".")[0] in node.secret else value_at_path(node.inputs, path)


def value_at_path(inputs: dict[str, Any], path: str) -> Any:
    """Return the value at a dotted path of inputs; None where there is none."""
    return nested_value(inputs, *(int(step) if step.isdigit() else step for step in path.split(".")))


def print_plan(planned: dict[str, Any], console: Console) -> None:
    """Print the plan for a person."""
    print_parts(console, (planned["stack"], "bold"), f": {count_noun(planned['resources'], 'resource')}")
    print_branches(console, planned["tree"])
    if "differs" in planned:
        print_difference(console, planned)
    print_bill(console, planned["bill"])
    faults = planned["policies"]["broken"]
    print_parts(console, f"policies: {planned['policies']['held']} hold, {len(faults)} are broken")
    for rule, lines in faults.items():
        print_parts(console, "  ", (rule, "red"), f": {'; '.join(lines)}")
    for warning in planned["warnings"]:
        first, *others = warning.split("\n")
        print_parts(console, ("warning", "yellow"), f": {first}")
        for line in others:
            print_parts(console, line)


def print_branches(console: Console, nodes: list[dict[str, Any]], guide: str = "") -> None:
    """Print resources and those below them as a tree; `guide` are the lines of the branches above."""
    for position, node in enumerate(nodes):
        is_last = position == len(nodes) - 1
        settings_text = ", ".join(f"{key} {short_text(value)}" for key, value in node["settings"].items())
        kind = node["type"].rpartition(":")[2]
        settings = f" {settings_text}" if settings_text else ""
        head = f"{guide}{'└── ' if is_last else '├── '}"
        print_parts(console, f"{head}{node['name']} ", (kind, "dim"), settings, hang=len(head) + 2)
        print_branches(console, node["below"], f"{guide}{'    ' if is_last else '│   '}")


def short_text(value: Any) -> str:
    """Return a value as a text of at most 60 characters."""
    text = f"{value:g}" if isinstance(value, float) else value if isinstance(value, str) else json.dumps(value)
    text = clean_text(text)
    return text if len(text) <= 60 else f"{text[:57]}..."


def print_difference(console: Console, planned: dict[str, Any]) -> None:
    """Print the settings that differ from another stack's."""
    other_stack = planned["differs"]["from"]
    print_parts(console, (f"what differs from {other_stack}", "italic"))
    rows = [
        [difference["resource"], difference["path"], short_text(difference["here"]), short_text(difference["there"])]
        for difference in planned["differs"]["values"]
    ]
    print_cells(["resource", "setting", planned["stack"], other_stack], rows, console)


def print_bill(console: Console, bill: dict[str, Any]) -> None:
    """Print what a month costs."""
    print_parts(
        console, (f"a month in {bill['currency']}, prices of {bill['prices_of']} in {bill['region']}", "italic")
    )
    rows = [[line["what"], line["counted"], f"{line['usd']:>8.2f}"] for line in bill["lines"]]
    print_cells(["for", "counted", " a month"], [*rows, ["", "about", f"{bill['month']:>8.2f}"]], console)
    runs = [[run["job"], f"{run['gb']:g} GB", f"{run['seconds']} s", f"{run['usd']:>8.3f}"] for run in bill["runs"]]
    print_cells(["one run, as reckoned (docs/cost.md)", "reads", "billed", " a run"], runs, console)
