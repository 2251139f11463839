"""What every stack must hold to before it is deployed: plain predicates over the graph, each with its source.

Hides how a predicate finds its resources.
"""

from sluice.program.graph import Graph
from sluice.program.policies import (  # noqa: F401  they register
    alarms,
    buckets,
    channels,
    code,
    conditions,
    flow,
    identity,
    keeping,
    naming,
    publishing,
    queue,
    readers,
    watch,
)
from sluice.program.policies.policy import POLICIES, Policy

__all__ = ["POLICIES", "Policy", "broken_policies", "keeping", "policy"]


def broken_policies(graph: Graph) -> dict[str, list[str]]:
    """Return what breaks each policy that does not hold, by its id."""
    faults_by_policy = {policy.id: list(policy.find_faults(graph)) for policy in POLICIES}
    return {rule: faults for rule, faults in faults_by_policy.items() if faults}
