"""What the real engine and its provider refuse is refused here, without them."""

import pytest

from sluice.program import property_types
from sluice.program.graph import Graph

JOB, BUCKET = "components/compute/job.py", "components/storage/zone.py"
ONE_DATASET = '{"trades": {}}'


def test_the_engine_takes_every_input_of_every_stack(graph: Graph) -> None:
    assert property_types.graph_faults(graph) == []


WRONG_INPUTS = [
    ((JOB, "timeout=dataset.timeout", 'timeout="ten"'), "timeout is 'ten', not int"),
    ((JOB, "max_retries=0", "max_retries=True"), "maxRetries is True, not int"),
    ((JOB, '"max_concurrent_runs"', '"max_concurent_runs"'), "executionProperty.max_concurent_runs is no property"),
    ((JOB, '"--dataset": name', '"--dataset": 7'), "defaultArguments.--dataset is 7.0, not str"),
    ((JOB, '"script_location": lake.code.script, ', ""), "command.scriptLocation is missing"),
    (
        ("components/storage/lifecycle.py", '"noncurrent_days": days', '"noncurrent_day": days'),
        "rules[0].noncurrentVersionExpiration.noncurrent_day is no property",
    ),
    (
        ("components/storage/lifecycle.py", '"prefix": f"{folder}/", ', '"prefixes": f"{folder}/", '),
        "filter.and.prefixes is no property",
    ),
    (("components/storage/lifecycle.py", '"status": "Enabled",', ""), "rules[0].status is missing"),
    ((BUCKET, "bucket=bucket_name", 'bucket="Upper_Case!"'), "bucket is 'Upper_Case!': AWS takes"),
    ((BUCKET, "force_destroy=not args.protect", 'force_destroy="no"'), "forceDestroy is 'no', not bool"),
    ((BUCKET, "block_public_acls=True", 'block_public_acls="yes"'), "blockPublicAcls is 'yes', not bool"),
    (
        ("components/storage/catalog.py", 's3_targets=[{"path"', 's3_targets=[{"paths"'),
        "s3Targets[0].paths is no property",
    ),
    (("components/alerting/alarms.py", "threshold=hours", "threshold=str(hours)"), "threshold is '26', not float"),
]


def test_each_wrong_input_is_found(mutant) -> None:
    faults = property_types.graph_faults(mutant(*(change for change, _ in WRONG_INPUTS), datasets=ONE_DATASET))
    assert [fault for _, fault in WRONG_INPUTS if not any(fault in line for line in faults)] == [], faults


def test_a_name_that_is_too_long_is_found(mutant) -> None:
    longer = (
        "components/names.py",
        "return self.resource_name(zone, self.account)",
        'return self.resource_name("a" * 40, zone, self.account)',
    )
    faults = property_types.graph_faults(mutant(longer, datasets=ONE_DATASET))
    assert any("bucket is 'sluice-dev-aaaa" in line for line in faults), faults


def test_two_resources_of_one_name_are_refused(mutant) -> None:
    with pytest.raises(Exception, match="duplicate URN"):
        mutant(
            ("__main__.py", 'Logs("job-logs"', 'Dashboard("dashboard", names, stack)\nLogs("job-logs"'),
            datasets=ONE_DATASET,
        )


def test_two_instances_of_a_component_with_fixed_children_are_refused(mutant) -> None:
    with pytest.raises(Exception, match=r"duplicate URN.*bucket"):
        mutant((BUCKET, 'f"{zone}-bucket"', '"bucket"'), datasets=ONE_DATASET)


def test_a_graph_without_resources_does_not_pass() -> None:
    with pytest.raises(LookupError, match="declares nothing"):
        property_types.graph_faults(Graph("dev"))


def test_a_name_that_aws_lacks_in_pulumi_is_refused() -> None:
    with pytest.raises(LookupError, match="no resource of pulumi_aws"):
        property_types.arguments_class("gcp:storage/bucket:Bucket")
