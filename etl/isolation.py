"""`on_poison: isolate`: each object through the gate alone, so that a bad one holds back none of the others.

A row may move from one object to another. So an object that is new to the table is published at once where it keeps the
contract; one whose earlier rows would go is only tried first, and what keeps the contract is then published together. An
object that needs keys of a faulty one's earlier rows waits for it, with all that shares keys with it: no row is gone meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from etl.contract.sample_values import MAX_SAMPLES
from etl.errors import ContractBroken, ContractKept, KeysShared, SluiceError
from etl.results.row_origin import Origin
from etl.results.verdict import RuleResult, Verdict, describe_results
from etl.runtime.arguments import JobArguments
from etl.sources.new_objects import Arrival
from etl.wording import count_noun, join_names

BROKEN, WAITING = "BROKEN", "WAITING"
MOST_OBJECTS = 10  # named in the message
SUMMED_FIELDS = ("rows_read", "rows_published", "rows_quarantined", "rows_replaced")


@dataclass
class Isolation:
    """A run's objects, one after the other: `run_gate` takes some through, as the table is by then.

    Attributes:
        parts: the verdicts that count, each of an object or of some that belong together.
        attempts: how often something was taken through; it tells their branches apart.
        pending: keys of objects without such a verdict.
        published: keys of objects that readers see.
        conflicting: by key, what only keys kept out: its verdict, and the objects whose rows have these.
    """

    arguments: JobArguments
    verdict: Verdict
    run_gate: Callable[[JobArguments, Verdict, Arrival], None]
    parts: list[Verdict] = field(default_factory=list)
    attempts: int = 0
    pending: set[str] = field(default_factory=set)
    published: set[str] = field(default_factory=set)
    conflicting: dict[str, tuple[Verdict, frozenset[str]]] = field(default_factory=dict)

    def run(self, arrival: Arrival) -> None:
        """Take through what keeps the contract; it is published, and the run fails.

        Raises:
            ContractBroken: naming the objects that broke the contract; or, where none did alone, what they broke together.
            SluiceError: what else ended it half-way; it, and the verdict, tell what was published before.
        """
        together = self.verdict.broken
        self.pending = {raw_object.key for raw_object in arrival.unread}
        try:
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
        for key in sorted(self.pending, key=lambda key: (key in arrival.corrected, key)):
            trial = key in arrival.corrected
            part, rivals = self._attempt_objects(arrival.select_objects([key]), trial=trial)
            if rivals:
                self.conflicting[key] = (part, rivals)
            elif part.state == BROKEN or not trial:
                self._record_part(part)
        # Keys of an object that no version of this run replaces keep a row out for good.
        replaceable = self.pending | set(self._object_keys(BROKEN))
        for key, (part, rivals) in [*self.conflicting.items()]:
            if rivals - replaceable:
                self._record_part(part)
                del self.conflicting[key]

    def _hold_back_waiting(self, arrival: Arrival) -> None:
        """Leave those that share keys with a faulty object, directly or through others, as they are."""
        links = {(key, rival) for key, (_, rivals) in self.conflicting.items() for rival in rivals}
        faulty = {*self._object_keys(BROKEN)}
        waiting = {key for key, rival in links if rival in faulty}
        while more := {member for pair in links if waiting & {*pair} for member in pair} & self.pending - waiting:
            waiting |= more
        if waiting:
            objects = [raw_object.identity for raw_object in arrival.select_objects(waiting).unread]
            self._record_part(
                replace(self.verdict, rules=[], objects=objects, rows_read=0, rows_replaced=0, state=WAITING)
            )

    def _publish_remaining(self, arrival: Arrival) -> None:
        """Publish what is left, in one commit where it keeps the contract together, else as far as it does alone."""
        if 1 < len(self.pending) < len(arrival.unread):
            part, _ = self._attempt_objects(arrival.select_objects(self.pending))
            if part.state != BROKEN:
                self._record_part(part)
        self._publish_each_alone(arrival)
        for part in self._publish_each_alone(arrival):  # what one gave away another may take now
            self._record_part(part)

    def _publish_each_alone(self, arrival: Arrival) -> list[Verdict]:
        """Publish each object that is left and keeps the contract alone; return the verdicts on the others."""
        tried = [self._attempt_objects(arrival.select_objects([key]))[0] for key in sorted(self.pending)]
        for part in tried:
            if part.state != BROKEN:
                self._record_part(part)
        return [part for part in tried if part.state == BROKEN]

    def _attempt_objects(self, arrival: Arrival, *, trial: bool = False) -> tuple[Verdict, frozenset[str]]:
        """Return the verdict on some objects, and whose rows have their keys where only these keep them out."""
        objects = [raw_object.identity for raw_object in arrival.unread]
        part = replace(self.verdict, rules=[], objects=objects, rows_read=0, rows_replaced=0)
        self.attempts += 1
        arguments = replace(self.arguments, run_id=f"{self.arguments.run_id}_{self.attempts}", trial=trial)
        try:
            self.run_gate(arguments, part, arrival)
        except ContractKept:
            return part, frozenset()
        except KeysShared as error:
            part.state = BROKEN
            return part, error.objects
        except ContractBroken:
            part.state = BROKEN
        return part, frozenset()

    def _record_part(self, part: Verdict) -> None:
        """Let a verdict count: its objects are done with."""
        keys = {raw_object["key"] for raw_object in part.objects}
        self.parts.append(part)
        self.pending -= keys
        if part.state not in (BROKEN, WAITING):
            self.published |= keys

    def _merge_verdicts(self, together: list[RuleResult]) -> None:
        """Let the run's verdict tell of all its parts, and of the rules that they broke `together` and none alone."""
        for name in SUMMED_FIELDS:
            setattr(self.verdict, name, sum(getattr(part, name) for part in self.parts))
        self.verdict.attempts = max([self.verdict.attempts, *(part.attempts for part in self.parts)])
        for part in self.parts:
            if part.snapshot_after != self.verdict.snapshot_before:
                self.verdict.snapshot_after = part.snapshot_after
        by_rule: dict[str, RuleResult] = {}
        for result in (rule for part in self.parts for rule in part.rules):
            by_rule[result.rule] = merge_results(by_rule[result.rule], result) if result.rule in by_rule else result
        broken = {rule for rule, result in by_rule.items() if result.broken or result.in_error}
        self.verdict.rules = list(
            (by_rule | {result.rule: result for result in together if result.rule not in broken}).values()
        )

    def _object_keys(self, state: str) -> list[str]:
        return sorted(raw_object["key"] for part in self.parts if part.state == state for raw_object in part.objects)

    @property
    def _published_summary(self) -> str:
        done = [part for part in self.parts if part.snapshot_after != part.snapshot_before]
        rows = sum(part.rows_published for part in done)
        were = "was" if rows == 1 else "were"
        objects = sum(len(part.objects) for part in done)
        return f"{count_noun(rows, 'row')} of {count_noun(objects, 'other object')} {were} published"

    @property
    def _failure_message(self) -> str:
        named = describe_results(self.verdict.broken)
        broken, waiting = self._object_keys(BROKEN), self._object_keys(WAITING)
        if broken:
            stay = "stays" if len(broken) == 1 else "stay"
            waits = f"; {join_names(waiting, MOST_OBJECTS)} needs keys of that and waits" if waiting else ""
            stayed = f"{join_names(broken, MOST_OBJECTS)} broke the contract and {stay} unread{waits}"
            return f"{stayed}, {self._published_summary}: {named}{self.verdict.not_evaluated_note}{self.verdict.skip_advice}"
        objects, rows = count_noun(len(self.published), "object"), count_noun(self.verdict.rows_published, "row")
        return (
            f"all {objects} kept the contract alone and were published, {rows}; together they broke it: {named}; "
            f"where they must not stay, roll back{self.verdict.not_evaluated_note}"
        )


def merge_results(first: RuleResult, second: RuleResult) -> RuleResult:
    """Return the result of a rule on the objects of two parts: the worse one, or of two broken ones their sum."""
    if not (first.broken and second.broken):
        return max(first, second, key=lambda result: result.state.rank)
    rows = zip(
        (*first.samples, *second.samples), (*first.places, *second.places), (*first.also, *second.also), strict=True
    )
    distinct: dict[str | None, tuple[Origin | None, Origin | None]] = {}
    for sample, place, also in rows:
        distinct.setdefault(sample, (place, also))
    samples = tuple(distinct)[:MAX_SAMPLES]
    places, also = (tuple(distinct[sample][position] for sample in samples) for position in range(2))
    unexpected = first.unexpected + second.unexpected
    return replace(first, unexpected=unexpected, samples=samples, places=places, also=also)
