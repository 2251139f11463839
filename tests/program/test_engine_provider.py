"""The stand-in for the AWS provider, spoken to as Pulumi's engine speaks to it: by gRPC."""

import json
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2 as proto
from pulumi.runtime.proto import provider_pb2_grpc

from sluice.program import property_types
from sluice.program.engine.cloud import Cloud
from sluice.program.engine.project import REQUIRED_PROGRAMS
from sluice.program.engine.provider import VERSION, StandInProvider
from sluice.program.engine.replaced import REPLACING_INPUTS, replacing_inputs
from sluice.program.engine.wire import UNKNOWN, as_secret, decode_struct, encode_struct, is_secret, without_secrets
from sluice.program.graph import ACCOUNT, ROOT, Graph

QUEUE = {"name": "sluice-dev-undelivered", "messageRetentionSeconds": 60, "sqsManagedSseEnabled": True}
TYPES = {"queue": "aws:sqs/queue:Queue", "namespace": "aws:redshiftserverless/namespace:Namespace"}
NONE, SOME = proto.DiffResponse.DIFF_NONE, proto.DiffResponse.DIFF_SOME


def make_urn(kind: str, name: str = "one") -> str:
    return f"urn:pulumi:dev::sluice::sluice:lake:Lake${kind}::{name}"


class Provider:
    """The engine's side of the wire, with plain dictionaries; each call is of one type."""

    def __init__(self, channel: grpc.Channel, file: Path) -> None:
        self.calls, self.file = provider_pb2_grpc.ResourceProviderStub(channel), file

    def check_failures(self, kind: str, inputs: dict[str, Any]) -> list[str]:
        answer = self.calls.Check(proto.CheckRequest(urn=make_urn(kind), news=encode_struct(inputs)))
        return [failure.reason for failure in answer.failures]

    def configuration_failures(self, config: dict[str, Any]) -> list[str]:
        answer = self.calls.CheckConfig(
            proto.CheckRequest(urn=make_urn("pulumi:providers:aws"), news=encode_struct(config))
        )
        return [failure.reason for failure in answer.failures]

    def create_resource(self, kind: str, inputs: dict[str, Any], name: str = "one") -> tuple[str, dict[str, Any]]:
        answer = self.calls.Create(proto.CreateRequest(urn=make_urn(kind, name), properties=encode_struct(inputs)))
        return answer.id, decode_struct(answer.properties)

    def diff_inputs(self, kind: str, before: dict[str, Any], after: dict[str, Any], *ignored: str) -> Any:
        old, new = encode_struct(before), encode_struct(after)
        return self.calls.Diff(proto.DiffRequest(urn=make_urn(kind), old_inputs=old, news=new, ignoreChanges=ignored))

    def read_resource(
        self, kind: str, identity: str, inputs: dict[str, Any]
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        request = proto.ReadRequest(
            urn=make_urn(kind), id=identity, properties=encode_struct(inputs), inputs=encode_struct(inputs)
        )
        answer = self.calls.Read(request)
        return answer.id, decode_struct(answer.inputs), decode_struct(answer.properties)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    server = grpc.server(futures.ThreadPoolExecutor(2))
    file = tmp_path / "cloud.json"
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(StandInProvider(Cloud(file)), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Provider(channel, file)
    server.stop(None)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"mesageRetentionSeconds": 60}, "mesageRetentionSeconds is no property of QueueArgs"),
        ({"messageRetentionSeconds": "a week"}, "messageRetentionSeconds is 'a week', not int"),
        ({"sqsManagedSseEnabled": "true"}, "sqsManagedSseEnabled is 'true', not bool"),
        ({"name": "with blanks"}, "name is 'with blanks': AWS takes"),
        ({"tags": {"stack": 1}}, "tags.stack is 1"),
    ],
)
def test_an_input_that_aws_does_not_take_is_refused(provider: Provider, change: dict[str, Any], fault: str) -> None:
    assert provider.check_failures(TYPES["queue"], QUEUE) == []
    [reason] = provider.check_failures(TYPES["queue"], QUEUE | change)
    assert reason.startswith(fault)


