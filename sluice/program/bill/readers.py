"""What asking the tables costs in a month: Athena by what it scans, Redshift by what it computes and keeps."""

from collections.abc import Iterator, Mapping

from sluice.program.graph import Graph, Node

LIMIT = "aws:redshiftserverless/usageLimit:UsageLimit"
WAREHOUSE, NAMESPACE = "aws:redshiftserverless/workgroup:Workgroup", "aws:redshiftserverless/namespace:Namespace"
DAYS = 30


def lines(graph: Graph, usd: Mapping[str, float], assumed: Mapping[str, float]) -> Iterator[tuple[str, str, float]]:
    """Yield what for, how it is counted, and dollars a month; nothing of Redshift where there is none."""
    asked = assumed["queries_per_month"]
    scanned = asked * assumed["gb_per_query"] / 1000
    yield "athena", f"{asked:.0f} queries, {scanned:.2f} TB scanned", scanned * usd["athena_tb"]
    limits = sum(node.inputs["amount"] for node in _every(graph, LIMIT)) * DAYS
    for node in _every(graph, WAREHOUSE):
        used = min(node.inputs["baseCapacity"] * assumed["redshift_hours_per_day"] * DAYS, limits)
        most = limits * usd["redshift_rpu_hour"]
        told = f"{used:.0f} RPU-hours, at most {limits:.0f} for {most:.2f}"
        yield "redshift: compute", told, used * usd["redshift_rpu_hour"]
    for _ in _every(graph, NAMESPACE):
        kept = assumed["redshift_gb"]
        yield "redshift: storage", f"{kept:.0f} GB", kept * usd["redshift_gb_month"]
        yield "redshift: secret", "1 secret", usd["secret_month"]


def _every(graph: Graph, kind: str) -> list[Node]:
    return [node for node in graph.nodes.values() if node.type == kind]
