"""Where people and machines hear of a stack: channels by name, who owns which, and what each hears.

A URL or a key of a channel is a secret wherever it stands: no message shows it.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from components.settings.config_reader import StackConfig
from components.settings.project_name import option_key
from components.settings.quoting import HIDDEN_VALUE, describe_kind, quote_value
from etl.contract.faults import did_you_mean_ending
from etl.contract.json_values import is_list, is_object
from etl.contract.severity import Severity

EMAIL = r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+"
CHANNEL_NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
LONGEST_NAME = 20
"""Characters: with the longest prefix and stack, names of what a channel needs stay within 64."""
SEVERITIES = tuple(map(str, Severity))
ALARM_EMAIL_CHANNEL = "email"
"""What the channel of `alarm_email` is called."""
STACK = "stack"
"""The owner of a message that is about no dataset; every channel hears it."""
SECRET_KEYS = ("url", "key")
KINDS: dict[str, dict[str, bool]] = {
    "email": {"to": True},
    "slack": {"workspace": True, "channel": True},
    "teams": {"tenant": True, "workspace": True, "channel": True},
    "pagerduty": {"url": True},
    "https": {"url": True, "key": True, "header": False},
}
"""The keys of each kind, and whether one is needed; `severities` is of all kinds."""
UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
HTTPS = r"https://[\w.-]+\.[a-z]{2,}(:\d+)?(/[^\s]*)?"
PATTERNS: dict[tuple[str, str], tuple[str, str]] = {
    ("email", "to"): (EMAIL, "an e-mail address"),
    ("slack", "workspace"): (r"[0-9A-Z]{1,255}", "a workspace's id, such as T0ABC1234"),
    ("slack", "channel"): (r"[A-Za-z0-9]{1,255}", "a channel's id, such as C0ABC1234"),
    ("teams", "tenant"): (UUID, "a tenant's id, such as 0f8fad5b-d9cb-469f-a165-70867728950e"),
    ("teams", "workspace"): (UUID, "a team's id, such as 0f8fad5b-d9cb-469f-a165-70867728950e"),
    ("teams", "channel"): (
        r"[\w=+/.,-]*(:|%3[aA])[\w=+/.,-]*(@|%40)[\w=+/.,-]+",
        "a channel's id, such as 19:abc@thread.tacv2",
    ),
    ("pagerduty", "url"): (
        r"https://events(\.eu)?\.pagerduty\.com/\S+",
        "the integration URL of PagerDuty's Amazon CloudWatch integration, https://events.pagerduty.com/...",
    ),
    ("https", "url"): (HTTPS, "a URL that begins with https://"),
    ("https", "key"): (
        r"[\x21-\x7e]([\x20-\x7e]{0,510}[\x21-\x7e])?",
        "a key of printable ASCII, at most 512 characters",
    ),
    ("https", "header"): (r"[A-Za-z0-9-]{1,128}", "the name of a header, such as Authorization"),
}
"""Of each kind's keys the pattern of the whole text, and what that is in words (AWS Chatbot API reference,
SlackChannelConfiguration, TeamsChannelConfiguration; Amazon EventBridge API reference, CreateConnection)."""
DEFAULT_HEADER = "Authorization"


@dataclass(frozen=True)
class Channel:
    """One channel: its kind, its own keys with their values, and the severities that it hears."""

    name: str
    kind: str
    severities: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    def hears(self, severity: str) -> bool:
        """Whether messages of a severity are for it."""
        return severity in self.severities


def read_channels(config: StackConfig, channels: Mapping[str, Any], alarm_email: str) -> tuple[Channel, ...]:
    """Return the channels by their names' order, that of `alarm_email` first; what is wrong is kept as a fault."""
    if channels:
        config.read_apart.add("channels")
        config.hidden_values += [
            entry.get(key) for entry in channels.values() if is_object(entry) for key in SECRET_KEYS if key in entry
        ]
    read = [_read_channel(config, name, entry) for name, entry in channels.items()]
    _refuse_shared_teams(config, [channel for channel in read if channel and channel.kind == "teams"])
    if not alarm_email:
        return tuple(filter(None, read))
    if ALARM_EMAIL_CHANNEL in channels:
        _add_fault(config, ALARM_EMAIL_CHANNEL, "", "another name, since alarm_email is the channel of that name")
    former = Channel(ALARM_EMAIL_CHANNEL, "email", SEVERITIES, {"to": alarm_email})
    return (former, *filter(None, read))


def _refuse_shared_teams(config: StackConfig, channels: Iterable[Channel]) -> None:
    """The provider finds a configuration by its team alone (terraform-provider-aws, chatbot/teams_channel_configuration.go)."""
    seen = dict[str, str]()
    for channel in channels:
        team = channel.values.get("workspace", channel.name)
        if team in seen:
            _add_fault(
                config, f"{channel.name}.workspace", "", f"another team than that of {seen[team]}: one channel a team"
            )
        seen.setdefault(team, channel.name)