def test_an_input_at_any_depth_is_judged_secret_or_not_and_one_that_is_unknown_is_not(provider: Provider) -> None:
    kind = "aws:s3/bucketVersioning:BucketVersioning"
    assert provider.check_failures(kind, {"bucket": UNKNOWN, "versioningConfiguration": {"status": "Enabled"}}) == []
    [reason] = provider.check_failures(
        kind, {"bucket": "b", "versioningConfiguration": as_secret({"statuz": "Enabled"})}
    )[1:]
    assert reason.startswith("versioningConfiguration.statuz is no property")
    assert provider.check_failures(TYPES["queue"], QUEUE | {"name": UNKNOWN}) == []


@pytest.mark.parametrize("kind", ["aws:sqs/queue:Quue", "aws:sqz/queue:Queue", "gcp:storage/bucket:Bucket"])
def test_a_type_that_is_none_is_refused(provider: Provider, kind: str) -> None:
    assert provider.check_failures(kind, {}) == [f"{kind} is no resource of pulumi_aws"]


TAGS = json.dumps({"tags": {"stack": "dev"}})
LOCAL = {
    "endpoints": json.dumps([{"s3": "http://127.0.0.1:4566"}]),
    "s3UsePathStyle": "true",
    "accessKey": as_secret("key"),
    "version": VERSION,
}


@pytest.mark.parametrize(
    "config",
    [{"region": "eu-west-1", "defaultTags": TAGS, "allowedAccountIds": json.dumps([ACCOUNT])}, LOCAL],
)
def test_the_providers_own_configuration_is_taken_as_the_engine_hands_it_over(
    provider: Provider, config: dict[str, Any]
) -> None:
    assert provider.configuration_failures(config) == []


@pytest.mark.parametrize(
    ("config", "fault"),
    [
        ({"regio": "eu-west-1"}, "aws:regio is no property of ProviderArgs"),
        ({"defaultTags": json.dumps({"stack": "dev"})}, "aws:defaultTags.stack is no property"),
        ({"defaultTags": json.dumps(["dev"])}, "aws:defaultTags is ['dev']"),
        ({"defaultTags": "dev"}, "aws:defaultTags is 'dev'"),
        ({"endpoints": json.dumps([{"s4": "http://127.0.0.1"}])}, "aws:endpoints[0].s4 is no property"),
        ({"s3UsePathStyle": "yes"}, "aws:s3UsePathStyle is 'yes', not bool"),
        ({"allowedAccountIds": json.dumps([int(ACCOUNT)])}, "aws:allowedAccountIds[0] is"),
        ({"allowedAccountIds": json.dumps(["210987654321"])}, "aws:allowedAccountIds has 210987654321, and the"),
        ({"forbiddenAccountIds": json.dumps([ACCOUNT])}, f"aws:forbiddenAccountIds has {ACCOUNT}, of which"),
    ],
)
def test_a_wrong_configuration_of_the_provider_or_another_account_is_refused(
    provider: Provider, config: dict[str, Any], fault: str
) -> None:
    assert provider.configuration_failures(config)[0].startswith(fault)


def test_a_name_that_is_taken_is_refused_until_it_is_free(provider: Provider) -> None:
    identity, _ = provider.create_resource(TYPES["queue"], QUEUE)
    with pytest.raises(grpc.RpcError, match="sluice-dev-undelivered exists already"):
        provider.create_resource(TYPES["queue"], QUEUE, "two")
    provider.create_resource("aws:iam/role:Role", {"name": QUEUE["name"], "assumeRolePolicy": "{}"})  # another type's
    provider.calls.Delete(proto.DeleteRequest(urn=make_urn(TYPES["queue"]), id=identity))
    provider.create_resource(TYPES["queue"], QUEUE, "two")


