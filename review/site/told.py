"""A verdict as a page tells it: checked for its form, and masked once more where values are about a person."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from etl.contract import Contract
from etl.origin import stored
from etl.verdict import MASK, RUN

GOOD, ASIDE, BAD, QUIET = "good", "aside", "bad", "quiet"
RUN_ID = re.compile(r"[A-Za-z0-9_-]+")  # it becomes a part of paths


@dataclass(frozen=True)
class Broken:
    """A rule that did not hold: its id, severity, by how many, samples (None for a null) and why it is there.

    `places` say where the rows are from that the samples show, None where that is not known.
    """

    rule: str
    severity: str
    unexpected: int
    samples: tuple[str | None, ...]
    why: str
    places: tuple[str | None, ...] = ()

    @property
    def placed(self) -> list[tuple[str | None, str | None]]:
        """The samples, each with its place."""
        padded = (*self.places, *(None for _ in self.samples))
        return list(zip(self.samples, padded, strict=False))


@dataclass(frozen=True)
class Told:
    """One run. `read`, `published` and `aside` are rows; `pages` the stages whose Data Docs are at hand."""

    dataset: str
    run_id: str
    state: str
    started: str
    message: str
    seconds: float
    contracts: dict[str, str]
    read: int
    published: int
    aside: int
    objects: tuple[str, ...]
    broken: tuple[Broken, ...]
    waiting: tuple[str, ...]
    held: int
    nothing_unread: bool = False
    kind: str = RUN
    pages: tuple[str, ...] = ()

    @classmethod
    def of(cls, plain: Any) -> "Told":
        """Read a verdict file's content.

        Raises:
            ValueError: it is no verdict.
        """
        try:
            if not RUN_ID.fullmatch(plain["run_id"]):
                raise ValueError("with that run_id")
            rules = [rule for rule in plain["rules"] if rule.get("evaluated", True)]
            return cls(
                *(str(plain[name]) for name in ("dataset", "run_id", "state", "started", "message")),
                seconds=float(plain["seconds"]),
                contracts={str(stage): str(version) for stage, version in plain["contracts"].items()},
                read=int(plain["rows_read"]),
                published=int(plain["rows_published"]),
                aside=int(plain["rows_quarantined"]),
                objects=tuple(str(one["key"]) for one in plain["objects"]),
                broken=tuple(_broken(rule) for rule in rules if not rule["held"]),
                waiting=tuple(str(rule["rule"]) for rule in plain["rules"] if not rule.get("evaluated", True)),
                held=sum(bool(rule["held"]) for rule in rules),
                nothing_unread=bool(plain["nothing_unread"]),
                kind=str(plain.get("kind", RUN)),
            )
        except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
            raise ValueError(f"no verdict ({type(error).__name__}: {error})") from error

    @property
    def when(self) -> str:
        """When it began, in UTC and to the minute."""
        try:
            return f"{datetime.fromisoformat(self.started).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        except (ValueError, OverflowError):
            return self.started

    @property
    def refused(self) -> bool:
        """Whether a critical rule kept the data out."""
        return self.state == "FAILED" and any(one.severity == "critical" for one in self.broken)

    @property
    def outcome(self) -> tuple[str, str]:
        """What became of it, in words, and how that is to be felt."""
        words, tone = self._became
        return (words if self.kind == RUN else f"{self.kind}: {words}"), tone

    @property
    def changed_nothing(self) -> bool:
        """Whether it was an operator's attempt that failed: the dataset's state is what the run before left."""
        return self.kind != RUN and self.state != "SUCCEEDED"

    @property
    def _became(self) -> tuple[str, str]:
        if self.state != "SUCCEEDED":
            return ("refused" if self.refused else "failed"), BAD
        if self.nothing_unread:
            return "nothing new", QUIET
        if self.aside:
            return f"published, {self.aside} set aside", ASIDE
        return "published", GOOD

    def masked(self, contracts: Iterable[Contract]) -> "Told":
        """Return it with the values about a person masked, by what is personal today; so far as they are not already.

        A message may quote such values: where one had to be masked here, the message names the rules only.
        """
        contracts = list(contracts)
        broken = tuple(_masked(one, contracts) for one in self.broken)
        if broken == self.broken:
            return self
        named = "; ".join(f"{one.rule} ({one.unexpected})" for one in broken)
        return replace(self, broken=broken, message=f"{self.dataset} broke its contract: {named}")


def _broken(rule: dict[str, Any]) -> Broken:
    samples = tuple(None if sample is None else str(sample) for sample in rule["samples"])
    places = tuple(place and place.in_words for place in stored(rule.get("places", ())))
    return Broken(str(rule["rule"]), str(rule["severity"]), int(rule["unexpected"]), samples, str(rule["why"]), places)


def _masked(one: Broken, contracts: list[Contract]) -> Broken:
    if not _is_personal(one.rule, contracts):
        return one
    first: dict[str | None, str | None] = {}
    for sample, place in one.placed:
        first.setdefault(None if sample is None else MASK, place)
    return replace(one, samples=tuple(first), places=tuple(first.values()))


def _is_personal(rule: str, contracts: list[Contract]) -> bool:
    """Say whether a rule's samples are about a person; those of a rule that is unknown today may be."""
    pii = {name for contract in contracts for name in contract.pii}
    known = {one.rule: set(one.columns) for contract in contracts for one in contract.rules}
    if rule in known:
        return bool(known[rule] & pii)
    _, is_cast, column = rule.partition(".structure.cast.")
    return column in pii if is_cast else bool(pii)
