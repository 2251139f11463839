"""`on_poison: isolate`: each object through the gate alone, so that a bad one holds back none of the others.

A row may move from one object to another. So an object that is new to the table is published at once where it keeps the
contract; one whose earlier rows would go is only tried first, and what keeps the contract is then published together. An
object that needs keys of a faulty one's earlier rows waits for it, with all that shares keys with it: no row is gone meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from etl.contract.sample_values import SAMPLES
from etl.errors import ContractBroken, ContractKept, KeysShared, SluiceError
from etl.results.row_origin import Origin
from etl.results.verdict import RuleResult, Verdict, in_words
from etl.runtime.arguments import Order
from etl.sources.new_objects import Arrival
from etl.wording import counted, listed

BROKEN, WAITING = "BROKEN", "WAITING"
MOST_OBJECTS = 10  # named in the message
SUMMED = ("rows_read", "rows_published", "rows_quarantined", "rows_replaced")


@dataclass
class Isolation:
    """A run's objects, one after the other: `take` takes some through, as the table is by then.

    Attributes:
        parts: the verdicts that count, each of an object or of some that belong together.
        attempts: how often something was taken through; it tells their branches apart.
        left: keys of objects without such a verdict.
        published: keys of objects that readers see.
        refused: by key, what only keys kept out: its verdict, and the objects whose rows have these.
    """

    order: Order
    verdict: Verdict
    take: Callable[[Order, Verdict, Arrival], None]
    parts: list[Verdict] = field(default_factory=list)
    attempts: int = 0
    left: set[str] = field(default_factory=set)
    published: set[str] = field(default_factory=set)
    refused: dict[str, tuple[Verdict, frozenset[str]]] = field(default_factory=dict)

    def through(self, arrival: Arrival) -> None:
        """Take through what keeps the contract; it is published, and the run fails.

        Raises:
            ContractBroken: naming the objects that broke the contract; or, where none did alone, what they broke together.
            SluiceError: what else ended it half-way; it, and the verdict, tell what was published before.
        """
        together = self.verdict.broken
        self.left = {one.key for one in arrival.unread}
        try:
            self._sift(arrival)
            self._wait(arrival)
            self._rest(arrival)
        except SluiceError as error:
            raise type(error)(f"{error}; before that {self._published}") from error
        finally:
            self._sum(together)
        verdict = self.order.verdicts.uri(self.order.verdict_key)
        raise ContractBroken(f"{self.order.dataset}: verdict {verdict}: {self._told}")

    def _sift(self, arrival: Arrival) -> None:
        """Take each object through alone: new ones to be published, others on trial; set apart what is faulty."""
        for key in sorted(self.left, key=lambda key: (key in arrival.corrected, key)):
            trial = key in arrival.corrected
            part, rivals = self._attempt(arrival.only([key]), trial=trial)
            if rivals:
                self.refused[key] = (part, rivals)
            elif part.state == BROKEN or not trial:
                self._count(part)
        # Keys of an object that no version of this run replaces keep a row out for good.
        replaceable = self.left | set(self._keys(BROKEN))
        for key, (part, rivals) in [*self.refused.items()]:
            if rivals - replaceable:
                self._count(part)
                del self.refused[key]

    def _wait(self, arrival: Arrival) -> None:
        """Leave those that share keys with a faulty object, directly or through others, as they are."""
        links = {(key, rival) for key, (_, rivals) in self.refused.items() for rival in rivals}
        faulty = {*self._keys(BROKEN)}
        waiting = {key for key, rival in links if rival in faulty}
        while more := {one for pair in links if waiting & {*pair} for one in pair} & self.left - waiting:
            waiting |= more
        if waiting:
            objects = [one.identity for one in arrival.only(waiting).unread]
            self._count(replace(self.verdict, rules=[], objects=objects, rows_read=0, rows_replaced=0, state=WAITING))

    def _rest(self, arrival: Arrival) -> None:
        """Publish what is left, in one commit where it keeps the contract together, else as far as it does alone."""
        if 1 < len(self.left) < len(arrival.unread):
            part, _ = self._attempt(arrival.only(self.left))
            if part.state != BROKEN:
                self._count(part)
        self._alone(arrival)
        for part in self._alone(arrival):  # what one gave away another may take now
            self._count(part)

    def _alone(self, arrival: Arrival) -> list[Verdict]:
        """Publish each object that is left and keeps the contract alone; return the verdicts on the others."""
        tried = [self._attempt(arrival.only([key]))[0] for key in sorted(self.left)]
        for part in tried:
            if part.state != BROKEN:
                self._count(part)
        return [part for part in tried if part.state == BROKEN]

    def _attempt(self, some: Arrival, *, trial: bool = False) -> tuple[Verdict, frozenset[str]]:
        """Return the verdict on some objects, and whose rows have their keys where only these keep them out."""
        objects = [found.identity for found in some.unread]
        part = replace(self.verdict, rules=[], objects=objects, rows_read=0, rows_replaced=0)
        self.attempts += 1
        order = replace(self.order, run_id=f"{self.order.run_id}_{self.attempts}", trial=trial)
        try:
            self.take(order, part, some)
        except ContractKept:
            return part, frozenset()
        except KeysShared as error:
            part.state = BROKEN
            return part, error.objects
        except ContractBroken:
            part.state = BROKEN
        return part, frozenset()

    def _count(self, part: Verdict) -> None:
        """Let a verdict count: its objects are done with."""
        keys = {one["key"] for one in part.objects}
        self.parts.append(part)
        self.left -= keys
        if part.state not in (BROKEN, WAITING):
            self.published |= keys

    def _sum(self, together: list[RuleResult]) -> None:
        """Let the run's verdict tell of all its parts, and of the rules that they broke `together` and none alone."""
        for name in SUMMED:
            setattr(self.verdict, name, sum(getattr(part, name) for part in self.parts))
        self.verdict.attempts = max([self.verdict.attempts, *(part.attempts for part in self.parts)])
        for part in self.parts:
            if part.snapshot_after != self.verdict.snapshot_before:
                self.verdict.snapshot_after = part.snapshot_after
        by_rule: dict[str, RuleResult] = {}
        for one in (rule for part in self.parts for rule in part.rules):
            by_rule[one.rule] = merged(by_rule[one.rule], one) if one.rule in by_rule else one
        broken = {rule for rule, one in by_rule.items() if one.broken or one.in_error}
        self.verdict.rules = list((by_rule | {one.rule: one for one in together if one.rule not in broken}).values())

    def _keys(self, state: str) -> list[str]:
        return sorted(one["key"] for part in self.parts if part.state == state for one in part.objects)

    @property
    def _published(self) -> str:
        done = [part for part in self.parts if part.snapshot_after != part.snapshot_before]
        rows = sum(part.rows_published for part in done)
        were = "was" if rows == 1 else "were"
        objects = sum(len(part.objects) for part in done)
        return f"{counted(rows, 'row')} of {counted(objects, 'other object')} {were} published"

    @property
    def _told(self) -> str:
        named = in_words(self.verdict.broken)
        broken, waiting = self._keys(BROKEN), self._keys(WAITING)
        if broken:
            stay = "stays" if len(broken) == 1 else "stay"
            waits = f"; {listed(waiting, MOST_OBJECTS)} needs keys of that and waits" if waiting else ""
            left = f"{listed(broken, MOST_OBJECTS)} broke the contract and {stay} unread{waits}"
            return f"{left}, {self._published}: {named}{self.verdict.left_out}{self.verdict.skips}"
        objects, rows = counted(len(self.published), "object"), counted(self.verdict.rows_published, "row")
        return (
            f"all {objects} kept the contract alone and were published, {rows}; together they broke it: {named}; "
            f"where they must not stay, roll back{self.verdict.left_out}"
        )


def merged(one: RuleResult, other: RuleResult) -> RuleResult:
    """Return the result of a rule on the objects of two parts: the worse one, or of two broken ones their sum."""
    if not (one.broken and other.broken):
        return max(one, other, key=lambda result: result.state.rank)
    rows = zip((*one.samples, *other.samples), (*one.places, *other.places), (*one.also, *other.also), strict=True)
    distinct: dict[str | None, tuple[Origin | None, Origin | None]] = {}
    for sample, place, also in rows:
        distinct.setdefault(sample, (place, also))
    samples = tuple(distinct)[:SAMPLES]
    places, also = (tuple(distinct[sample][at] for sample in samples) for at in range(2))
    unexpected = one.unexpected + other.unexpected
    return replace(one, unexpected=unexpected, samples=samples, places=places, also=also)