def test_a_roles_policies_have_their_names_within_the_role(provider: Provider) -> None:
    policy = {"name": "policy", "policy": "{}", "role": "a"}
    provider.create_resource("aws:iam/rolePolicy:RolePolicy", policy)
    provider.create_resource("aws:iam/rolePolicy:RolePolicy", policy | {"role": "b"}, "two")
    with pytest.raises(grpc.RpcError, match="b policy exists already"):
        provider.create_resource("aws:iam/rolePolicy:RolePolicy", policy | {"role": "b"}, "three")


def test_one_that_is_made_before_the_former_goes_is_another(provider: Provider) -> None:
    kind, inputs = "aws:s3/bucketObjectv2:BucketObjectv2", {"bucket": "b", "key": "old"}
    former, _ = provider.create_resource(kind, inputs)
    identity, _ = provider.create_resource(kind, inputs | {"key": "new"})
    provider.calls.Delete(proto.DeleteRequest(urn=make_urn(kind), id=former))
    assert provider.read_resource(kind, identity, inputs)[1] == {"bucket": "b", "key": "new"}
    assert provider.read_resource(kind, former, inputs)[0] == ""


def test_a_preview_makes_nothing(provider: Provider) -> None:
    request = proto.CreateRequest(urn=make_urn(TYPES["queue"]), properties=encode_struct(QUEUE), preview=True)
    assert decode_struct(provider.calls.Create(request).properties)["arn"] == UNKNOWN
    assert not provider.file.exists()


@pytest.mark.parametrize(
    ("change", "changes", "replaces", "first"),
    [
        ({}, NONE, [], False),
        ({"messageRetentionSeconds": 120}, SOME, [], False),
        ({"name": "other"}, SOME, ["name"], True),
        ({"fifoQueue": True, "messageRetentionSeconds": 120}, SOME, ["fifoQueue"], True),
    ],
)
def test_what_replaces_a_resource_and_what_changes_it(
    provider: Provider, change: dict[str, Any], changes: Any, replaces: list[str], first: bool
) -> None:
    answer = provider.diff_inputs(TYPES["queue"], QUEUE, QUEUE | change)
    assert (answer.changes, list(answer.replaces), answer.deleteBeforeReplace) == (changes, replaces, first)
    assert list(answer.diffs) == sorted(change)


def test_one_without_a_name_of_its_own_is_replaced_by_another_before_it_goes(provider: Provider) -> None:
    before = {"bucket": "b", "key": "old"}
    answer = provider.diff_inputs("aws:s3/bucketObjectv2:BucketObjectv2", before, before | {"key": "new"})
    assert (list(answer.replaces), answer.deleteBeforeReplace) == (["key"], False)


@pytest.mark.parametrize(
    ("paths", "diffs"),
    [
        ((), ["command", "tags"]),
        (("tags",), ["command"]),
        (("tags.owner", "command.scriptLocation"), ["tags"]),
        (('tags["owner"]', "tags.team", "command"), []),
        (("tags[*]", "command.name"), ["command"]),
        (("tag", "comman"), ["command", "tags"]),
    ],
)
def test_a_change_is_ignored_where_ignore_changes_names_its_path_and_nowhere_else(
    provider: Provider, paths: tuple[str, ...], diffs: list[str]
) -> None:
    before = {"command": {"scriptLocation": "a", "name": "glueetl"}, "tags": {"owner": "a", "team": "a"}}
    after = {"command": {"scriptLocation": "b", "name": "glueetl"}, "tags": {"owner": "b", "team": "b"}}
    assert list(provider.diff_inputs("aws:glue/job:Job", before, after, *paths).diffs) == diffs


