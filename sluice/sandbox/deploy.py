"""The emulated deploy: Pulumi's own runtime runs the program, and each resource comes to exist in the emulator.

Not `pulumi up`: no engine, no state, no diff. The program is the one that the engine runs, unchanged.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs

from sluice.program import graph
from sluice.sandbox.emulator.emulator import ROOT, Emulator
from sluice.sandbox.jobs.spark import REGION
from sluice.sandbox.recipes import RECIPES, Api, Inputs, Unbuildable

STACK = "local"


class DeployFailed(RuntimeError):
    """The program, or a resource of it, could not be brought into the emulator."""


def deploy(
    emulator: Emulator, program: Path = ROOT / "__main__.py", changed: Mapping[str, str] | None = None
) -> graph.Graph:
    """Run the program as the stack `local`, and return what it declared, with the stack's outputs.

    `changed` are configuration texts over those of the stack's file.

    Raises:
        DeployFailed: the program raised, declares what no recipe knows, or the emulator refused it.
    """
    cloud = _Cloud(Api(emulator))
    try:
        return graph.run(STACK, cloud, changed, program=program)
    except Exception as fault:
        raise DeployFailed(str(cloud.fault or fault)) from fault


class _Cloud(pulumi.runtime.Mocks):
    """Answers the runtime with what the emulator really created; keeps the first fault, since others follow from it."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.fault: str | None = None

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if not args.custom:
            return None, args.inputs
        try:
            return self._create(args)
        except Exception as fault:
            self.fault = self.fault or f"{args.typ} {args.name}: {fault}"
            raise

    def _create(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.typ not in RECIPES:
            raise Unbuildable("no recipe knows this type; add one to sluice/sandbox/recipes")
        sent = graph.bare(args.inputs)
        inputs = Inputs(dict(sent))
        made = RECIPES[args.typ](inputs, self.api)
        inputs.refuse_rest()
        return made.id, sent | made.outputs

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return self._answer(args), []

    def _answer(self, args: MockCallArgs) -> dict[str, Any]:
        match args.token:
            case "aws:index/getCallerIdentity:getCallerIdentity":
                got = self.api.call("sts", "GetCallerIdentity", {})
                return {"accountId": got["Account"], "arn": got["Arn"], "userId": got["UserId"], "id": got["Account"]}
            case "aws:index/getRegion:getRegion":
                return {"id": REGION, "region": REGION, "name": REGION, "endpoint": "", "description": REGION}
            case "aws:index/getPartition:getPartition":
                names = {"partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}
                return {"id": "aws", **names}
        raise Unbuildable(f"{args.token}: nothing here answers this call")
