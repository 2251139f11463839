"""`on_poison: isolate`: each object through the gate alone, so that a bad one holds back none of the others.

What a manifest names goes as one: each part is an object, or the objects of a manifest.

A row may move from one object to another. So an object that is new to the table is published at once where it keeps the
contract; one whose earlier rows would go is only tried first, and what keeps the contract is then published together. An
object that needs keys of a faulty one's earlier rows waits for it, with all that shares keys with it: no row is gone meanwhile.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import assert_never

from etl.errors import ContractBroken, ContractKept, KeysShared, SluiceError
from etl.results.contract_failures import not_evaluated_note, skip_advice
from etl.results.merging import begin_part, merge_parts
from etl.results.rule_result import RuleResult, describe_results
from etl.results.rule_state import RuleState
from etl.results.verdict import ObjectVersion, Verdict
from etl.runtime.arguments import JobArguments
from etl.sources.new_objects import Arrival
from etl.storage.raw_objects import RawObject
from etl.wording import count_noun, join_names

MOST_OBJECTS = 10  # named in the message


class PartOutcome(StrEnum):
    """What became of a part: its objects kept the contract, broke it, or wait for one that broke it."""

    KEPT = "kept"
    BROKEN = "broken"
    WAITING = "waiting"

    @property
    def is_publishable(self) -> bool:
        """Whether readers may see the part's rows."""
        match self:
            case PartOutcome.KEPT:
                return True
            case PartOutcome.BROKEN | PartOutcome.WAITING:
                return False
            case _:
                assert_never(self)


@dataclass
class Part:
    """Some objects that went through the gate together.

    Attributes:
        verdict: on these objects alone.
        rivals: objects that the table holds their keys from, where nothing but these keeps them out.
        manifests: keys of what should be a manifest and is none, where the part is these.
    """

    verdict: Verdict
    outcome: PartOutcome = PartOutcome.KEPT
    rivals: frozenset[str] = frozenset()
    manifests: tuple[str, ...] = ()

    @property
    def keys(self) -> set[str]:
        """The keys of its objects."""
        return {raw_object.key for raw_object in self.verdict.objects}

    @property
    def published(self) -> bool:
        """Whether readers see something of it."""
        return self.verdict.snapshot_after != self.verdict.snapshot_before


