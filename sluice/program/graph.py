"""Run the Pulumi program without an engine; hand back its resources as plain data."""

import asyncio
import contextlib
import contextvars
import logging
import os
import runpy
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import resource, rpc
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto.source_pb2 import StackTrace

from components.names import region_partition
from components.settings.project_name import project_name
from sluice.program.secret_inputs import holds_secret
from sluice.program.stack_files import ACCOUNT, ROOT, STACKS, stack_account, stack_config  # noqa: F401  its users look for it beside the graph

STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True)
class Node:
    """A resource as the program declared it: inputs as the engine would get them, and the options that matter.

    `secret` are the inputs that are secrets or hold one; `inputs` has their values all the same.
    """

    urn: str
    type: str
    name: str
    inputs: dict[str, Any]
    secret: frozenset[str]
    parent: str
    custom: bool
    protect: bool
    retain: bool
    delete_before_replace: bool
    ignore_changes: tuple[str, ...]
    depends_on: tuple[str, ...]
    provider: str
    aliases: tuple[str, ...] = ()


@dataclass
class Graph:
    """All resources by URN, in the order they were asked for, the configuration they follow from, the stack's outputs."""

    stack: str
    config: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def nodes_of_type(self, kind: str) -> list[Node]:
        """All of one type; raises LookupError where there is none, so that no loop passes over nothing."""
        nodes = [node for node in self.nodes.values() if node.type == kind]
        if not nodes:
            raise LookupError(f"the program declares no {kind} in {self.stack}")
        return nodes

    def node_named(self, kind: str, name: str) -> Node:
        """The one of that type whose logical name is `name`."""
        return next(node for node in self.nodes_of_type(kind) if node.name == name)


def unwrap_secrets(value: Any) -> Any:
    """Drop the envelope that marks a secret, at any depth."""
    if rpc.is_rpc_secret(value):
        return unwrap_secrets(rpc.unwrap_rpc_secret(value))
    if isinstance(value, dict):
        return {key: unwrap_secrets(item) for key, item in value.items()}
    return [unwrap_secrets(item) for item in value] if isinstance(value, list) else value


class WarningCollector(logging.Logger):
    """Keeps what the program warns of, and hands it on as the mocks do by themselves."""

    def __init__(self, graph: Graph) -> None:
        super().__init__("program")
        self.parent, self.graph = logging.getLogger(), graph

    def warning(self, msg: object, *args: object, **more: Any) -> None:
        """Keep a warning of the program, and log it."""
        self.graph.warnings.append(str(msg))
        super().warning(msg, *args, **more)


class GraphRecorder(MockMonitor):
    """The mock engine, keeping what was asked of it: options too, which Mocks never sees."""

    def __init__(self, mocks: pulumi.runtime.Mocks, graph: Graph) -> None:
        super().__init__(mocks)
        self.graph = graph

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """The engine's URN, with the types of all parents; the SDK's mocks keep the nearest one's only."""
        parent_types = parent.split("::")[2] if parent else ""
        type_prefix = f"{parent_types}$" if parent_types and parent_types != STACK_TYPE else ""
        return f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::{type_prefix}{type_}::{name}"

    def RegisterResource(self, request: Any) -> Any:
        """Keep a resource as it was asked for; raises ValueError where its URN is taken."""
        if request.type == STACK_TYPE:
            return super().RegisterResource(request)
        urn = self.make_urn(request.parent, request.type, request.name)
        if urn in self.graph.nodes:  # before anything is made of it
            raise ValueError(f"duplicate URN {urn}")
        inputs = rpc.deserialize_properties(request.object)
        self.graph.nodes[urn] = Node(
            urn=urn, type=request.type, name=request.name, inputs=unwrap_secrets(inputs),
            secret=frozenset(key for key, value in inputs.items() if holds_secret(value)),
            parent=request.parent, custom=request.custom, protect=request.protect, retain=request.retainOnDelete,
            delete_before_replace=request.deleteBeforeReplace, ignore_changes=tuple(request.ignoreChanges),
            depends_on=tuple(request.dependencies), provider=request.provider,
            aliases=tuple(alias.spec.name or alias.urn for alias in request.aliases),
        )  # fmt: skip
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:
        """Keep the stack's outputs."""
        if request.urn.split("::")[2] == STACK_TYPE:
            self.graph.outputs.update(unwrap_secrets(rpc.deserialize_properties(request.outputs)))
        return super().RegisterResourceOutputs(request)