def test_a_change_within_a_list_is_ignored_by_its_index(provider: Provider) -> None:
    before, after = ({"rules": [{"id": "a"}, {"id": text}]} for text in "bc")
    kind = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    assert list(provider.diff_inputs(kind, before, after, "rules[1].id").diffs) == []
    assert list(provider.diff_inputs(kind, before, after, "rules[0].id").diffs) == ["rules"]


def test_a_secret_stays_one_on_every_way(provider: Provider) -> None:
    kind, inputs = TYPES["namespace"], {"namespaceName": "lake", "adminUsername": as_secret("sluice")}
    assert provider.check_failures(kind, inputs) == []
    identity, created = provider.create_resource(kind, inputs)
    changed = inputs | {"adminUsername": as_secret("other")}
    updated = provider.calls.Update(proto.UpdateRequest(urn=make_urn(kind), id=identity, news=encode_struct(changed)))
    _, current, outputs = provider.read_resource(kind, identity, changed)
    for values in (created, decode_struct(updated.properties), current, outputs):
        assert is_secret(values["adminUsername"])
    assert without_secrets(current) == {"namespaceName": "lake", "adminUsername": "other"}
    assert list(provider.diff_inputs(kind, inputs, inputs).diffs) == []


def test_a_refresh_finds_what_others_deleted_and_what_they_changed(provider: Provider) -> None:
    identity, _ = provider.create_resource(TYPES["queue"], QUEUE)
    assert provider.read_resource(TYPES["queue"], identity, QUEUE)[:2] == (identity, QUEUE)
    key = f"{TYPES['queue']} {identity}"
    beyond = StandInProvider(Cloud(provider.file))  # as the next call of the engine starts it
    beyond.cloud.update(TYPES["queue"], identity, QUEUE | {"messageRetentionSeconds": 120})
    assert json.loads(provider.file.read_text())[key]["messageRetentionSeconds"] == 120
    request = proto.ReadRequest(urn=make_urn(TYPES["queue"]), id=identity, inputs=encode_struct(QUEUE))
    assert decode_struct(beyond.Read(request, None).inputs)["messageRetentionSeconds"] == 120
    beyond.cloud.delete(TYPES["queue"], identity)
    assert beyond.Read(request, None).id == ""


def test_it_says_whose_account_it_is_and_answers_nothing_else(provider: Provider) -> None:
    request = proto.InvokeRequest(tok="aws:index/getCallerIdentity:getCallerIdentity")
    assert decode_struct(getattr(provider.calls.Invoke(request), "return"))["accountId"] == ACCOUNT
    with pytest.raises(grpc.RpcError, match="answers no aws:index/getRegion"):
        provider.calls.Invoke(proto.InvokeRequest(tok="aws:index/getRegion:getRegion"))


def test_it_has_the_version_that_the_program_asks_for(provider: Provider) -> None:
    locked = f"pulumi-aws=={provider.calls.GetPluginInfo(Empty()).version} "
    assert locked in (ROOT / "requirements.txt").read_text()
    assert "pulumi" in REQUIRED_PROGRAMS


def test_the_table_of_what_replaces_has_every_type_that_a_stack_may_declare(optional: Graph) -> None:
    kinds = {node.type for node in optional.nodes.values() if node.custom}
    assert len(kinds) > 30
    assert sorted(kinds - REPLACING_INPUTS.keys()) == []
    with pytest.raises(LookupError, match="what replaces aws:ec2/vpc:Vpc is not in the table"):
        replacing_inputs("aws:ec2/vpc:Vpc")


@pytest.mark.parametrize("kind", sorted(REPLACING_INPUTS))
def test_each_row_of_the_table_has_a_source_and_inputs_that_pulumi_knows(kind: str) -> None:
    source, inputs = REPLACING_INPUTS[kind]
    assert source.endswith(".go")
    assert inputs or kind.startswith("aws:chatbot/")  # the provider changes all of a chat in place
    assert replacing_inputs(kind) <= property_types.input_type_types(property_types.arguments_class(kind)).keys()