@dataclass
class Isolation:
    """A run's objects, one after the other.

    Attributes:
        run_gate: takes some objects through the gate, as the table is by then, and writes the verdict that it gets.
        parts: those that count, each of an object or of some that belong together.
        attempts: how often something was taken through; it tells their branches apart.
        pending: keys of objects that are in no such part.
        published: keys of objects that readers see.
        conflicting: by its first key, a part that only keys kept out.
        units: the keys of objects that go together, by the first of them.
    """

    arguments: JobArguments
    verdict: Verdict
    run_gate: Callable[[JobArguments, Verdict, Arrival], None]
    parts: list[Part] = field(default_factory=list[Part])
    attempts: int = 0
    pending: set[str] = field(default_factory=set[str])
    published: set[str] = field(default_factory=set[str])
    conflicting: dict[str, Part] = field(default_factory=dict[str, Part])
    units: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])

    def run(self, arrival: Arrival) -> None:
        """Take through what keeps the contract; it is published, and the run fails.

        Raises:
            ContractBroken: naming the objects that broke the contract; or, where none did alone, what they broke together.
            SluiceError: what else ended it half-way; it, and the verdict, tell what was published before.
        """
        together = self.verdict.broken
        self.pending = {raw_object.key for raw_object in arrival.unread}
        self.units = {min(keys): keys for keys in arrival.manifests.parts_of(arrival.unread)}
        try:
            self._record_broken_manifests(arrival)
            self._try_each_alone(arrival)
            self._hold_back_waiting(arrival)
            self._publish_remaining(arrival)
        except SluiceError as error:
            raise type(error)(f"{error}; before that {self._published_summary}") from error
        finally:
            self._merge_verdicts(together)
        verdict = self.arguments.verdicts.uri(self.arguments.verdict_key)
        raise ContractBroken(f"{self.arguments.dataset}: verdict {verdict}: {self._failure_message}")

    def _try_each_alone(self, arrival: Arrival) -> None:
        """Take each object through alone: new ones to be published, others on trial; set apart what is faulty."""
        trials = {key: not keys.isdisjoint(arrival.corrected) for key, keys in self.units.items()}
        for key, trial in sorted(trials.items(), key=lambda item: (item[1], item[0])):
            part = self._attempt_objects(arrival.select_objects(self.units[key]), trial=trial)
            if part.rivals:
                self.conflicting[key] = part
            elif part.outcome is PartOutcome.BROKEN or not trial:
                self._record_part(part)
        # Keys of an object that no version of this run replaces keep a row out for good.
        replaceable = self.pending | set(self._object_keys(PartOutcome.BROKEN))
        for key, part in [*self.conflicting.items()]:
            if part.rivals - replaceable:
                self._record_part(part)
                del self.conflicting[key]

    def _record_broken_manifests(self, arrival: Arrival) -> None:
        """Let files that should be manifests and are none count as a part that is broken."""
        if not arrival.manifests.broken:
            return
        verdict = replace(self._begin_verdict([]), rules=arrival.manifests.judge_objects([]))
        manifests = tuple(manifest.key for manifest in arrival.manifests.broken)
        self._record_part(Part(verdict, PartOutcome.BROKEN, manifests=manifests))

    def _hold_back_waiting(self, arrival: Arrival) -> None:
        """Leave those that share keys with a faulty object, directly or through others, as they are."""
        links = {(key, rival) for key, part in self.conflicting.items() for rival in part.rivals}
        links |= {(first, key) for first, keys in self.units.items() for key in keys}
        faulty = {*self._object_keys(PartOutcome.BROKEN)}
        waiting = {key for key, rival in links if rival in faulty} & self.pending
        while more := {member for pair in links if waiting & {*pair} for member in pair} & self.pending - waiting:
            waiting |= more
        if waiting:
            verdict = self._begin_verdict(arrival.select_objects(waiting).unread)
            self._record_part(Part(verdict, PartOutcome.WAITING))

    def _publish_remaining(self, arrival: Arrival) -> None:
        """Publish what is left, in one commit where it keeps the contract together, else as far as it does alone."""
        if len(self._pending_units) > 1 and len(self.pending) < len(arrival.unread):
            part = self._attempt_objects(arrival.select_objects(self.pending))
            if part.outcome.is_publishable:
                self._record_part(part)
        self._publish_each_alone(arrival)
        for part in self._publish_each_alone(arrival):  # what one gave away another may take now
            self._record_part(part)

    def _publish_each_alone(self, arrival: Arrival) -> list[Part]:
        """Publish each object that is left and keeps the contract alone; return the others."""
        tried = [self._attempt_objects(arrival.select_objects(keys)) for keys in self._pending_units]
        for part in tried:
            if part.outcome.is_publishable:
                self._record_part(part)
        return [part for part in tried if part.outcome is PartOutcome.BROKEN]

    @property
    def _pending_units(self) -> list[frozenset[str]]:
        return [keys for _, keys in sorted(self.units.items()) if keys & self.pending]

    def _begin_verdict(self, raw_objects: Iterable[RawObject]) -> Verdict:
        return replace(begin_part(self.verdict), objects=ObjectVersion.from_objects(raw_objects))

    def _attempt_objects(self, arrival: Arrival, *, trial: bool = False) -> Part:
        """Take some objects through; on trial they are judged, and not published."""
        verdict = self._begin_verdict(arrival.unread)
        self.attempts += 1
        arguments = replace(self.arguments, run_id=f"{self.arguments.run_id}_{self.attempts}", trial=trial)
        try:
            self.run_gate(arguments, verdict, arrival)
        except ContractKept:
            return Part(verdict)
        except KeysShared as error:
            return Part(verdict, PartOutcome.BROKEN, error.objects)
        except ContractBroken:
            return Part(verdict, PartOutcome.BROKEN)
        return Part(verdict)

    def _record_part(self, part: Part) -> None:
        """Let a part count: its objects are done with."""
        self.parts.append(part)
        self.pending -= part.keys
        if part.outcome.is_publishable:
            self.published |= part.keys

    def _merge_verdicts(self, together: list[RuleResult]) -> None:
        """Let the run's verdict tell of all its parts, and of the rules that they broke `together` and none alone."""
        start = replace(begin_part(self.verdict), objects=self.verdict.objects)
        whole = merge_parts(start, [part.verdict for part in self.parts])
        broken = {result.rule for result in whole.rules if result.state.rank >= RuleState.BROKEN.rank}
        results = {result.rule: result for result in whole.rules}
        results |= {result.rule: result for result in together if result.rule not in broken}
        whole.rules = list(results.values())
        for model_field in fields(whole):
            setattr(self.verdict, model_field.name, getattr(whole, model_field.name))
        self.verdict.isolated = any(part.published for part in self.parts)

    def _object_keys(self, outcome: PartOutcome) -> list[str]:
        return sorted(key for part in self.parts if part.outcome is outcome for key in (*part.keys, *part.manifests))

    @property
    def _published_summary(self) -> str:
        done = [part.verdict for part in self.parts if part.published]
        rows = sum(verdict.rows_published for verdict in done)
        were = "was" if rows == 1 else "were"
        objects = sum(len(verdict.objects) for verdict in done)
        return f"{count_noun(rows, 'row')} of {count_noun(objects, 'other object')} {were} published"

    @property
    def _failure_message(self) -> str:
        named = describe_results(self.verdict.broken)
        broken, waiting = self._object_keys(PartOutcome.BROKEN), self._object_keys(PartOutcome.WAITING)
        if broken:
            stay = "stays" if len(broken) == 1 else "stay"
            waits = f"; {join_names(waiting, MOST_OBJECTS)} needs keys of that and waits" if waiting else ""
            stayed = f"{join_names(broken, MOST_OBJECTS)} broke the contract and {stay} unread{waits}"
            advice = skip_advice(self.verdict)
            return f"{stayed}, {self._published_summary}: {named}{not_evaluated_note(self.verdict)}{advice}"
        objects, rows = count_noun(len(self.published), "object"), count_noun(self.verdict.rows_published, "row")
        return (
            f"all {objects} kept the contract alone and were published, {rows}; together they broke it: {named}; "
            f"where they must not stay, roll back{not_evaluated_note(self.verdict)}"
        )
