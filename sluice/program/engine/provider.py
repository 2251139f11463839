"""A strict stand-in for the AWS provider: Pulumi's engine starts it as `pulumi-resource-aws`, and it asks no AWS.

It checks every input at any depth, knows which inputs replace a resource, refuses a second resource of a name that is
taken, and keeps what exists in one file, so that a refresh finds what is there. Secrets stay secret on their way through.
Protocol: Pulumi, provider.proto (`pulumirpc.ResourceProvider`).
"""

import os
import threading
import time
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime import rpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from pulumi_aws import _utilities

from sluice.program import graph, property_types
from sluice.program.engine import configured
from sluice.program.engine.cloud import Cloud, NameTaken
from sluice.program.engine.difference import parse_paths, without_paths
from sluice.program.engine.replaced import deletes_first, replacing_inputs
from sluice.program.engine.wire import UNKNOWN, decode_struct, encode_struct, seal_secrets, without_secrets

CLOUD = "SLUICE_ENGINE_CLOUD"
"""The environment variable with the file that holds what exists."""
VERSION = _utilities.get_version()
"""The version that the program's package asks for: with another the engine would warn, or look for a download."""
Request = Any
Context = Any


class StandInProvider(provider_pb2_grpc.ResourceProviderServicer):
    """The provider's calls as the engine makes them; `account` is whose credentials it would have."""

    def __init__(self, cloud: Cloud, account: str = graph.ACCOUNT) -> None:
        self.cloud, self.account = cloud, account

    def GetPluginInfo(self, request: Request, context: Context) -> Any:
        """Answer with the provider's version."""
        return plugin_pb2.PluginInfo(version=VERSION)

    def CheckConfig(self, request: Request, context: Context) -> Any:
        """Answer with the faults of the provider's configuration."""
        return _check_response(
            request, configured.config_faults(without_secrets(decode_struct(request.news)), self.account)
        )

    def DiffConfig(self, request: Request, context: Context) -> Any:
        """Answer that no change of the configuration replaces anything."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Request, context: Context) -> Any:
        """Answer that secrets and previews are understood."""
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=False)

    def Invoke(self, request: Request, context: Context) -> Any:
        """Answer who is calling; any other function aborts the call as not implemented."""
        if request.tok != "aws:index/getCallerIdentity:getCallerIdentity":
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the stand-in answers no {request.tok}")
        response = provider_pb2.InvokeResponse()
        identity = {"accountId": self.account, "arn": "arn", "userId": "user", "id": self.account}
        getattr(response, "return").CopyFrom(encode_struct(identity))
        return response

    def Check(self, request: Request, context: Context) -> Any:
        """Answer with the faults of a resource's inputs, by the types that `pulumi_aws` declares."""
        values = rpc.deserialize_properties(request.news, keep_unknowns=True)
        return _check_response(
            request, property_types.resource_faults(kind_of(request.urn), graph.unwrap_secrets(values))
        )

    def Diff(self, request: Request, context: Context) -> Any:
        """Answer which inputs changed, and which of these replace the resource."""
        kind = kind_of(request.urn)
        before, after = without_secrets(decode_struct(request.old_inputs)), without_secrets(decode_struct(request.news))
        before, after = (without_paths(inputs, parse_paths(request.ignoreChanges)) for inputs in (before, after))
        changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
        replaces = sorted(replacing_inputs(kind).intersection(changed))
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=replaces,
            deleteBeforeReplace=bool(replaces) and deletes_first(kind, after),
        )

    def Create(self, request: Request, context: Context) -> Any:
        """Make a resource, or in a preview say what is not known yet; a name that is taken aborts the call."""
        name, inputs = name_of(request.urn), decode_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(
                properties=encode_struct(dict.fromkeys(computed_outputs(name), UNKNOWN) | inputs)
            )
        try:
            identity = self.cloud.create(kind_of(request.urn), name, inputs)
        except NameTaken as fault:
            context.abort(grpc.StatusCode.ALREADY_EXISTS, str(fault))
            raise
        return provider_pb2.CreateResponse(id=identity, properties=encode_struct(computed_outputs(name) | inputs))

    def Read(self, request: Request, context: Context) -> Any:
        """What is there now: nothing where it was deleted by others, other values where others changed it."""
        current = self.cloud.find(kind_of(request.urn), request.id)
        if current is None:
            return provider_pb2.ReadResponse()
        inputs = seal_secrets(current, decode_struct(request.inputs))
        outputs = encode_struct(computed_outputs(name_of(request.urn)) | inputs)
        return provider_pb2.ReadResponse(id=request.id, properties=outputs, inputs=encode_struct(inputs))

    def Update(self, request: Request, context: Context) -> Any:
        """Change a resource; a preview leaves it."""
        inputs = decode_struct(request.news)
        if not request.preview:
            self.cloud.update(kind_of(request.urn), request.id, inputs)
        return provider_pb2.UpdateResponse(properties=encode_struct(computed_outputs(name_of(request.urn)) | inputs))

    def Delete(self, request: Request, context: Context) -> Any:
        """Remove a resource."""
        self.cloud.delete(kind_of(request.urn), request.id)
        return Empty()

    def Cancel(self, request: Request, context: Context) -> Any:
        """Answer at once: nothing takes time here."""
        return Empty()


def kind_of(urn: str) -> str:
    """Return the type of a resource, without those of its parents."""
    return urn.split("::")[2].rpartition("$")[2]


def name_of(urn: str) -> str:
    """Return the logical name in a URN."""
    return urn.rpartition("::")[2]


def computed_outputs(name: str) -> dict[str, Any]:
    """What the mocks of the plan make up too, so that inputs can be compared."""
    return {**graph.fake_outputs(name, "aws")}


def _check_response(request: Request, faults: Any) -> Any:
    failures = [provider_pb2.CheckFailure(property="", reason=fault) for fault in faults]
    return provider_pb2.CheckResponse(inputs=request.news, failures=failures)


def _end_with(parent: int) -> None:
    """End this process when the engine that started it is gone: killed, it closes nothing."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


def main() -> None:
    """Serve on a free port and print it, as the engine waits for it on standard output."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    server = grpc.server(futures.ThreadPoolExecutor(8), options=[("grpc.max_receive_message_length", -1)])
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(StandInProvider(Cloud(Path(os.environ[CLOUD]))), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
