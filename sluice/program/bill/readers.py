"""What asking the tables costs in a month: Athena by what it scans, Redshift by what it computes and keeps."""

from collections.abc import Iterator, Mapping

from sluice.program.graph import Graph, Node

USAGE_LIMIT = "aws:redshiftserverless/usageLimit:UsageLimit"
WAREHOUSE, NAMESPACE = "aws:redshiftserverless/workgroup:Workgroup", "aws:redshiftserverless/namespace:Namespace"
DAYS_PER_MONTH = 30


def reader_cost_lines(
    graph: Graph, usd: Mapping[str, float], assumed: Mapping[str, float]
) -> Iterator[tuple[str, str, float]]:
    """Yield what for, how it is counted, and dollars a month; nothing of Redshift where there is none."""
    query_count = assumed["queries_per_month"]
    scanned_tb = query_count * assumed["gb_per_query"] / 1000
    yield "athena", f"{query_count:.0f} queries, {scanned_tb:.2f} TB scanned", scanned_tb * usd["athena_tb"]
    rpu_hour_limit = sum(node.inputs["amount"] for node in _nodes_of_type(graph, USAGE_LIMIT)) * DAYS_PER_MONTH
    for node in _nodes_of_type(graph, WAREHOUSE):
        rpu_hours = min(
            node.inputs["baseCapacity"] * assumed["redshift_hours_per_day"] * DAYS_PER_MONTH, rpu_hour_limit
        )
        highest_cost = rpu_hour_limit * usd["redshift_rpu_hour"]
        usage_text = f"{rpu_hours:.0f} RPU-hours, at most {rpu_hour_limit:.0f} for {highest_cost:.2f}"
        yield "redshift: compute", usage_text, rpu_hours * usd["redshift_rpu_hour"]
    for _ in _nodes_of_type(graph, NAMESPACE):
        stored_gb = assumed["redshift_gb"]
        yield "redshift: storage", f"{stored_gb:.0f} GB", stored_gb * usd["redshift_gb_month"]
        yield "redshift: secret", "1 secret", usd["secret_month"]


def _nodes_of_type(graph: Graph, kind: str) -> list[Node]:
    return [node for node in graph.nodes.values() if node.type == kind]
