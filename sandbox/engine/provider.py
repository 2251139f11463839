"""A strict stand-in for the AWS provider: Pulumi's engine starts it as `pulumi-resource-aws`, and it asks no AWS.

It checks every input at any depth, knows which inputs replace a resource, refuses a second resource of a name that is
taken, and keeps what exists in one file, so that a refresh finds what is there. Secrets stay secret on their way through.
Protocol: Pulumi, provider.proto (`pulumirpc.ResourceProvider`).
"""

import os
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime import rpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from sandbox import declared, graph
from sandbox.engine.cloud import Cloud, NameTaken
from sandbox.engine.replaced import replaced_by
from sandbox.engine.wire import UNKNOWN, bare, decoded, encoded

CLOUD = "SLUICE_ENGINE_CLOUD"
"""The environment variable with the file that holds what exists."""
VERSION = "7.0.0"


class StandIn(provider_pb2_grpc.ResourceProviderServicer):
    """The provider's calls as the engine makes them."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=False)

    def Invoke(self, request: Any, context: Any) -> Any:
        if request.tok != "aws:index/getCallerIdentity:getCallerIdentity":
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the stand-in answers no {request.tok}")
        answer = {"accountId": graph.ACCOUNT, "arn": "arn", "userId": "user", "id": graph.ACCOUNT}
        return provider_pb2.InvokeResponse(**{"return": encoded(answer)})

    def Check(self, request: Any, context: Any) -> Any:
        kind = request.urn.split("::")[2].split("$")[-1]
        values = rpc.deserialize_properties(request.news, keep_unknowns=True)
        faults = [*declared.fields(_judged(values), declared.arguments(kind), "")]
        failures = [provider_pb2.CheckFailure(property="", reason=fault) for fault in faults]
        return provider_pb2.CheckResponse(inputs=request.news, failures=failures)

    def Diff(self, request: Any, context: Any) -> Any:
        before, after = bare(decoded(request.old_inputs)), bare(decoded(request.news))
        ignored = {path.partition(".")[0].partition("[")[0] for path in request.ignoreChanges}
        changed = sorted(
            key for key in before.keys() | after.keys() if before.get(key) != after.get(key) and key not in ignored
        )
        kind = request.urn.split("::")[2].split("$")[-1]
        replaces = [key for key in changed if key in replaced_by(kind)]
        some = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=some, diffs=changed, replaces=replaces)

    def Create(self, request: Any, context: Any) -> Any:
        kind = request.urn.split("::")[2].split("$")[-1]
        name = request.urn.rpartition("::")[2]
        inputs = decoded(request.properties)
        if request.preview:
            outputs = {"arn": UNKNOWN, "keyId": UNKNOWN} | inputs
            return provider_pb2.CreateResponse(id="", properties=encoded(outputs))
        outputs = computed(name) | inputs
        try:
            self.cloud.create(kind, f"{name}-id", inputs)
        except NameTaken as fault:
            context.abort(grpc.StatusCode.ALREADY_EXISTS, str(fault))
        return provider_pb2.CreateResponse(id=f"{name}-id", properties=encoded(outputs))

    def Read(self, request: Any, context: Any) -> Any:
        kind = request.urn.split("::")[2].split("$")[-1]
        if not self.cloud.exists(kind, request.id):
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Update(self, request: Any, context: Any) -> Any:
        kind, name = request.urn.split("::")[2].split("$")[-1], request.urn.rpartition("::")[2]
        inputs = decoded(request.news)
        if not request.preview:
            self.cloud.update(kind, request.id, inputs)
        return provider_pb2.UpdateResponse(properties=encoded(computed(name) | inputs))

    def Delete(self, request: Any, context: Any) -> Any:
        self.cloud.delete(request.urn.split("::")[2].split("$")[-1], request.id)
        return Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        return Empty()


def computed(name: str) -> dict[str, Any]:
    """What the mocks of the plan make up too, so that inputs can be compared."""
    return {"arn": f"arn:aws:fake:::{name}", "keyId": f"{name}-key-id"}


def _judged(values: dict[str, Any]) -> dict[str, Any]:
    return graph.bare({key: value for key, value in values.items() if key not in ("__defaults", "__internal")})


def main() -> None:
    """Serve on a free port and print it, as the engine waits for it on standard output."""
    server = grpc.server(futures.ThreadPoolExecutor(8), options=[("grpc.max_receive_message_length", -1)])
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(StandIn(Cloud(Path(os.environ[CLOUD]))), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
