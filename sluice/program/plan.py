"""`python -m sandbox.plan STACK`: what a stack declares, without account, CLI or cloud."""

import json
import logging
import sys
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from components.settings.boundary import warning
from etl.wording import clean, counted
from sluice.console import Parser, complain, ending, terminal
from sluice.program.bill.bill import PRICES, bill
from sluice.program.comparison import differences
from sluice.program.graph import STACKS, Graph, Node, run
from sluice.program.policies import POLICIES, broken
from sluice.program.policies.policy import inside

SHOWN = {
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


def plan(graph: Graph, other: Graph | None = None) -> dict[str, Any]:
    """Return the plan as plain data: tree, outputs, policies, monthly bill and what differs from another stack."""
    prices = json.loads(PRICES.read_text(encoding="utf-8"))
    lines = bill(graph)
    planned: dict[str, Any] = {
        "stack": graph.stack,
        "resources": sum(node.custom for node in graph.nodes.values()),
        "tree": branches(graph, {node.urn for node in graph.nodes.values()}, None),
        "outputs": graph.outputs,
        "policies": {"held": len(POLICIES) - len(broken(graph)), "broken": broken(graph)},
        "warnings": [*graph.warnings, *unbounded(graph)],
        "bill": {
            "currency": prices["currency"],
            "region": prices["region"],
            "prices_of": prices["date"],
            "assumed": {name: one["value"] for name, one in prices["assumed"].items()},
            "lines": [asdict(line) | {"usd": round(line.usd, 2)} for line in lines],
            "month": round(sum(line.usd for line in lines), 2),
        },
    }
    if other:
        planned["differs"] = {"from": other.stack, "values": [asdict(one) for one in differences(graph, other)]}
    return planned


def unbounded(graph: Graph) -> list[str]:
    """What is to be said of a stack without a boundary; nothing of the emulator's, which no GitHub deploys."""
    told = warning(graph.config["sluice:boundary"])
    return [told] if told and "aws:endpoints" not in graph.config else []


def branches(graph: Graph, known: set[str], parent: str | None) -> list[dict[str, Any]]:
    """Return the resources below a parent, which is the stack itself where it is None, in the order of their names."""
    below = [node for node in graph.nodes.values() if (node.parent if node.parent in known else None) == parent]
    return [
        {"name": node.name, "type": node.type, "settings": settings(node), "below": branches(graph, known, node.urn)}
        for node in sorted(below, key=lambda node: (node.custom, node.name))
    ]


def settings(node: Node) -> dict[str, Any]:
    shown = SHOWN.get(node.type.rpartition(":")[2], ())
    options = {"protect": node.protect, "retain_on_delete": node.retain}
    found = {path: at(node.inputs, path) for path in shown if node.custom}
    chosen = {path.rpartition(".")[2]: value for path, value in found.items() if value is not None}
    return chosen | {key: value for key, value in options.items() if value}


def at(inputs: dict[str, Any], path: str) -> Any:
    return inside(inputs, *(int(step) if step.isdigit() else step for step in path.split(".")))


def show(planned: dict[str, Any], console: Console) -> None:
    """Print the plan for a person."""
    tree = Tree(f"[bold]{planned['stack']}[/bold]: {counted(planned['resources'], 'resource')}")
    grow(tree, planned["tree"])
    console.print(tree)
    if "differs" in planned:
        console.print(compared(planned))
    console.print(priced(planned["bill"]))
    faults = planned["policies"]["broken"]
    console.print(f"policies: {planned['policies']['held']} hold, {len(faults)} are broken")
    for rule, lines in faults.items():
        console.print(f"  [red]{rule}[/red]: {'; '.join(lines)}", highlight=False)
    for line in planned["warnings"]:
        console.print(f"[yellow]warning[/yellow]: {escape(line)}", highlight=False)


def grow(tree: Tree, nodes: list[dict[str, Any]]) -> None:
    for node in nodes:
        told = ", ".join(f"{key} {brief(value)}" for key, value in node["settings"].items())
        kind = node["type"].rpartition(":")[2]
        grow(tree.add(f"{node['name']} [dim]{kind}[/dim] {told}", highlight=False), node["below"])


def brief(value: Any) -> str:
    text = f"{value:g}" if isinstance(value, float) else value if isinstance(value, str) else json.dumps(value)
    text = clean(text)
    return escape(text if len(text) <= 60 else f"{text[:57]}...")


def compared(planned: dict[str, Any]) -> Table:
    there = planned["differs"]["from"]
    table = Table(
        "resource", "setting", planned["stack"], there, title=f"what differs from {there}", title_justify="left"
    )
    for one in planned["differs"]["values"]:
        table.add_row(one["resource"], escape(one["path"]), brief(one["here"]), brief(one["there"]))
    return table


def priced(bill: dict[str, Any]) -> Table:
    title = f"a month in {bill['currency']}, prices of {bill['prices_of']} in {bill['region']}"
    table = Table("for", "counted", "a month", title=title, title_justify="left", show_footer=True)
    table.columns[1].footer, table.columns[2].footer = "about", f"{bill['month']:.2f}"
    table.columns[2].justify = "right"
    for line in bill["lines"]:
        table.add_row(line["what"], line["counted"], f"{line['usd']:.2f}")
    return table


def main(argv: list[str]) -> int:
    """Plan; exit code 0, or 1 where a policy is broken or the program refuses, 2 for wrong use."""
    parser = Parser(prog="sandbox.plan", description=__doc__)
    parser.add_argument("stack", choices=STACKS, metavar="STACK", help=", ".join(STACKS))
    parser.add_argument("--diff", choices=STACKS, metavar="STACK", help="say what differs from this stack")
    parser.add_argument("--json", action="store_true", help="one object instead of text")
    wanted = parser.parse_args(argv)
    logging.disable(logging.WARNING)  # a plan has its warnings at its end
    try:
        planned = plan(run(wanted.stack, preview=True), run(wanted.diff, preview=True) if wanted.diff else None)
    except Exception as fault:
        complain(f"{wanted.stack} cannot be planned: {fault}", lines=True)
        return 1
    if wanted.json:
        print(json.dumps(planned))
    else:
        show(planned, terminal(width=None if sys.stdout.isatty() else 160))
    return 1 if planned["policies"]["broken"] else 0


if __name__ == "__main__":
    sys.exit(ending("sandbox.plan", lambda: main(sys.argv[1:])))
