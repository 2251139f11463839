"""No pattern in a document of one stack matches a name of another, and names for which one would are refused."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from components.names import name_faults
from components.settings import stack_settings
from sluice.program import graph as graphs_of
from sluice.program.deployer.boundary import boundary_policy
from sluice.program.deployer.policies import deploy_policies, preview_policies
from sluice.program.deployer.trust import role_arn
from sluice.program.graph import Graph, run_program, stack_config
from sluice.program.iam.patterns import matches_pattern
from sluice.program.resource_types import step_requests
from tests.program.deployment import ALL_OPTIONS, STATE_BUCKET, make_names, make_target, merged_policy

Pair = tuple[str, str]
FOUR_STACKS: list[Pair] = [("sluice", "dev"), ("sluice", "dev-eu"), ("sluice-dev", "eu"), ("sluice", "deploy")]
ALLOWED: list[Pair] = [("sluice", "dev"), ("sluice", "deveu"), ("sluicedev", "eu")]
"""As near to one another as names that are taken can be."""
TRADES = {"sluice:datasets": '{"trades": {}}', "sluice:redshift_datasets": '["trades"]'}
DOCUMENTS = {"policy", "assumeRolePolicy"}


@pytest.fixture(scope="module")
def stacks() -> Iterator[dict[Pair, Graph]]:
    """The program as stacks that are taken, with every option, and as one that would be refused."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graphs_of, "stack_config", lambda *_: stack_config("dev"))
        patch.setattr(stack_settings, "stack_takes", lambda _: "")
        yield {
            (prefix, stack): run_program(
                stack, changed={"sluice:prefix": prefix, "aws:defaultTags": stack_tags(stack), **ALL_OPTIONS, **TRADES}
            )
            for prefix, stack in [*ALLOWED, ("sluice", "dev-eu"), ("sluice", "deploy")]
        }


def stack_tags(stack: str) -> str:
    return json.dumps({"tags": {"project": "sluice", "stack": stack}})


def resource_patterns(graph: Graph) -> set[str]:
    """Every ARN, or pattern of one, in the documents of a stack and of those who deploy it."""
    prefix = graph.config["sluice:prefix"]
    deployed = make_target(graph.stack, prefix, redshift=True, destroyable=True)
    declared = [json.loads(node.inputs[key]) for node in graph.nodes.values() for key in DOCUMENTS & set(node.inputs)]
    described = [
        preview_policies(deployed),
        deploy_policies(deployed),
        boundary_policy(make_names(graph.stack, prefix)),
    ]
    return {text for document in [*declared, *map(merged_policy, described)] for text in arns_in(document)}


def arns_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from arns_in(item)
    if isinstance(value, str) and value.startswith("arn:"):
        yield value


def stack_resources(graph: Graph) -> set[str]:
    """The ARNs of what a stack is: all that its deployment touches by its name, its state, and who deploys it."""
    stack_names = make_names(graph.stack, graph.config["sluice:prefix"])
    touched = {ask.resource for ask in step_requests(graph, "make", "read", "change", "remove")}
    state = stack_names.s3_arn(f"{STATE_BUCKET}/{stack_names.stack}/.pulumi/stacks/sluice/{stack_names.stack}.json")
    named = {arn for arn in touched if stack_names.resource_name() in arn or stack_names.database in arn}
    return {*named, state, stack_names.boundary_arn, role_arn(stack_names, "deploy"), role_arn(stack_names, "preview")}


def reached_resources(stack: Graph, other_stack: Graph) -> set[str]:
    written = resource_patterns(stack)
    return {arn for arn in stack_resources(other_stack) if any(matches_pattern(pattern, arn) for pattern in written)}


@pytest.mark.parametrize(("stack", "other"), list(itertools.permutations(ALLOWED, 2)))
def test_no_pattern_of_one_stack_matches_a_name_of_another(stacks: dict[Pair, Graph], stack: Pair, other: Pair) -> None:
    assert len(stack_resources(stacks[other])) > 70
    assert reached_resources(stacks[stack], stacks[other]) == set()


def test_the_patterns_of_a_stack_match_its_own_names(stacks: dict[Pair, Graph]) -> None:
    for stack in stacks.values():
        stack_names = make_names(stack.stack, stack.config["sluice:prefix"])
        assert stack_resources(stack) - reached_resources(stack, stack) <= {
            role_arn(stack_names, "deploy"),
            role_arn(stack_names, "preview"),
        }


@pytest.mark.parametrize(("prefix", "stack"), FOUR_STACKS)
def test_of_four_names_that_would_meet_one_is_taken(prefix: str, stack: str) -> None:
    assert bool(name_faults(prefix, stack)) == ((prefix, stack) != ("sluice", "dev"))


def test_names_that_are_refused_would_have_been_reached(stacks: dict[Pair, Graph]) -> None:
    assert any(
        ":role/sluice-dev-eu-trades-job" in arn
        for arn in reached_resources(stacks["sluice", "dev"], stacks["sluice", "dev-eu"])
    )
    deploying = role_arn(make_names("dev"), "deploy")
    assert deploying in reached_resources(stacks["sluice", "deploy"], stacks["sluice", "dev"])
