"""What every recipe works with: a resource's inputs, the emulator's API, and the way from one's names to the other's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from botocore import xform_name
from botocore.model import ListShape, MapShape, Shape, StructureShape

from sluice.sandbox.emulator.emulator import ACCOUNT, Emulator
from sluice.sandbox.jobs.spark import REGION

REQUIRED = object()


class Unbuildable(Exception):
    """A resource, or an input of one, that no recipe knows how to create."""


@dataclass
class Inputs:
    """The inputs of one resource, by the names Pulumi gives them. What a recipe leaves behind is an error.

    `default_tags` are the provider's, which a resource that takes tags has beside its own.
    """

    values: dict[str, Any]
    default_tags: Mapping[str, str] = field(default_factory=dict)

    def take(self, name: str, default: Any = REQUIRED) -> Any:
        """Hand over one input, once."""
        if name not in self.values and default is REQUIRED:
            raise Unbuildable(f"has no {name}; here every name is explicit")
        return self.values.pop(name, default)

    def take_tags(self) -> dict[str, str]:
        """Hand over the tags: the provider's default ones, under the resource's own."""
        return {**self.default_tags, **self.take("tags", {})}

    def take_rest(self, **renamed: str) -> dict[str, Any]:
        """Hand over everything else; `renamed` gives the API's name for an input, where it is another word."""
        remaining, self.values = self.values, {}
        return {renamed.get(name, name): value for name, value in remaining.items()}

    def refuse_rest(self) -> None:
        """Raise where an input was not taken: a program that sets it counts on it."""
        if self.values:
            raise Unbuildable(f"its recipe does not read {', '.join(sorted(self.values))}")


@dataclass(frozen=True)
class CreatedResource:
    """What the engine learns of a resource: its id, and the outputs beside its inputs."""

    id: str
    outputs: dict[str, Any]


@dataclass(frozen=True)
class EmulatorApi:
    """The emulator's API."""

    emulator: Emulator

    def call_operation(self, service: str, operation: str, members: dict[str, Any]) -> dict[str, Any]:
        """Call an operation, its members spelled in any case and number.

        Raises:
            Unbuildable: the operation has no such member.
        """
        client = self.emulator.client(service)
        shape = client.meta.service_model.operation_model(operation).input_shape
        return getattr(client, xform_name(operation))(**recase_members(members, shape, operation))


Recipe = Callable[[Inputs, EmulatorApi], CreatedResource]


def recase_members(value: Any, shape: Shape, location: str) -> Any:
    """Recase a tree of inputs to the names that a shape of the AWS API has."""
    if isinstance(shape, StructureShape):
        members: dict[str, Shape] = dict(cast("Any", shape.members))
        api_items = _match_members(value, members, location)
        return {name: recase_members(item, members[name], f"{location}.{name}") for name, item in api_items}
    if isinstance(shape, ListShape):
        return [recase_members(item, cast("Shape", shape.member), location) for item in value]
    if isinstance(shape, MapShape):
        return {key: str(item) for key, item in value.items()}
    if shape.type_name in ("integer", "long"):
        return int(value)  # the engine's wire knows floats only
    return value


def _match_members(value: dict[str, Any], members: dict[str, Shape], location: str) -> list[tuple[str, Any]]:
    names = {name.lower(): name for name in members}
    matched = []
    for key, item in value.items():
        lower = key.lower()
        name = names.get(lower) or names.get(lower.rstrip("s")) or names.get(f"{lower}s")
        if name is None:
            raise Unbuildable(f"{location} has no {key} in the AWS API")
        matched.append((name, item))
    return matched


def emulator_arn(service: str, resource: str) -> str:
    """Return the ARN of something regional in the emulator's account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def tag_list(tags: dict[str, str] | None) -> list[dict[str, str]]:
    """Return tags as most services take them."""
    return [{"key": key, "value": value} for key, value in (tags or {}).items()]
