"""`python -m sluice.program.engine.planned STACK`: what the plan declares, as JSON that the engine's state is compared with."""

import json
import logging
import sys
from typing import Any

import pulumi

from sluice.program.graph import Graph, Node, run_program


def planned_state(graph: Graph) -> dict[str, Any]:
    """Return `resources`, components among them, as the engine's state has them, and the stack's `outputs`."""
    return {"resources": [resource_json(node) for node in graph.nodes.values()], "outputs": plain_value(graph.outputs)}


def resource_json(node: Node) -> dict[str, Any]:
    """Return one resource with its options; `secrets` are the inputs that the state has to encrypt."""
    urn_prefix = node.urn.rpartition("::")[0]
    return {
        "urn": node.urn,
        "parent": node.parent,
        "custom": node.custom,
        "inputs": plain_value(node.inputs),
        "secrets": sorted(node.secret),
        "protect": node.protect,
        "retain": node.retain,
        "ignored": sorted(node.ignore_changes),
        "aliases": sorted(alias if alias.startswith("urn:") else f"{urn_prefix}::{alias}" for alias in node.aliases),
    }


def plain_value(value: Any) -> Any:
    """A value as JSON has it; an asset is what it is made from."""
    if isinstance(value, dict):
        return {key: plain_value(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [plain_value(item) for item in value]
    if isinstance(value, pulumi.FileAsset):
        return {"path": value.path}
    if isinstance(value, pulumi.StringAsset):
        return {"text": value.text}
    return value


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    json.dump(planned_state(run_program(sys.argv[1])), sys.stdout)
