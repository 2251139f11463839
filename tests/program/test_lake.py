"""What a stack puts on AWS, as plain data."""

import json
from collections import Counter

import pytest

from sluice.program.graph import ROOT, STACKS, Graph, run_program
from sluice.program.stack_files import load_stack_file
from tests.program.deployed import JOB, Deployed, deployed_datasets

OTHER_STACKS = [stack for stack in STACKS if stack != "prod"]
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"


def bucket_names(graph: Graph) -> dict[str, str]:
    return {
        node.name.removesuffix("-bucket"): node.inputs["bucket"] for node in graph.nodes_of_type("aws:s3/bucket:Bucket")
    }


def type_counts(graph: Graph) -> Counter[str]:
    return Counter(node.type for node in graph.nodes.values())


def test_a_stack_has_three_zones_and_a_bucket_for_their_logs(graph: Graph) -> None:
    expected = {zone: f"sluice-{graph.stack}-{zone}-123456789012" for zone in ("raw", "processed", "assets", "logs")}
    assert bucket_names(graph) == expected


def test_raw_shows_where_files_go(graph: Graph) -> None:
    folders = {o.inputs["key"] for o in graph.nodes_of_type(OBJECT) if o.inputs["bucket"] == bucket_names(graph)["raw"]}
    of_files = [dataset for dataset in deployed_datasets(graph.stack) if not Deployed(graph, dataset).sources]
    assert folders == {f"{dataset}/" for dataset in of_files}


def test_the_outputs_name_what_a_user_needs(graph: Graph) -> None:
    zones = {zone: name for zone, name in bucket_names(graph).items() if zone != "logs"}
    assert graph.outputs == {
        **zones,
        "prefix": "sluice",
        "region": "eu-west-1",
        "database": f"sluice_{graph.stack}",
        "jobs": {dataset: f"sluice-{graph.stack}-{dataset}" for dataset in deployed_datasets(graph.stack)},
        "topic": "arn:aws:fake:::alarms-topic",
    }


def test_what_is_shipped_is_deployed_everywhere(graph: Graph) -> None:
    assert {"trades", "buyers", "goods", "trades_daily"} <= set(deployed_datasets(graph.stack))
    job_arguments = [job.inputs["defaultArguments"] for job in graph.nodes_of_type(JOB)]
    # Resources are registered side by side, in an order that nothing promises.
    for argument in ("--dataset", "--maintain"):
        named = sorted(arguments[argument] for arguments in job_arguments if argument in arguments)
        assert named == sorted(deployed_datasets(graph.stack))


def test_another_dataset_is_an_entry_and_no_code(mutant, graphs: dict[str, Graph]) -> None:
    shared = "expectations/{dict(refunds='trades').get(dataset, dataset)}/"
    entries = load_stack_file("dev")["sluice:datasets"] | {"refunds": {"workers": 5}}
    before = graphs["dev"]
    after = mutant(
        ("components/settings/contracts.py", "expectations/{dataset}/", shared), datasets=json.dumps(entries)
    )
    named = [node for node in before.nodes.values() if "trades" in node.name.split("-")]
    of_trades = [node.type for node in named if not node.name.startswith("flow-")]  # the flow's schedule is everybody's
    assert len(of_trades) > 20
    assert type_counts(after) - type_counts(before) == Counter(of_trades)
    assert Deployed(after, "refunds").job["numberOfWorkers"] == 5
    assert after.outputs == before.outputs | {"jobs": before.outputs["jobs"] | {"refunds": "sluice-dev-refunds"}}


def test_the_stacks_differ_in_values_only(graphs: dict[str, Graph]) -> None:
    def resource_types(stack: str) -> list[str]:
        optional = "aws:sns/topicSubscription:TopicSubscription"  # who has an address to write to
        return sorted(node.type for node in graphs[stack].nodes.values() if node.type != optional)

    assert all(resource_types(stack) == resource_types("prod") for stack in STACKS)


def test_every_child_is_named_after_its_component(graph: Graph) -> None:
    """A URN carries the parents' types and not their names: two instances would collide."""
    parents = {node.urn: node.name for node in graph.nodes.values()}
    children = [node for node in graph.nodes.values() if node.parent in parents]
    assert len(children) > 40
    for child in children:
        assert child.name.startswith(f"{parents[child.parent]}-"), child.urn


def test_nothing_but_components_stands_at_the_top(graph: Graph) -> None:
    top = [node for node in graph.nodes.values() if node.parent not in graph.nodes]
    assert top
    assert not [node.name for node in top if node.custom]


@pytest.mark.parametrize("stack", ["prod", *(pytest.param(stack, marks=pytest.mark.long) for stack in OTHER_STACKS)])
def test_a_preview_declares_what_a_deployment_does(stack: str, graphs: dict[str, Graph]) -> None:
    assert set(run_program(stack, preview=True).nodes) == set(graphs[stack].nodes)


def test_two_runs_declare_the_same(graphs: dict[str, Graph]) -> None:
    again = run_program("prod")
    plain = {urn: json.dumps(node.inputs, sort_keys=True, default=vars) for urn, node in again.nodes.items()}
    assert plain == {
        urn: json.dumps(node.inputs, sort_keys=True, default=vars) for urn, node in graphs["prod"].nodes.items()
    }


def test_the_page_is_a_page() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) <= 66  # a page
