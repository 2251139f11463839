"""The emulated deploy: the unchanged program, each resource created for true, nothing guessed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sluice.program import graph
from sluice.sandbox.deploy import DeployFailed, deploy_program
from sluice.sandbox.emulator.emulator import ACCOUNT
from sluice.sandbox.jobs.spark import REGION
from sluice.sandbox.recipes import RECIPES
from tests.sandbox.conftest import Lake
from tests.sandbox.stub import Workshop

PROGRAM = """
import pulumi
import pulumi_aws as aws
{declares}
"""
Declare = Callable[[str], dict[str, Any]]


@pytest.fixture
def declare(workshop: Workshop, tmp_path: Path) -> Declare:
    """Deploy a program of a few lines; return its outputs."""

    def deploy_declaration(declares: str) -> dict[str, Any]:
        program = tmp_path / "__main__.py"
        program.write_text(PROGRAM.format(declares=declares))
        return deploy_program(workshop.emulator, program).outputs

    return deploy_declaration


def test_a_type_without_a_recipe_is_an_error_that_names_it(declare: Declare) -> None:
    with pytest.raises(DeployFailed, match="aws:ecr/repository:Repository orders: no recipe knows this type"):
        declare("aws.ecr.Repository('orders', name='orders')")


def test_a_role_gets_the_boundary_that_the_program_gives_it(workshop: Workshop, declare: Declare) -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/sluice-local-boundary"
    declare(f"aws.iam.Role('r', name='bounded', assume_role_policy='{{}}', permissions_boundary='{arn}')")
    role = workshop.emulator.client("iam").get_role(RoleName="bounded")["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn


@pytest.mark.parametrize(
    ("declares", "expected"),
    [
        ("aws.s3.Bucket('b', bucket='one', object_lock_enabled=True)", "objectLockEnabled"),
        ("aws.glue.CatalogDatabase('d', name='one', region='eu-central-1')", "region"),
        ("aws.iam.Role('r', name='one', assume_role_policy='{}', managed_policy_arns=['a'])", "managedPolicyArns"),
    ],
)
def test_an_input_that_no_recipe_reads_is_an_error_that_names_it(
    declare: Declare, declares: str, expected: str
) -> None:
    with pytest.raises(DeployFailed, match=expected):
        declare(declares)


def test_a_resource_without_a_name_is_an_error(declare: Declare) -> None:
    with pytest.raises(DeployFailed, match="aws:s3/bucket:Bucket b: has no bucket"):
        declare("aws.s3.Bucket('b')")


def test_what_the_emulator_refuses_is_an_error_that_names_the_resource(declare: Declare) -> None:
    with pytest.raises(DeployFailed, match=r"aws:s3/bucket:Bucket b: .*InvalidBucketName"):
        declare("aws.s3.Bucket('b', bucket='Upper_Case')")


def test_a_call_that_nothing_answers_is_an_error(declare: Declare) -> None:
    with pytest.raises(DeployFailed, match="getAvailabilityZones"):
        declare("aws.get_availability_zones()")


def test_a_program_that_raises_is_an_error_with_its_message(declare: Declare) -> None:
    with pytest.raises(DeployFailed, match="wrong schedule"):
        declare("raise ValueError('wrong schedule')")


def test_the_program_knows_where_it_is(declare: Declare) -> None:
    outputs = declare(
        "pulumi.export('account', aws.get_caller_identity().account_id)\n"
        "pulumi.export('region', aws.get_region().region)\n"
        "pulumi.export('partition', aws.get_partition().partition)"
    )
    assert outputs == {"account": ACCOUNT, "region": REGION, "partition": "aws"}


def test_outputs_of_one_resource_reach_the_next(declare: Declare, workshop: Workshop) -> None:
    declare(
        "topic = aws.sns.Topic('t', name='told')\n"
        "rule = aws.cloudwatch.EventRule('r', name='rule', event_pattern='{\"source\": [\"mine\"]}')\n"
        "aws.cloudwatch.EventTarget('r', rule=rule.name, target_id='topic', arn=topic.arn)"
    )
    [target] = workshop.emulator.client("events").list_targets_by_rule(Rule="rule")["Targets"]
    assert target["Arn"].endswith(":told")


CHANNELS = """
topic = aws.sns.Topic('t', name='channels')
aws.chatbot.SlackChannelConfiguration(
    's', configuration_name='chat', slack_team_id='T1', slack_channel_id='C1', iam_role_arn='arn:aws:iam::000000000000:role/r',
    sns_topic_arns=[topic.arn])