def fake_outputs(name: str, partition: str) -> dict[str, str]:
    """Return what AWS would compute of a resource, as far as the program reads it."""
    arn = f"arn:{partition}:fake:::{name}"
    return {"arn": arn, "keyId": f"{name}-key-id", "adminPasswordSecretArn": f"{arn}-secret"}


class FakeCloud(pulumi.runtime.Mocks):
    """A cloud that says yes: what a resource's outputs would be, as far as the program reads them."""

    def __init__(self, account: str = ACCOUNT, region: str = "") -> None:
        self.account, self.partition = account, region_partition(region)[0]

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Return an id, and what AWS would compute beside the inputs."""
        return f"{args.name}-id", fake_outputs(args.name, self.partition) | unwrap_secrets(args.inputs)

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Return who is calling; raises NotImplementedError for any other function."""
        if args.token == "aws:index/getCallerIdentity:getCallerIdentity":  # noqa: S105
            return {"accountId": self.account, "arn": "arn", "userId": "user", "id": self.account}, []
        raise NotImplementedError(args.token)  # an empty answer would be a guess


@contextlib.contextmanager
def _without_stack_traces() -> Iterator[None]:
    """Let the SDK find no trace of the calls behind each resource: it is a fifth of a run, and only an engine shows it."""
    tell_trace = resource._get_stack_trace
    resource._get_stack_trace = StackTrace
    try:
        yield
    finally:
        resource._get_stack_trace = tell_trace


def run_program(  # noqa: PLR0913  each is one thing that a caller changes
    stack: str,
    mocks: pulumi.runtime.Mocks | None = None,
    changed: Mapping[str, str] | None = None,
    preview: bool = False,
    program: Path = ROOT / "__main__.py",
    folder: Path | None = None,
) -> Graph:
    """Run the program as `stack` against `mocks`; `changed` are configuration texts over those of the stack's file.

    `folder` has the stack's file, where it is not among those of all tools.

    Raises what the program raises, what `stack_config` does, and ValueError where two resources share a URN.
    """
    os.environ["PULUMI_ERROR_OUTPUT_STRING"] = "1"  # f"{bucket.arn}" raises instead of rendering advice
    config = stack_config(stack, folder) | dict(changed or {})
    mocks = mocks or FakeCloud(stack_account(config), config.get("aws:region", ""))
    monitor, loops = GraphRecorder(mocks, Graph(stack, config)), []
    logger = WarningCollector(monitor.graph)

    def open_event_loop() -> None:  # else the SDK opens one per thread and leaks it
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    async def execute_program() -> None:
        runpy.run_path(str(program))

    async def run_stack() -> None:
        with ThreadPoolExecutor(1, initializer=open_event_loop) as pool:  # one worker: calls come in order
            asyncio.get_running_loop().set_default_executor(pool)
            pulumi.runtime.set_all_config(config, [])
            pulumi.runtime.set_mocks(monitor.mocks, project_name(), stack, preview, logger, monitor)
            # else a run that failed leaves its tasks to the next
            pulumi.runtime.settings.SETTINGS.outputs = set()  # pyright: ignore[reportAttributeAccessIssue]
            pulumi.runtime.settings.ROOT.set(None)  # run_in_stack opens its own root
            await pulumi.runtime.run_in_stack(execute_program)

    # In a context, where the SDK keeps its settings: no leaks. In a thread, which may have a loop of its own.
    try:
        with _without_stack_traces(), ThreadPoolExecutor(1) as executor:
            executor.submit(contextvars.Context().run, lambda: asyncio.run(run_stack())).result()
    finally:
        for loop in loops:
            loop.close()
    return monitor.graph
