"""The emulated deploy: Pulumi's own runtime runs the program, and each resource comes to exist in the emulator.

Not `pulumi up`: no engine, no state, no diff. The program is the one that the engine runs, unchanged.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs

from components.settings.project_name import option_key
from sluice.program import graph
from sluice.program.stack_files import stack_config
from sluice.sandbox.emulator.emulator import ROOT, Emulator
from sluice.sandbox.jobs.spark import REGION
from sluice.sandbox.recipes import RECIPES, EmulatorApi, Inputs, Unbuildable

STACK = "local"
NOBODY = ("", "{}")
READER = "you@example.com"
"""Who is told in a sandbox whose stack names nobody; nothing is sent, the mailbox keeps it."""


class DeployFailed(RuntimeError):
    """The program, or a resource of it, could not be brought into the emulator."""


def deploy_program(
    emulator: Emulator,
    program: Path = ROOT / "__main__.py",
    changed: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> graph.Graph:
    """Run the program as the stack `local`, and return what it declared, with the stack's outputs.

    `changed` are configuration texts over those of the stack's file, which is in `folder` or else among the others.

    Raises:
        DeployFailed: the program raised, declares what no recipe knows, or the emulator refused it.
    """
    changed = dict(changed or {})
    config = stack_config(STACK) | changed
    if all(config.get(option_key(name), "") in NOBODY for name in ("alarm_email", "channels")):
        changed[option_key("alarm_email")] = READER
    tags = json.loads(config["aws:defaultTags"])["tags"]
    cloud = _EmulatorMocks(EmulatorApi(emulator), tags)
    try:
        return graph.run_program(STACK, cloud, changed, program=program, folder=folder)
    except Exception as fault:
        raise DeployFailed(str(cloud.fault or fault)) from fault


class _EmulatorMocks(pulumi.runtime.Mocks):
    """Answers the runtime with what the emulator really created; keeps the first fault, since others follow from it."""

    def __init__(self, api: EmulatorApi, default_tags: Mapping[str, str]) -> None:
        self.api, self.default_tags = api, default_tags
        self.fault: str | None = None

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if not args.custom:
            return None, args.inputs
        try:
            return self._create_resource(args)
        except Exception as fault:
            self.fault = self.fault or f"{args.typ} {args.name}: {fault}"
            raise

    def _create_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        if args.typ not in RECIPES:
            raise Unbuildable("no recipe knows this type; add one to sluice/sandbox/recipes")
        declared_inputs = graph.unwrap_secrets(args.inputs)
        inputs = Inputs(dict(declared_inputs), self.default_tags)
        resource = RECIPES[args.typ](inputs, self.api)
        inputs.refuse_rest()
        return resource.id, declared_inputs | resource.outputs

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return self._answer_invoke(args), []

    def _answer_invoke(self, args: MockCallArgs) -> dict[str, Any]:
        match args.token:
            case "aws:index/getCallerIdentity:getCallerIdentity":
                identity = self.api.call_operation("sts", "GetCallerIdentity", {})
                return {
                    "accountId": identity["Account"],
                    "arn": identity["Arn"],
                    "userId": identity["UserId"],
                    "id": identity["Account"],
                }
            case "aws:index/getRegion:getRegion":
                return {"id": REGION, "region": REGION, "name": REGION, "endpoint": "", "description": REGION}
            case "aws:index/getPartition:getPartition":
                names = {"partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws"}
                return {"id": "aws", **names}
        raise Unbuildable(f"{args.token}: nothing here answers this call")
