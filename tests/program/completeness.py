"""Which places do not know a type of resource that the program declares: one line a type, naming each of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from components.access.policy_documents import Document
from sluice.program.graph import Graph, Node
from sluice.program.iam import PermissionRequest, allowing_sids, as_list, matches_pattern
from sluice.program.policies import Policy
from sluice.program.resource_types import TYPES, Step, resource_requests
from sluice.program.resource_types.costs import Cost

STEPS: tuple[Step, ...] = ("make", "read", "change", "remove")
LOOKS = ("Get", "List", "Describe", "Validate")
BY_TESTS = {
    "aws:glue/catalogTable:CatalogTable": "tests/program/test_athena.py holds its columns and place",
    "aws:athena/namedQuery:NamedQuery": "tests/program/test_athena.py and test_queries_judged.py judge its SQL",
    "aws:redshiftdata/statement:Statement": "tests/program/test_redshift.py holds its SQL",
}
"""What no policy looks at, and what does."""
NOT_EMULATED = ("aws:redshiftserverless/", "aws:redshiftdata/")
"""How the types begin that the emulator does not have: tests/program/test_redshift.py is all that holds them here."""
BY_ROLES = {
    "glue:CreateTable": "a job makes its own tables, which its own policy names",
    "glue:UpdateTable": "a job moves its own tables to new metadata",
    "logs:CreateLogGroup": "Glue's agent asks for the group before it writes",
    "kms:Decrypt": "S3 decrypts for whoever reads",
    "kms:GenerateDataKey": "S3 encrypts for whoever writes",
}
"""Actions that change what is declared and that the boundary leaves to roles of the stack, and why."""


@dataclass(frozen=True)
class Places:
    """All that has to know a type: documents, tables by type, lines of the bill, policies, and a page."""

    deploying: Document
    boundary: Document
    walked: Callable[[str], bool]
    recipes: Mapping[str, object]
    costs: Mapping[str, Cost]
    bill: list[str]
    policies: list[Policy]
    page: str


def describe_gap(kind: str, graph: Graph, places: Places) -> str:
    """Return `type: what lacks it; ...` for a type that some place does not know, else nothing."""
    lacking = "; ".join(missing_places(kind, graph, places))
    return f"{kind}: {lacking}" if lacking else ""


def missing_places(kind: str, graph: Graph, places: Places) -> Iterator[str]:
    """Yield what lacks one type."""
    nodes = [node for node in graph.nodes.values() if node.type == kind]
    if kind not in TYPES:
        yield "no row in sluice/program/resource_types, so deploying role, boundary and deployer reach do not know it"
    else:
        asks = [ask for node in nodes for step in STEPS for ask in resource_requests(node, graph, step)]
        yield from _role_gaps({(ask.action, ask.resource): ask for ask in asks}.values(), places)
    if kind not in places.recipes and not kind.startswith(NOT_EMULATED):
        yield "no recipe in sluice/sandbox/recipes"
    if not _is_billed(places.costs.get(kind), places.bill):
        yield "not in the bill, and no reason in sluice/program/resource_types/costs.py"
    if not (kind in BY_TESTS or any(_notices_lost_inputs(policy, graph, kind) for policy in places.policies)):
        yield "no policy looks at it"
    if f"`{short_type_name(kind)}`" not in places.page:
        yield f"docs/security.md does not show `{short_type_name(kind)}`"


def _role_gaps(asks: Iterable[PermissionRequest], places: Places) -> Iterator[str]:
    denied = {ask.action for ask in asks if not allowing_sids(places.deploying, ask)}
    if denied:
        yield f"the deploying role may not {', '.join(sorted(denied))}"
    writes = [ask for ask in asks if not ask.action.split(":")[1].startswith(LOOKS)]
    allowed_writes = {ask.action for ask in writes if allowing_sids(places.boundary, ask)} - set(BY_ROLES)
    if allowed_writes:
        yield f"the boundary leaves {', '.join(sorted(allowed_writes))} to roles of the stack"
    unknown = {ask.resource for ask in asks if not places.walked(ask.resource)}
    if unknown:
        yield f"deployer reach does not know {', '.join(sorted(unknown))}"


def _is_billed(cost: Cost | None, bill: list[str]) -> bool:
    return cost is not None and (bool(cost.why) or any(line.endswith(cost.line) for line in bill))


def _notices_lost_inputs(policy: Policy, graph: Graph, kind: str) -> bool:
    """Whether a policy that holds notices that the resources of a type have lost all their inputs."""
    nodes: dict[str, Node] = {
        urn: replace(node, inputs={}) if node.type == kind else node for urn, node in graph.nodes.items()
    }
    return _breaks_policy(policy, Graph(graph.stack, graph.config, nodes, graph.outputs)) and not _breaks_policy(
        policy, graph
    )


def _breaks_policy(policy: Policy, graph: Graph) -> bool:
    try:
        return bool(list(policy.find_faults(graph)))
    except (LookupError, TypeError, ValueError, AttributeError):
        return True  # it missed an input


def unneeded_actions(documents: Iterable[Document]) -> set[str]:
    """Return the actions that documents allow and that no type of resource needs."""
    granted = {
        action
        for document in documents
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
    }
    needed = {
        action for row in TYPES.values() for step in STEPS for need in getattr(row, step) for action in need.actions
    }
    return {action for action in granted if not any(matches_pattern(action, needed_action) for needed_action in needed)}


def short_type_name(kind: str) -> str:
    """`aws:s3/bucket:Bucket` as the page has it, `s3.Bucket`."""
    return f"{kind.split(':')[1].split('/', maxsplit=1)[0]}.{kind.rpartition(':')[2]}"
