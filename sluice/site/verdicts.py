"""A verdict as a page tells it: checked for its form, and masked once more where values are about a person."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from etl.contract.severity import Severity
from etl.errors import VerdictUnreadable
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.run_line import RunLine
from etl.results.verdict import RunState
from etl.results.verdict_file import parse_verdict
from etl.runtime.arguments import RunKind
from sluice.day_results.outcomes import Tone, changed_nothing, describe_outcome
from sluice.site.personal_values import PersonalValues

RUN_ID = re.compile(r"[A-Za-z0-9_-]+")  # it becomes a part of paths


def minute_text(started: str) -> str:
    """Return a time as it is stored in UTC and to the minute; what is no time stays as it is."""
    try:
        return f"{datetime.fromisoformat(started).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError):
        return started


@dataclass(frozen=True)
class BrokenRule:
    """A rule that did not hold: its id, severity, by how many, samples (None for a null) and why it is there.

    `places` say where the rows are from that the samples show, None where that is not known.
    """

    rule: str
    severity: Severity
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
class RunSummary:
    """One run. `pages` are the stages whose Data Docs are at hand; `held` is None where that is not known."""

    dataset: str
    run_id: str
    state: RunState
    started: str
    message: str
    seconds: float
    contracts: dict[str, str]
    rows_read: int
    rows_published: int
    rows_quarantined: int
    objects: tuple[str, ...]
    broken: tuple[BrokenRule, ...]
    waiting: tuple[str, ...]
    held: int | None
    in_error: tuple[BrokenRule, ...] = ()
    nothing_unread: bool = False
    kind: RunKind = RunKind.RUN
    pages: tuple[str, ...] = ()
    rows_unchanged: int = 0
    rows_gone: int = 0

    @classmethod
    def from_verdict(cls, content: Any) -> "RunSummary":
        """Read a verdict file's content.

        Raises:
            VerdictUnreadable: it is no verdict.
        """
        verdict = parse_verdict(content)
        if not RUN_ID.fullmatch(verdict.run_id):
            raise VerdictUnreadable("no verdict: its run_id is none of Glue's")
        return cls(
            verdict.dataset,
            verdict.run_id,
            verdict.state,
            verdict.started,
            verdict.message,
            seconds=verdict.seconds,
            contracts=verdict.contracts,
            rows_read=verdict.rows_read,
            rows_published=verdict.rows_published,
            rows_quarantined=verdict.rows_quarantined,
            objects=tuple(raw_object.key for raw_object in verdict.objects),
            broken=tuple(map(_broken_rule, verdict.violations)),
            waiting=tuple(result.rule for result in verdict.not_evaluated),
            held=verdict.count_rules(RuleState.HELD),
            in_error=tuple(map(_broken_rule, verdict.in_error)),
            nothing_unread=verdict.nothing_unread,
            kind=verdict.kind,
            rows_unchanged=verdict.rows_unchanged,
            rows_gone=verdict.rows_gone,
        )

    @classmethod
    def from_line(cls, line: RunLine) -> "RunSummary":
        """Return what a line of the results has of a run whose verdict is not at hand: numbers and rules, no values."""
        broken = tuple(BrokenRule(rule.rule, rule.severity, rule.rows, (), "") for rule in line.broken)
        return cls(
            line.dataset,
            line.run_id,
            line.state,
            line.started,
            "Its verdict is not at hand: what is told is of its line in the results.",
            seconds=line.seconds,
            contracts=line.contracts,
            rows_read=line.rows_read,
            rows_published=line.rows_published,
            rows_quarantined=line.rows_quarantined,
            objects=(),
            broken=broken,
            waiting=(),
            held=None,
            nothing_unread=line.nothing_unread,
            kind=line.kind,
            rows_unchanged=line.rows_unchanged,
            rows_gone=line.rows_gone,
        )

    @property
    def when(self) -> str:
        """When it began, in UTC and to the minute."""
        return minute_text(self.started)

    @property
    def is_refused(self) -> bool:
        """Whether a critical rule kept the data out."""
        return self.state.is_failure and any(broken_rule.severity.stops_run for broken_rule in self.broken)

    @property
    def outcome(self) -> tuple[str, Tone]:
        """What became of it, in words, and how that is to be felt."""
        return describe_outcome(self, self.is_refused)

    @property
    def changed_nothing(self) -> bool:
        """Whether it was an operator's attempt that failed: the dataset's state is what the run before left."""
        return changed_nothing(self)

    def mask_personal(self, personal: PersonalValues) -> "RunSummary":
        """Return it with the values about a person masked, by what is personal today; so far as they are not already.

        A message may quote such values: where one had to be masked here, the message names the rules only.
        """
        broken = tuple(_mask_rule(broken_rule, personal) for broken_rule in self.broken)
        in_error = tuple(_mask_error(broken_rule, personal) for broken_rule in self.in_error)
        if (broken, in_error) == (self.broken, self.in_error):
            return self
        named = "; ".join(f"{broken_rule.rule} ({broken_rule.unexpected})" for broken_rule in broken)
        words = (
            f"broke its contract: {named}"
            if named
            else f"{', '.join(broken_rule.rule for broken_rule in in_error)} could not be judged"
        )
        return replace(self, broken=broken, in_error=in_error, message=f"{self.dataset} {words}")


def _broken_rule(result: RuleResult) -> BrokenRule:
    places = tuple(origin and origin.in_words for origin in result.places)
    return BrokenRule(result.rule, result.severity, result.unexpected, result.samples, result.why, places)


def _mask_rule(broken_rule: BrokenRule, personal: PersonalValues) -> BrokenRule:
    """Mask a rule's samples; of samples that become alike the first one's place is kept."""
    places_by_sample: dict[str | None, str | None] = {}
    for sample, place in broken_rule.placed:
        places_by_sample.setdefault(personal.mask_value(broken_rule.rule, sample), place)
    return replace(broken_rule, samples=tuple(places_by_sample), places=tuple(places_by_sample.values()))


def _mask_error(broken_rule: BrokenRule, personal: PersonalValues) -> BrokenRule:
    return (
        replace(broken_rule, samples=tuple(personal.masking.mask_error(str(words)) for words in broken_rule.samples))
        if personal.masking.applies
        else broken_rule
    )
