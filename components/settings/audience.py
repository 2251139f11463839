"""Who hears what: of each channel and severity the owners whose datasets' messages it gets.

A critical message is heard by somebody in any case: one of an owner without a channel for it goes to all channels.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from components.settings.channels import STACK, Channel
from components.settings.project_name import option_key
from etl.contract.severity import Severity

CRITICAL = str(Severity.CRITICAL)
Owners = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Heard:
    """The owners that a channel hears: those of `only`, or all but those of `but` where `only` is None."""

    only: tuple[str, ...] | None = None
    but: tuple[str, ...] = ()

    @property
    def is_all(self) -> bool:
        """Whether it hears every owner."""
        return self.only is None and not self.but

    def as_json(self) -> dict[str, list[str]]:
        """Return it as the state machines read it."""
        return {"but": list(self.but)} if self.only is None else {"only": list(self.only)}

    def filter_values(self) -> list[object]:
        """Return what a subscription's filter policy asks of the attribute `owner`."""
        return [{"anything-but": list(self.but)}] if self.only is None else list(self.only)


def heard_by(channel: Channel, severity: str, channels: Iterable[Channel], owners: Owners) -> Heard:
    """Return whom a channel hears at a severity that it takes.

    Without owners all channels hear all. A critical message is kept from a channel only where its owner has another that
    takes it; so owners that nobody listed are heard by all.
    """
    if not owners:
        return Heard()
    its_owners = tuple(owner for owner, names in owners.items() if channel.name in names)
    if severity != CRITICAL:
        return Heard(only=(*its_owners, STACK))
    return Heard(but=tuple(owner for owner in reached_owners(channels, owners) if owner not in its_owners))


def reached_owners(channels: Iterable[Channel], owners: Owners) -> list[str]:
    """Return the owners that have a channel which takes critical messages."""
    critical = {channel.name for channel in channels if channel.hears(CRITICAL)}
    return [owner for owner, names in owners.items() if critical & set(names)]


def hears_all(channel: Channel, channels: Iterable[Channel], owners: Owners) -> bool:
    """Whether a channel hears every owner at each severity that it takes, so that it may hang on the stack's own topics."""
    listed = tuple(channels)
    return all(heard_by(channel, severity, listed, owners).is_all for severity in channel.severities)


def unreached_owners(datasets: Mapping[str, str], channels: Sequence[Channel], owners: Owners) -> list[str]:
    """Return a sentence for each owner whose critical messages go to all channels; `datasets` are owners by dataset."""
    if not owners or not channels:
        return []
    reached = set(reached_owners(channels, owners))
    missing = sorted({owner for owner in datasets.values() if owner not in reached})
    return [
        f"{option_key('owners')} has no channel of {owner} that takes critical messages: those of "
        f"{', '.join(sorted(name for name, its_owner in datasets.items() if its_owner == owner))} go to all channels"
        for owner in missing
    ] + [
        f"{option_key('owners')} lists {owner}, whom no contract names as its owner; there are "
        f"{', '.join(sorted(set(datasets.values())))}"
        for owner in owners
        if owner not in set(datasets.values())
    ]
