"""The verdict on a run: what it read and published, each rule with its result, and what became of the run.

The file `verdicts/<dataset>/<run-id>.json` is this model, written and read by `verdict_file`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, assert_never

from pydantic import TypeAdapter, computed_field

from etl.results.merging import (
    LARGEST,
    OF_RUN,
    OF_WHOLE,
    SHARED,
    SUM,
    UNION,
    MergeRule,
    empty_value,
    keep_value,
    merge_values,
)
from etl.results.rule_result import RuleResult, merge_by_rule
from etl.results.rule_state import RuleState
from etl.results.schema_settings import SCHEMA_SETTINGS
from etl.results.used_bound import AcceptedHistory, UsedBound
from etl.results.waiting_objects import WaitingObjects
from etl.results.withdrawn_object import WithdrawnObject
from etl.runtime.arguments import RunKind
from etl.storage.raw_objects import RawObject

VERSION = 1  # a reader of this version understands a file of it: a field more is none of another, a new meaning is


class RunState(StrEnum):
    """What became of a run."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"

    @property
    def is_failure(self) -> bool:
        """Whether something kept it from its end; it may have published a part."""
        match self:
            case RunState.SUCCEEDED:
                return False
            case RunState.FAILED:
                return True
            case _:
                assert_never(self)


@dataclass(frozen=True)
class ObjectVersion:
    """One version of a raw object; a day with the snapshot of its source, of a dataset that is built from tables."""

    __pydantic_config__ = SCHEMA_SETTINGS

    key: str
    version: str

    @classmethod
    def from_objects(cls, raw_objects: Iterable[RawObject]) -> "list[ObjectVersion]":
        """Return what a verdict keeps of raw objects."""
        return [cls(raw_object.key, raw_object.version) for raw_object in raw_objects]


@dataclass(frozen=True)
class SkippedObject:
    """One version of a raw object that an operator has runs leave alone: why, who did so, and when (UTC, ISO text)."""

    __pydantic_config__ = SCHEMA_SETTINGS

    key: str
    version: str
    why: str
    who: str
    at: str


def _latest_snapshot(first: "Verdict", second: "Verdict", name: str) -> str | None:
    """Return what the later part published, where it did."""
    return second.snapshot_after if second.snapshot_after != second.snapshot_before else getattr(first, name)


LATEST_SNAPSHOT = MergeRule(keep_value, _latest_snapshot)
BY_RULE = MergeRule(empty_value, merge_values(merge_by_rule))


