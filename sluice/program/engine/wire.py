"""Property values on the engine's wire, as plain Python values and back (`google.protobuf.Struct`)."""

import json
from itertools import zip_longest
from typing import Any

from google.protobuf import json_format, struct_pb2

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How a value that is not known before an update is written (Pulumi, sdk/go/common/resource/plugin/rpc.go)."""
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  the mark of one, no secret


def decoded(properties: struct_pb2.Struct) -> dict[str, Any]:
    """Return a struct as a dictionary; numbers that are whole are int."""
    return {key: _whole(value) for key, value in json_format.MessageToDict(properties).items()}


def encoded(values: dict[str, Any]) -> struct_pb2.Struct:
    """Return a dictionary as a struct."""
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


def bare(value: Any) -> Any:
    """Drop the envelopes of secrets, at any depth; in an exported state they hold JSON as a text."""
    if isinstance(value, dict):
        if is_secret(value):
            return json.loads(value["plaintext"]) if "plaintext" in value else bare(value["value"])
        return {key: bare(item) for key, item in value.items()}
    return [bare(item) for item in value] if isinstance(value, list) else value


def sealed(value: Any, model: Any) -> Any:
    """Put a value into the envelopes that `model` has at the same places."""
    if is_secret(model):
        return secret(bare(value))
    if isinstance(value, dict) and isinstance(model, dict):
        return {key: sealed(item, model.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(model, list):
        return [sealed(item, other) for item, other in zip_longest(value, model[: len(value)])]
    return value


def secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": value}


def is_secret(value: Any) -> bool:
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value
