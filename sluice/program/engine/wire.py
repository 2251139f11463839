"""Property values on the engine's wire, as plain Python values and back (`google.protobuf.Struct`)."""

import json
from itertools import zip_longest
from typing import Any

from google.protobuf import json_format, struct_pb2

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How a value that is not known before an update is written (Pulumi, sdk/go/common/resource/plugin/rpc.go)."""
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  the mark of one, no secret


def decode_struct(properties: struct_pb2.Struct) -> dict[str, Any]:
    """Return a struct as a dictionary; numbers that are whole are int."""
    return {key: _with_integers(value) for key, value in json_format.MessageToDict(properties).items()}


def encode_struct(values: dict[str, Any]) -> struct_pb2.Struct:
    """Return a dictionary as a struct."""
    struct = struct_pb2.Struct()
    struct.update(values)
    return struct


def without_secrets(value: Any) -> Any:
    """Drop the envelopes of secrets, at any depth; in an exported state they hold JSON as a text."""
    if isinstance(value, dict):
        if is_secret(value):
            return json.loads(value["plaintext"]) if "plaintext" in value else without_secrets(value["value"])
        return {key: without_secrets(item) for key, item in value.items()}
    return [without_secrets(item) for item in value] if isinstance(value, list) else value


def seal_secrets(value: Any, model: Any) -> Any:
    """Put a value into the envelopes that `model` has at the same places."""
    if is_secret(model):
        return as_secret(without_secrets(value))
    if isinstance(value, dict) and isinstance(model, dict):
        return {key: seal_secrets(item, model.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(model, list):
        return [seal_secrets(item, model_item) for item, model_item in zip_longest(value, model[: len(value)])]
    return value


def as_secret(value: Any) -> dict[str, Any]:
    """Return a value in the envelope that marks a secret."""
    return {SIGNATURE: SECRET, "value": value}


def is_secret(value: Any) -> bool:
    """Return whether a value is in that envelope."""
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET


def _with_integers(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _with_integers(item) for key, item in value.items()}
    return [_with_integers(item) for item in value] if isinstance(value, list) else value
