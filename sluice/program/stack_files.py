"""The stacks' files, read as the Pulumi CLI hands them to the program: one way for every tool and test."""

import datetime
import functools
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from components.settings.lake_folder import ROOT, lake_folder
from components.settings.project_name import option_key, project_name, project_name_in

SAMPLES = ROOT / "sluice" / "program" / "stacks"
"""Stack files that no user changes: what committed pages are made from."""
ACCOUNT = "123456789012"
"""Stands for an account where a stack's file names none (AWS's own example)."""


class UnreadableStack(ValueError):
    """A stack's file holds what nobody can read without the CLI; the message names each key, and what to do."""


STAND_IN_URLS = {
    "https": "https://encrypted.invalid/",
    "pagerduty": "https://events.pagerduty.com/integration/encrypted/enqueue",
}
"""What stands for an encrypted URL of a channel, by its kind."""


def stack_names(folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the stacks that have a file in a folder, the lake's by default, sorted."""
    return tuple(sorted(path.name.split(".")[1] for path in (folder or lake_folder()).glob("Pulumi.*.yaml")))


STACKS = stack_names()


@functools.cache
def load_project() -> dict[str, Any]:
    """Return the content of the repository's `Pulumi.yaml`; which name counts is `project_name`'s to say."""
    return yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))


def load_stack_file(stack: str, folder: Path | None = None) -> dict[str, Any]:
    """Return the configuration in a stack's file by key, as YAML has it.

    A folder with a project file of another name has its options read as options of the lake's project.

    Raises:
        LookupError: there is no such file.
        UnreadableStack: it is no YAML, or no mapping.
    """
    folder = folder or lake_folder()
    file = folder / f"Pulumi.{stack}.yaml"
    if not file.is_file():
        raise LookupError(f"no stack {stack}: takes {', '.join(stack_names(folder))}")
    try:
        config = dict((yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("config") or {})
    except (yaml.YAMLError, AttributeError, TypeError, ValueError) as fault:
        raise UnreadableStack(f"{file.name} is no YAML with a mapping below config: {fault}") from fault
    namespace = f"{project_name_in(folder) or project_name()}:"
    return {
        option_key(key.removeprefix(namespace)) if str(key).startswith(namespace) else key: value
        for key, value in config.items()
    }


def stack_config(stack: str, folder: Path | None = None, needed: Collection[str] = ()) -> dict[str, str]:
    """Return `Pulumi.yaml`'s defaults under a stack's file, as texts, as the CLI hands them over.

    `needed` are the keys that the caller reads, all of the program's by default. Other encrypted ones are left out.

    Raises:
        LookupError: the stack has no file.
        UnreadableStack: it is no YAML, or a needed setting is encrypted.
    """
    config = with_stand_ins(load_stack_file(stack, folder))
    paths = {key: [f"{key}{path}" for path in encrypted_paths(value)] for key, value in config.items()}
    read_keys = needed or [key for key in config if key.startswith(option_key(""))]
    if encrypted := sorted(path for key in read_keys for path in paths.get(key, ())):
        raise UnreadableStack(
            f"Pulumi.{stack}.yaml holds {', '.join(encrypted)} encrypted (secure:), and only the Pulumi CLI has the key. "
            "No setting but url and key of a channel needs to be secret: `pulumi config set` without --secret writes it in "
            "plain text. "
            "Until then `make plan` cannot show the stack; `make preview` can"
        )
    plain_config = {key: value for key, value in config.items() if not paths[key]}
    return {key: as_text(value) for key, value in {**project_defaults(), **plain_config}.items()}


def with_stand_ins(config: dict[str, Any]) -> dict[str, Any]:
    """Return a stack's configuration with a stand-in for each encrypted url and key of a channel, which no plan shows."""
    key = option_key("channels")
    channels = config.get(key)
    if not isinstance(channels, Mapping) or "secure" in channels:
        return config
    return config | {key: {name: _channel_with_stand_ins(entry) for name, entry in channels.items()}}


def _channel_with_stand_ins(entry: Any) -> Any:
    if not isinstance(entry, Mapping):
        return entry
    stand_ins = {"url": STAND_IN_URLS.get(entry.get("kind", ""), ""), "key": "encrypted"}
    secure = [key for key in stand_ins if isinstance(entry.get(key), Mapping) and "secure" in entry[key]]
    return {**entry, **{key: stand_ins[key] for key in secure}}


def project_defaults() -> dict[str, Any]:
    """Return the values that `Pulumi.yaml` has for every stack, by whole key."""
    config = load_project().get("config", {})
    values = {
        key: spec.get("value", spec.get("default")) if isinstance(spec, dict) else spec for key, spec in config.items()
    }
    return {key if ":" in key else option_key(key): value for key, value in values.items() if value is not None}


def encrypted_paths(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each value that Pulumi encrypted, at any depth."""
    if isinstance(value, Mapping):
        if "secure" in value:
            yield path
            return
        for key, item in value.items():
            yield from encrypted_paths(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from encrypted_paths(item, f"{path}[{index}]")


def as_text(value: Any) -> str:
    """Return a value as the CLI hands it over: a text as it is, nothing as an empty one, all else as JSON."""
    value = as_json(value)
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def as_json(value: Any) -> Any:
    """Return a value of YAML as one of JSON, as the CLI turns it: a day becomes a text, 2.0 becomes 2."""
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, datetime.date):
        day = value if isinstance(value, datetime.datetime) else datetime.datetime.combine(value, datetime.time.min)
        return f"{day:%Y-%m-%d %H:%M:%S} +0000 UTC"
    return int(value) if isinstance(value, float) and value.is_integer() else value


def stack_account(config: Mapping[str, str]) -> str:
    """Return the account that a stack's configuration names, by its boundary or as the only one allowed; else ACCOUNT."""
    boundary = config.get(option_key("boundary"), "").split(":")
    if len(boundary) > 4:
        return boundary[4]
    allowed = config.get("aws:allowedAccountIds", "")
    digits = allowed.strip('[] "')
    return digits if digits.isdecimal() and len(digits) == 12 else ACCOUNT
