"""A verdict as a page tells it: checked for its form, and masked once more where values are about a person."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from etl.contract.masking import Masking
from etl.contract.model import Contract, Rule
from etl.contract.sample_values import MASK
from etl.contract.severity import Severity
from etl.contract.source_format import SourceFormat
from etl.contract.stage import Stage
from etl.errors import VerdictUnreadable
from etl.gate.rule_results import is_figure
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.verdict import RunState
from etl.results.verdict_file import parse_verdict
from etl.runtime.arguments import RunKind

GOOD, ASIDE, BAD, QUIET = "good", "aside", "bad", "quiet"
RUN_ID = re.compile(r"[A-Za-z0-9_-]+")  # it becomes a part of paths


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
    """One run. `read`, `published` and `quarantined` are rows; `pages` the stages whose Data Docs are at hand."""

    dataset: str
    run_id: str
    state: RunState
    started: str
    message: str
    seconds: float
    contracts: dict[str, str]
    read: int
    published: int
    quarantined: int
    objects: tuple[str, ...]
    broken: tuple[BrokenRule, ...]
    waiting: tuple[str, ...]
    held: int
    in_error: tuple[BrokenRule, ...] = ()
    nothing_unread: bool = False
    kind: RunKind = RunKind.RUN
    pages: tuple[str, ...] = ()

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
            read=verdict.rows_read,
            published=verdict.rows_published,
            quarantined=verdict.rows_quarantined,
            objects=tuple(raw_object.key for raw_object in verdict.objects),
            broken=tuple(map(_broken_rule, verdict.violations)),
            waiting=tuple(result.rule for result in verdict.not_evaluated),
            held=verdict.count_rules(RuleState.HELD),
            in_error=tuple(map(_broken_rule, verdict.in_error)),
            nothing_unread=verdict.nothing_unread,
            kind=verdict.kind,
        )

    @property
    def when(self) -> str:
        """When it began, in UTC and to the minute."""
        try:
            return f"{datetime.fromisoformat(self.started).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        except (ValueError, OverflowError):
            return self.started

    @property
    def is_refused(self) -> bool:
        """Whether a critical rule kept the data out."""
        return self.state.is_failure and any(broken_rule.severity.stops_run for broken_rule in self.broken)

    @property
    def outcome(self) -> tuple[str, str]:
        """What became of it, in words, and how that is to be felt."""
        words, tone = self._plain_outcome
        return (f"{self.kind}: {words}" if self.kind.is_repair else words), tone

    @property
    def changed_nothing(self) -> bool:
        """Whether it was an operator's attempt that failed: the dataset's state is what the run before left."""
        return self.kind.is_repair and self.state.is_failure

    @property
    def _plain_outcome(self) -> tuple[str, str]:
        if self.state.is_failure:
            return ("refused" if self.is_refused else "failed"), BAD
        if self.nothing_unread:
            return "nothing new", QUIET
        if self.quarantined:
            return f"published, {self.quarantined} set aside", ASIDE
        return "published", GOOD

    def mask_personal(self, contracts: Iterable[Contract]) -> "RunSummary":
        """Return it with the values about a person masked, by what is personal today; so far as they are not already.

        A message may quote such values: where one had to be masked here, the message names the rules only.
        """
        contracts = list(contracts)
        masking = Masking.from_columns(
            [column for contract in contracts for column in contract.columns], _input_format(contracts)
        )
        rules = {rule.rule: (rule, contract) for contract in contracts for rule in contract.rules}
        broken = tuple(_mask_rule(broken_rule, masking, rules) for broken_rule in self.broken)
        in_error = tuple(_mask_error(broken_rule, masking) for broken_rule in self.in_error)
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


def _input_format(contracts: list[Contract]) -> SourceFormat:
    return next((contract.format for contract in contracts if contract.stage is Stage.INPUT), SourceFormat.CSV)


def _mask_rule(broken_rule: BrokenRule, masking: Masking, rules: Mapping[str, tuple[Rule, Contract]]) -> BrokenRule:
    """Mask a rule's samples; those of a rule that is unknown today may hold anything."""
    _, is_cast, column = broken_rule.rule.partition(".structure.cast.")
    if broken_rule.rule in rules:
        rule, contract = rules[broken_rule.rule]
        if is_figure(rule, replace(contract, masking=masking)):
            return broken_rule
        columns = rule.columns
    else:
        columns = (column,) if is_cast else (*masking.columns,)  # a line may hold each of them
    places_by_sample: dict[str | None, str | None] = {}
    for sample, place in broken_rule.placed:
        places_by_sample.setdefault(sample if masking.may_show(sample, columns) else MASK, place)
    return replace(broken_rule, samples=tuple(places_by_sample), places=tuple(places_by_sample.values()))


def _mask_error(broken_rule: BrokenRule, masking: Masking) -> BrokenRule:
    return (
        replace(broken_rule, samples=tuple(masking.mask_error(str(words)) for words in broken_rule.samples))
        if masking.applies
        else broken_rule
    )