key = {'api_key': {'key': 'x-key', 'value': 'secret'}}
connection = aws.cloudwatch.EventConnection('c', name='hook', authorization_type='API_KEY', auth_parameters=key)
aws.cloudwatch.EventApiDestination(
    'd', name='hook', connection_arn=connection.arn, http_method='POST', invocation_endpoint='https://hooks.example.com/x')
aws.sns.TopicSubscription(
    'e', topic=topic.arn, protocol='email', endpoint='ann@example.com', filter_policy='{"owner": ["ann", "stack"]}')
aws.sns.TopicSubscription(
    'p', topic=topic.arn, protocol='https', endpoint='https://events.pagerduty.com/x', endpoint_auto_confirms=True)
aws.cloudwatch.AlarmMuteRule('m', name='muted', mute_targets={'alarm_names': ['a']})
"""


def test_a_chat_hangs_on_its_topic_and_an_endpoint_has_its_key(declare: Declare, workshop: Workshop) -> None:
    declare(CHANNELS)
    sns, events = workshop.emulator.client("sns"), workshop.emulator.client("events")
    [topic] = [topic["TopicArn"] for topic in sns.list_topics()["Topics"] if topic["TopicArn"].endswith(":channels")]
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    arns = {entry["Endpoint"].rpartition("/")[2]: entry["SubscriptionArn"] for entry in subscriptions}
    assert set(arns) == {"global.sns-api.chatbot.amazonaws.com#chat", "ann@example.com", "x"}
    attributes = sns.get_subscription_attributes(SubscriptionArn=arns["ann@example.com"])["Attributes"]
    assert attributes["FilterPolicy"] == '{"owner": ["ann", "stack"]}'
    assert events.describe_connection(Name="hook")["AuthorizationType"] == "API_KEY"
    assert events.describe_api_destination(Name="hook")["InvocationEndpoint"] == "https://hooks.example.com/x"


@pytest.mark.parametrize("stack", graph.STACKS)
def test_every_type_that_any_stack_declares_has_a_recipe(stack: str) -> None:
    declared = {node.type for node in graph.run_program(stack).nodes.values() if node.custom}
    assert declared
    assert declared - RECIPES.keys() == set()


def test_the_buckets_are_what_the_program_says(lake: Lake) -> None:
    s3 = lake.emulator.client("s3")
    for zone in ("raw", "processed", "assets"):
        name = lake.outputs[zone]
        assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] == REGION
        assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
        assert all(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"].values())
        [rule] = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
        assert s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
        assert s3.get_bucket_policy(Bucket=name)["Policy"]
        assert s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
        assert s3.get_bucket_logging(Bucket=name)["LoggingEnabled"]["TargetBucket"]


def test_the_job_is_what_the_program_says(lake: Lake) -> None:
    job = lake.emulator.client("glue").get_job(JobName=lake.trades.job)["Job"]
    assert (job["GlueVersion"], job["WorkerType"], job["NumberOfWorkers"], job["Timeout"]) == ("6.0", "G.1X", 2, 60)
    assert job["ExecutionProperty"] == {"MaxConcurrentRuns": 1}
    assert job["Role"].startswith(f"arn:aws:iam::{ACCOUNT}:role/")


def test_what_the_jobs_definition_names_is_in_the_assets_bucket(lake: Lake) -> None:
    job = lake.emulator.client("glue").get_job(JobName=lake.trades.job)["Job"]
    named = [job["Command"]["ScriptLocation"]]
    named += [lake.trades.arguments[name] for name in ("--extra-py-files", "--input-contract", "--output-contract")]
    for url in named:
        bucket, key = url.removeprefix("s3://").split("/", 1)
        assert bucket == lake.outputs["assets"]
        assert lake.emulator.client("s3").head_object(Bucket=bucket, Key=key)["ContentLength"] > 0