def _read_channel(config: StackConfig, name: str, entry: object) -> Channel | None:
    if not re.fullmatch(CHANNEL_NAME, name, re.ASCII) or len(name) > LONGEST_NAME or name in SEVERITIES:
        takes = f"a name of at most {LONGEST_NAME} of a-z, 0-9 and hyphens, and none of {', '.join(SEVERITIES)}"
        _add_fault(config, name, "", takes)
    if not is_object(entry):
        _add_fault(
            config, name, _shown(config, "", describe_kind(entry)), "a mapping such as {kind: email, to: me@acme.de}"
        )
        return None
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        _add_fault(config, f"{name}.kind", _shown_value(config, "kind", entry), f"{', '.join(KINDS)}")
        return None
    values = {key: _read_value(config, name, kind, key, entry) for key in KINDS[kind]}
    allowed = ("kind", "severities", *KINDS[kind])
    for key in (key for key in entry if key not in allowed):
        ending = did_you_mean_ending(key, allowed)
        _add_fault(
            config, f"{name}.{key}", "", f"nothing, no such key of {kind}; there are {', '.join(allowed)}{ending}"
        )
    present = {key: value for key, value in values.items() if value}
    return Channel(name, kind, _read_severities(config, name, entry), present)


def _read_value(config: StackConfig, name: str, kind: str, key: str, entry: Mapping[str, Any]) -> str:
    pattern, description = PATTERNS[kind, key]
    value = entry.get(key)
    if value is None and not KINDS[kind][key]:
        return DEFAULT_HEADER
    if isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII):
        return quote(value, safe="%=+/.,-_") if (kind, key) == ("teams", "channel") else value
    _add_fault(config, f"{name}.{key}", _shown_value(config, key, entry), description)
    return ""


def _read_severities(config: StackConfig, name: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    severities: object = entry.get("severities", list(SEVERITIES))
    listed = severities if is_list(severities) else []
    if not listed or len(set(map(str, listed))) < len(listed) or not all(level in SEVERITIES for level in listed):
        takes = f"a list of {', '.join(SEVERITIES)}, each at most once"
        _add_fault(config, f"{name}.severities", _shown_value(config, "severities", entry), takes)
        return SEVERITIES
    return tuple(severity for severity in SEVERITIES if severity in listed)


def read_owners(
    config: StackConfig, owners: Mapping[str, Any], channels: Sequence[Channel]
) -> dict[str, tuple[str, ...]]:
    """Return the names of the channels of each owner; a name that no channel has is kept as a fault."""
    names = [channel.name for channel in channels]
    return {owner: _read_owner(config, owner, entry, names) for owner, entry in owners.items()}


def _read_owner(config: StackConfig, owner: str, entry: object, names: Sequence[str]) -> tuple[str, ...]:
    path = f"{option_key('owners')}.{owner}"
    shown = HIDDEN_VALUE if "owners" in config.secret_keys else quote_value(entry)
    if owner == STACK:
        config.faults.append(f"{path}: takes another name, since {STACK} owns the messages that are about no dataset")
    if not is_list(entry) or not all(isinstance(name, str) for name in entry) or len(set(entry)) < len(entry):
        config.faults.append(f"{path} is {shown}: takes a list of channels, each once, such as [oncall]")
        return ()
    for name in entry:
        if name not in names:
            there = f"there are {', '.join(names)}" if names else "there is none"
            config.faults.append(
                f"{path} is {shown}: takes names of channels; {there}{did_you_mean_ending(name, names)}"
            )
    return tuple(name for name in entry if name in names)


def unencrypted_secrets(secret_keys: Collection[str], channels: Iterable[Channel]) -> list[str]:
    """Return a sentence for each secret of a channel that the stack's file keeps as plain text."""
    if "channels" in secret_keys:
        return []
    return [
        f"{option_key('channels')}.{channel.name}.{key} stands in the stack's file as plain text: "
        f"pulumi config set --secret --path '{option_key('channels')}.{channel.name}.{key}'"
        for channel in channels
        for key in SECRET_KEYS
        if key in channel.values
    ]


def _add_fault(config: StackConfig, path: str, shown: str, takes: str) -> None:
    actual = f" is {shown}" if shown else ""
    config.faults.append(f"{option_key('channels')}.{path}{actual}: takes {takes}")


def _shown_value(config: StackConfig, key: str, entry: Mapping[str, Any]) -> str:
    return _shown(config, key, quote_value(entry[key])) if key in entry else "not set"


def _shown(config: StackConfig, key: str, text: str) -> str:
    return HIDDEN_VALUE if key in SECRET_KEYS or "channels" in config.secret_keys else text
