"""The policy on conditions: a document demands only keys that its caller sends."""

from collections.abc import Iterator

from sluice.program.condition_keys import document_faults, policy_documents
from sluice.program.graph import Graph
from sluice.program.policies.policy import register_policy


@register_policy(
    "condition.sourced",
    "every condition key of a document is one that its caller sends with that action, by a page of AWS",
    "AWS IAM, JSON policy elements: Condition; a key that a request lacks does not match. sluice/program/condition_keys.json",
)
def check_condition_keys(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `condition.sourced`."""
    for node in graph.nodes.values():
        for document in policy_documents(node.inputs):
            yield from (f"{node.name}: {fault}" for fault in document_faults(document))
