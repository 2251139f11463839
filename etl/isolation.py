"""`on_poison: isolate`: each object through the gate alone, so that a bad one holds back none of the others."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from etl.arguments import Order
from etl.arrival import Arrival
from etl.errors import ContractBroken, SluiceError
from etl.verdict import RuleResult, Verdict, in_words
from etl.wording import counted, listed

BROKEN = "BROKEN"
MOST_OBJECTS = 10  # named in the message
SUMMED = ("rows_read", "rows_published", "rows_quarantined", "rows_replaced")


@dataclass
class Isolation:
    """A run's objects, one after the other: `take` takes one through, as the table is by then."""

    order: Order
    verdict: Verdict
    take: Callable[[Order, Verdict, Arrival], None]
    parts: list[Verdict] = field(default_factory=list)

    def through(self, arrival: Arrival) -> None:
        """Take each object through alone: those that keep the contract are published, and the run fails.

        Raises:
            ContractBroken: naming the objects that broke the contract; or, where none did alone, what they broke together.
            SluiceError: what else ended it half-way; it, and the verdict, tell what was published before.
        """
        together = self.verdict.broken
        try:
            for one in arrival.alone():
                self._alone(one)
        except SluiceError as error:
            raise type(error)(f"{error}; before that {self._published}") from error
        finally:
            self._sum(together)
        verdict = self.order.verdicts.uri(self.order.verdict_key)
        raise ContractBroken(f"{self.order.dataset}: verdict {verdict}: {self._told}")

    def _alone(self, one: Arrival) -> None:
        objects = [found.identity for found in one.unread]
        part = replace(self.verdict, rules=[], objects=objects, rows_read=0, rows_replaced=0)
        self.parts.append(part)
        order = replace(self.order, run_id=f"{self.order.run_id}_{len(self.parts)}")
        try:
            self.take(order, part, one)
        except ContractBroken:
            part.state = BROKEN

    def _sum(self, together: list[RuleResult]) -> None:
        """Let the run's verdict tell of all its parts, and of the rules that they broke `together` and none alone."""
        for name in SUMMED:
            setattr(self.verdict, name, sum(getattr(part, name) for part in self.parts))
        self.verdict.attempts = max([self.verdict.attempts, *(part.attempts for part in self.parts)])
        for part in self.parts:
            if part.snapshot_after != self.verdict.snapshot_before:
                self.verdict.snapshot_after = part.snapshot_after
        alone = sorted((one for part in self.parts for one in part.rules), key=lambda one: one.state.rank)
        by_rule = {one.rule: one for one in alone}
        broken = {rule for rule, one in by_rule.items() if one.broken or one.in_error}
        self.verdict.rules = list((by_rule | {one.rule: one for one in together if one.rule not in broken}).values())

    @property
    def _published(self) -> str:
        done = [part for part in self.parts if part.snapshot_after != part.snapshot_before]
        rows = sum(part.rows_published for part in done)
        were = "was" if rows == 1 else "were"
        return f"{counted(rows, 'row')} of {counted(len(done), 'other object')} {were} published"

    @property
    def _told(self) -> str:
        named = in_words(self.verdict.broken)
        broken = [one["key"] for part in self.parts if part.state == BROKEN for one in part.objects]
        if broken:
            stay = "stays" if len(broken) == 1 else "stay"
            return f"{listed(broken, MOST_OBJECTS)} broke the contract and {stay} unread, {self._published}: {named}"
        objects, rows = counted(len(self.parts), "object"), counted(self.verdict.rows_published, "row")
        return (
            f"all {objects} kept the contract alone and were published, {rows}; together they broke it: {named}; "
            "where they must not stay, roll back"
        )