@dataclass
class Verdict:
    """A run as the verdict file tells it."""

    __pydantic_config__ = SCHEMA_SETTINGS

    version: Annotated[Literal[1], OF_RUN] = field(default=VERSION, kw_only=True)
    """Of this form; a field more does not change it, another meaning of one does. Verdicts of before have none."""
    dataset: Annotated[str, OF_RUN]
    """The dataset's name."""
    run_id: Annotated[str, OF_RUN]
    """Glue's id of the run."""
    job: Annotated[str, OF_RUN]
    """The job's name."""
    started: Annotated[str, OF_RUN]
    """When the run began, UTC, as ISO text."""
    state: Annotated[RunState, OF_RUN] = RunState.FAILED
    """Whether it published what it read, or had nothing to read."""
    message: Annotated[str, OF_RUN] = ""
    """What became of it, in words."""
    contracts: Annotated[dict[str, str], OF_RUN] = field(default_factory=dict[str, str])
    """The contracts' versions by stage, input and output."""
    rows_read: Annotated[int, SUM] = 0
    """Rows that were read: each was published, set aside, replaced, unchanged or too old, or of changes deleted or late, unless
    the run failed."""
    rows_published: Annotated[int, SUM] = 0
    """Rows that readers see."""
    rows_quarantined: Annotated[int, SUM] = 0
    """Rows that were set aside in the quarantine, since they broke a warning."""
    rows_replaced: Annotated[int, SUM] = 0
    """Rows of this run whose key a newer object has too, or, of changes, a later change of this run."""
    rows_unchanged: Annotated[int, SUM] = 0
    """Of a snapshot, rows of the copy that readers saw already, as they are: these are not written again."""
    rows_gone: Annotated[int, SUM] = 0
    """Of a snapshot, rows that left the table since the copy lacks them."""
    rows_kept: Annotated[int, SUM] = 0
    """Of a snapshot, rows that the copy lacks and that stay all the same: of others that were set aside nobody can tell the
    key."""
    rows_expired: Annotated[int, SUM] = 0
    """Rows that were left out, since maintenance has removed such old ones from the table (`keep_days`)."""
    rows_deleted: Annotated[int, SUM] = 0
    """Of changes, the deletes that are the last change of their key."""
    rows_late: Annotated[int, SUM] = 0
    """Of changes, those that are older than what the table has of their key, or a delete of it: they change nothing."""
    snapshot_before: Annotated[str | None, OF_RUN] = None
    """The Iceberg snapshot that readers saw when the run began, null where there was none."""
    snapshot_after: Annotated[str | None, LATEST_SNAPSHOT] = None
    """The one that they saw when it ended."""
    objects: Annotated[list[ObjectVersion], UNION] = field(default_factory=list[ObjectVersion])
    """What the run read; days, of a dataset that is built from tables."""
    corrected: Annotated[list[str], OF_RUN] = field(default_factory=list[str])
    """Keys of objects whose earlier rows the run replaced."""
    sources: Annotated[dict[str, str], OF_RUN] = field(default_factory=dict[str, str])
    """The snapshots of the tables that it was built from, by dataset."""
    rebuilt: Annotated[list[str], OF_RUN] = field(default_factory=list[str])
    """What asked for which days, in words."""
    skipped: Annotated[list[SkippedObject], OF_RUN] = field(default_factory=list[SkippedObject])
    """Objects that an operator had left alone."""
    passed_over: Annotated[list[str], OF_RUN] = field(default_factory=list[str])
    """Keys that are never read, since a name in them starts with _ or a dot, or `meta.files` does not take them; the first
    20 in order."""
    objects_passed_over: Annotated[int, OF_RUN] = 0
    """How many such keys there are."""
    waiting: Annotated[list[WaitingObjects], OF_RUN] = field(default_factory=list[WaitingObjects])
    """Objects that the run left unread, since a manifest, or what it names, is not there yet."""
    manifests: Annotated[list[ObjectVersion], OF_RUN] = field(default_factory=list[ObjectVersion])
    """The manifests that are about its objects, and what should be a manifest and is none."""
    superseded: Annotated[list[ObjectVersion], OF_RUN] = field(default_factory=list[ObjectVersion])
    """Of a snapshot, objects of copies that are older than the table's: held from now on, and never read."""
    deleted: Annotated[list[str], OF_RUN] = field(default_factory=list[str])
    """Keys that the table holds and the raw bucket lost before their expiry; they change nothing."""
    remains: Annotated[list[str], SHARED] = field(default_factory=list[str])
    """What the run found of dead ones and cleaned, in words."""
    rules: Annotated[list[RuleResult], BY_RULE] = field(default_factory=list[RuleResult])
    """Each rule's result."""
    nothing_unread: Annotated[bool, OF_RUN] = False
    """Whether there was nothing to read: no rule was judged."""
    kind: Annotated[RunKind, OF_RUN] = RunKind.RUN
    """What kind of run: "run" for what arrived, "replay" and "rerun" for what an operator took through the gate again,
    "withdraw" where an object's rows left."""
    replay: Annotated[str | None, OF_RUN] = None
    """The run whose set-aside rows this one took through the gate again."""
    withdrawn: Annotated[WithdrawnObject | None, OF_RUN] = None
    """The object whose rows this run took out of the published table; null where it withdrew none."""
    attempts: Annotated[int, LARGEST] = 0
    """How often it staged; more than once where another run published meanwhile."""
    seconds: Annotated[float, OF_RUN] = 0.0
    """Wall time."""
    metrics: Annotated[dict[str, dict[str, int | float | None]], OF_WHOLE] = field(
        default_factory=dict[str, dict[str, int | float | None]]
    )
    """What was counted of its rows at each stage, by the metric's name, as far as its contracts ask for a history."""
    bounds: Annotated[list[UsedBound], OF_RUN] = field(default_factory=list[UsedBound])
    """The bounds that came from earlier runs, as far as its contracts declare any."""
    unreadable_results: Annotated[list[str], OF_RUN] = field(default_factory=list[str])
    """Files of earlier results that are corrupt, or of a later version of Sluice: they were passed over."""
    accepted_history: Annotated[AcceptedHistory | None, OF_RUN] = None
    """That an operator let it pass whatever its history says; null where nobody did."""
    isolated: Annotated[bool, OF_RUN] = False
    """Whether objects were published alone, since together they broke the contract."""
    data_docs: Annotated[str | None, OF_RUN] = None
    """Where Great Expectations' pages of the run are, null where no stage was judged."""

    @computed_field
    @property
    def violations(self) -> list[RuleResult]:
        """The rules that the data broke, whatever their severity."""
        return [rule for rule in self.rules if rule.broken]

    @computed_field
    @property
    def rules_not_evaluated(self) -> int:
        """How many rules were not judged."""
        return self.count_rules(RuleState.NOT_EVALUATED)

    @computed_field
    @property
    def rules_in_error(self) -> int:
        """How many rules could not be judged."""
        return self.count_rules(RuleState.ERROR)

    @property
    def changed_nothing(self) -> bool:
        """Whether it was an operator's attempt that failed: the dataset's state is what the last run left."""
        return self.kind.is_repair and self.state.is_failure

    @property
    def broken(self) -> list[RuleResult]:
        """The critical rules that the data broke."""
        return [rule for rule in self.violations if rule.severity.stops_run]

    @property
    def in_error(self) -> list[RuleResult]:
        """The rules that could not be judged, whatever their severity."""
        return [rule for rule in self.rules if rule.in_error]

    @property
    def not_evaluated(self) -> list[RuleResult]:
        """The rules that were not judged."""
        return [rule for rule in self.rules if rule.state is RuleState.NOT_EVALUATED]

    def count_rules(self, state: RuleState) -> int:
        """Return how many rules are in a state."""
        return sum(rule.state is state for rule in self.rules)

    def as_json(self) -> dict[str, Any]:
        """Return the verdict file's content.

        A value that the model does not foresee is written as it is, and not named in the log, where it may not stand.
        """
        return verdict_adapter().dump_python(self, mode="json", warnings="none")


@cache
def verdict_adapter() -> TypeAdapter[Verdict]:
    """Return what writes verdicts, reads them and gives their schema; it takes 0.05 s to make."""
    return TypeAdapter(Verdict)
