"""Every name is explicit, and the longest that the configuration allows still fits."""

import json

import pytest

from components.names import PREFIX_LENGTH, RESERVED, STACK_LENGTH, name_faults
from components.settings.config_reader import BadConfiguration
from components.settings.stack_settings import parse_settings
from etl.contract.field_kinds import DATASET_LENGTH
from sluice.program import property_types
from sluice.program.graph import ROOT, Graph, stack_config
from sluice.program.property_types import NAME_PATTERNS
from tests.program.mutants import run_mutated

PREFIX, STACK, DATASET = "p" * PREFIX_LENGTH, "s" * STACK_LENGTH, "d" * DATASET_LENGTH
LIMITS = {
    "aws:s3/bucket:Bucket": 63,
    "aws:iam/role:Role": 64,
    "aws:cloudwatch/eventRule:EventRule": 64,
    "aws:sns/topic:Topic": 256,
    "aws:cloudwatch/metricAlarm:MetricAlarm": 255,
}


@pytest.fixture(scope="module")
def longest(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    """The program with the longest prefix, stack and dataset that are taken, and trades' contracts."""
    changes = [
        ("components/settings/contracts.py", 'f"expectations/{dataset}/', 'f"expectations/trades/'),
        (
            "components/settings/stack_settings.py",
            "parse_settings(own_values, pulumi.get_stack(),",
            f'parse_settings(own_values, "{STACK}",',
        ),
    ]
    config = {"sluice:prefix": PREFIX, "sluice:datasets": json.dumps({DATASET: {}})}
    return run_mutated(tmp_path_factory.mktemp("longest") / "program", changes, "dev", config)


def names_of_type(graph: Graph, kind: str) -> list[str]:
    return [node.inputs[NAME_PATTERNS[kind][0]] for node in graph.nodes_of_type(kind)]


def test_the_longest_names_fit(longest: Graph) -> None:
    assert property_types.graph_faults(longest) == []
    for kind, limit in LIMITS.items():
        assert max(map(len, names_of_type(longest, kind))) <= limit, kind
    assert any(
        PREFIX in name and STACK in name and DATASET in name for name in names_of_type(longest, "aws:iam/role:Role")
    )


def test_a_longer_prefix_would_not_fit() -> None:
    """The limits are as wide as they can be: the longest rule has exactly 64 characters."""
    longest_suffix = max(len(alarm_kind) for alarm_kind in ("failed", "late", "succeeded"))
    assert PREFIX_LENGTH + STACK_LENGTH + DATASET_LENGTH + longest_suffix + len("---") == 64


def test_the_longest_log_group_and_database_fit(longest: Graph) -> None:
    (database,) = names_of_type(longest, "aws:glue/catalogDatabase:CatalogDatabase")
    assert database == f"{PREFIX}_{STACK}"
    assert f"/aws-glue/{PREFIX}-{STACK}/error" in names_of_type(longest, "aws:cloudwatch/logGroup:LogGroup")


@pytest.mark.parametrize(
    ("prefix", "stack"),
    [
        ("sluice", "dev-eu"),
        ("sluice-dev", "eu"),
        ("my-lake", "dev"),
        ("sluice", "dev_eu"),
        ("sluice", "Dev"),
        ("sluice", "d"),
        ("sluice", "s" * (STACK_LENGTH + 1)),
        ("sluice", "dév"),
        ("sluice", "dev\n"),
        ("p" * (PREFIX_LENGTH + 1), "dev"),
        ("sthree", "dev"),
        ("awslake", "dev"),
        ("", "dev"),
        *(("sluice", word) for word in RESERVED),
    ],
)
def test_a_name_that_could_stand_for_two_stacks_or_for_no_bucket_is_refused(prefix: str, stack: str) -> None:
    (refusal,) = name_faults(prefix, stack)
    assert f"is {prefix if stack in ('dev', 'eu') else stack}: takes " in refusal
    assert ("docs/deploying.md, Names of stacks" in refusal) == ("-" in prefix + stack or stack in RESERVED)


def test_names_without_a_hyphen_are_taken() -> None:
    pairs = [("sluice", "dev"), ("sluice", "local"), ("sluice", "deveu"), ("p" * PREFIX_LENGTH, "s" * STACK_LENGTH)]
    assert [refusal for pair in pairs for refusal in name_faults(*pair)] == []


def test_both_faults_are_told_at_once() -> None:
    assert len(name_faults("my-lake", "dev-eu")) == 2


def test_every_type_that_takes_a_name_is_given_one(graph: Graph) -> None:
    """A resource whose arguments have a name, and no row in the table of names, would be named by the engine.

    What lies in the stack's own bucket, database or workgroup needs no name of the stack's.
    """
    unnamed = {"aws:s3/bucketObjectv2:BucketObjectv2", "aws:glue/catalogTable:CatalogTable"}
    unnamed |= {"aws:athena/namedQuery:NamedQuery"}
    for node in (node for node in graph.nodes.values() if node.custom and node.type not in unnamed):
        takes = set(property_types.input_type_types(property_types.arguments_class(node.type)))
        assert "name" not in takes or node.type in NAME_PATTERNS, node.type


def test_a_prefix_is_said_in_one_place() -> None:
    """No component writes a prefix or a stack's name by itself."""
    sources = [path for path in (ROOT / "components").rglob("*.py") if path.name not in ("names.py",)]
    assert sources
    assert not [path.name for path in sources if "{names.prefix}" in path.read_text()]


@pytest.mark.parametrize("name", ["trades_quarantine", "trades_ledger", "trades_ledger_former", "raw_trades"])
def test_a_dataset_whose_table_would_be_anothers_is_refused(name: str) -> None:
    raw_settings = {key.removeprefix("sluice:"): text for key, text in stack_config("dev").items() if "sluice:" in key}
    with pytest.raises(BadConfiguration, match=f"sluice:datasets.{name}: takes another name, since trades has a table"):
        parse_settings({**raw_settings, "datasets": json.dumps({"trades": {}, name: {}})}, "dev", "eu-west-1")


@pytest.mark.parametrize("name", ["results_runs", "results_rules"])
def test_a_dataset_whose_table_would_be_that_of_the_results_is_refused(name: str) -> None:
    raw_settings = {key.removeprefix("sluice:"): text for key, text in stack_config("dev").items() if "sluice:" in key}
    message = f"sluice:datasets.{name}: takes another name, since the table {name} has the results"
    with pytest.raises(BadConfiguration, match=message):
        parse_settings({**raw_settings, "datasets": json.dumps({"trades": {}, name: {}})}, "dev", "eu-west-1")
