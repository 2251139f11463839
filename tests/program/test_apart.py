"""No pattern in a document of one stack matches a name of another, and names for which one would are refused."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

from components.names import refusals
from components.settings import stack_settings
from sluice.program import graph as graphs_of
from sluice.program.deployer.boundary import boundary
from sluice.program.deployer.policies import deploy, preview
from sluice.program.deployer.trust import role_arn
from sluice.program.graph import Graph, run, stack_config
from sluice.program.iam.patterns import matches
from sluice.program.resource_types import requests
from tests.program.deployment import ON, STATE_BUCKET, names, target, whole

Pair = tuple[str, str]
FOUR: list[Pair] = [("sluice", "dev"), ("sluice", "dev-eu"), ("sluice-dev", "eu"), ("sluice", "deploy")]
ALLOWED: list[Pair] = [("sluice", "dev"), ("sluice", "deveu"), ("sluicedev", "eu")]
"""As near to one another as names that are taken can be."""
DOCUMENTS = {"policy", "assumeRolePolicy"}


@pytest.fixture(scope="module")
def stacks() -> Iterator[dict[Pair, Graph]]:
    """The program as stacks that are taken, with every option, and as one that would be refused."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graphs_of, "stack_config", lambda *_: stack_config("dev"))
        patch.setattr(stack_settings, "stack_takes", lambda _: "")
        yield {
            (prefix, stack): run(stack, changed={"sluice:prefix": prefix, "aws:defaultTags": tags(stack), **ON})
            for prefix, stack in [*ALLOWED, ("sluice", "dev-eu"), ("sluice", "deploy")]
        }


def tags(stack: str) -> str:
    return json.dumps({"tags": {"project": "sluice", "stack": stack}})


def patterns(graph: Graph) -> set[str]:
    """Every ARN, or pattern of one, in the documents of a stack and of those who deploy it."""
    prefix = graph.config["sluice:prefix"]
    deployed = target(graph.stack, prefix, redshift=True, destroyable=True)
    declared = [json.loads(node.inputs[key]) for node in graph.nodes.values() for key in DOCUMENTS & set(node.inputs)]
    described = [preview(deployed), deploy(deployed), boundary(names(graph.stack, prefix))]
    return {text for document in [*declared, *map(whole, described)] for text in arns(document)}


def arns(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from arns(item)
    if isinstance(value, str) and value.startswith("arn:"):
        yield value


def things(graph: Graph) -> set[str]:
    """The ARNs of what a stack is: all that its deployment touches by its name, its state, and who deploys it."""
    own = names(graph.stack, graph.config["sluice:prefix"])
    touched = {ask.resource for ask in requests(graph, "make", "read", "change", "remove")}
    state = own.s3_arn(f"{STATE_BUCKET}/{own.stack}/.pulumi/stacks/sluice/{own.stack}.json")
    named = {arn for arn in touched if own.of() in arn or own.database in arn}
    return {*named, state, own.boundary_arn, role_arn(own, "deploy"), role_arn(own, "preview")}


def reached(stack: Graph, other: Graph) -> set[str]:
    written = patterns(stack)
    return {thing for thing in things(other) if any(matches(pattern, thing) for pattern in written)}


@pytest.mark.parametrize(("stack", "other"), list(itertools.permutations(ALLOWED, 2)))
def test_no_pattern_of_one_stack_matches_a_name_of_another(stacks: dict[Pair, Graph], stack: Pair, other: Pair) -> None:
    assert len(things(stacks[other])) > 100
    assert reached(stacks[stack], stacks[other]) == set()


def test_the_patterns_of_a_stack_match_its_own_names(stacks: dict[Pair, Graph]) -> None:
    for stack in stacks.values():
        own = names(stack.stack, stack.config["sluice:prefix"])
        assert things(stack) - reached(stack, stack) <= {role_arn(own, "deploy"), role_arn(own, "preview")}


@pytest.mark.parametrize(("prefix", "stack"), FOUR)
def test_of_four_names_that_would_meet_one_is_taken(prefix: str, stack: str) -> None:
    assert bool(refusals(prefix, stack)) == ((prefix, stack) != ("sluice", "dev"))


def test_names_that_are_refused_would_have_been_reached(stacks: dict[Pair, Graph]) -> None:
    assert any(
        ":role/sluice-dev-eu-sales-job" in thing
        for thing in reached(stacks["sluice", "dev"], stacks["sluice", "dev-eu"])
    )
    deploying = role_arn(names("dev"), "deploy")
    assert deploying in reached(stacks["sluice", "deploy"], stacks["sluice", "dev"])
