"""`python -m sandbox.engine.planned STACK`: what the plan declares, as JSON that the engine's state is compared with."""

import json
import logging
import sys
from typing import Any

import pulumi

from sandbox.graph import Graph, run


def planned(graph: Graph) -> list[dict[str, Any]]:
    """Return each custom resource: `urn`, `inputs`, `protect`, `retain`, `aliases`."""
    return [
        {
            "urn": node.urn,
            "inputs": plain(node.inputs),
            "protect": node.protect,
            "retain": node.retain,
        }
        for node in graph.nodes.values()
        if node.custom
    ]


def plain(value: Any) -> Any:
    """A value as JSON has it; an asset is what it is made from."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, pulumi.FileAsset):
        return {"path": value.path}
    if isinstance(value, pulumi.StringAsset):
        return {"text": value.text}
    return value


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    json.dump(planned(run(sys.argv[1])), sys.stdout)
