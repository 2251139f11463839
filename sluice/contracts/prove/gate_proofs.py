"""Proofs by files: faults are rows of a raw file, and the whole gate of a run must report them.

Rules on rows share three files: of what the raw rows break, of what sets rows aside, and of what only shows once rows are
published. A rule about a whole day has files of its own. What no file trips is tried once more by a transform that goes
wrong, where the rule is the output's; otherwise it is said to be dead.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from etl.contract.model import Rule
from etl.contract.vocabulary import ROW_COUNT, UNIQUE
from sluice.contracts.prove.candidates import Choice, candidates_of, condition_of, distinct
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.day_faults import Day, of_column, of_rule_of_days
from sluice.contracts.prove.frames import Row, judges_rows
from sluice.contracts.prove.lake import Lake
from sluice.contracts.prove.raw_files import is_writable
from sluice.contracts.prove.reader_verdicts import Read, Reader, is_partly
from sluice.contracts.prove.report import Proof
from sluice.contracts.prove.transform_faults import WrongTransforms, broken
from sluice.contracts.prove.valid_day import ValidDay
from sluice.contracts.prove.valid_values import NoValidDay
from sluice.contracts.prove.values import mentions

DEAD = "no file can trip it: {}; give it a meta.counterexample that a file can hold, or drop the rule"
EXCLUDED = "every row that its condition is about breaks {}"
UNTRIPPED = "no generated {} file breaks it"
EMPTY = "a file without rows is refused before it, by {}"
MOST_FILES = 6  # runs for a rule about the whole day


def of_files(dataset: Dataset, day: ValidDay, lake: Lake) -> Iterator[Proof]:
    """Prove the rules of a dataset that arrives as files.

    Raises:
        NoValidDay: the gate refuses the day that keeps both contracts on frames.
    """
    keys = {
        reference: sorted({row[reference.column] for row in day.rows}) for reference in lake.contracts[1].references
    }
    lake.publish(keys)
    verdict = lake.run(day.raw)
    if verdict.state != "SUCCEEDED" or broken(verdict):
        raise NoValidDay(
            f"the gate refuses a file that keeps both contracts: {verdict.message or sorted(broken(verdict))}"
        )
    yield from _Gate(dataset, day, lake, Reader(lake, dataset.given.parameters, keys)).proofs()


@dataclass
class _Gate:
    """A dataset's rules, its valid day, and the lake whose gate judges what is made of it."""

    dataset: Dataset
    day: ValidDay
    lake: Lake
    reader: Reader
    shown: dict[str, Proof] = field(default_factory=dict)

    def proofs(self) -> Iterator[Proof]:
        """Yield a proof of each rule, structure first, in the suites' order."""
        self._by_shared_files()
        input_contract, published = self.lake.contracts
        for rule in input_contract.rules:
            if rule.rule not in self.shown:
                self.shown[rule.rule] = self._of_day(rule, "input") or self._dead(rule, "input")
        rows = [rule for rule in published.rules if rule.rule not in self.shown and self._is_of_row(rule)]
        self.shown |= WrongTransforms(self.dataset, self.day, self.lake).of_rows(rows)
        for rule in published.rules:
            if rule.rule not in self.shown:
                self.shown[rule.rule] = self._of_published_day(rule) or self._dead(rule, "output")
        structure = [*self.dataset.structure()]
        for rule in structure:
            why = DEAD.format(UNTRIPPED.format(input_contract.format))
            self.shown.setdefault(rule, Proof(rule, "structure", why=why))
        yield from (
            self.shown[rule]
            for rule in [*structure, *(rule.rule for rule in (*input_contract.rules, *published.rules))]
        )

    @cached_property
    def choice(self) -> Choice:
        """Every generated row, as the gate reads it."""
        candidates = distinct(candidates_of(self.dataset, self.day))
        return Choice.of(self.dataset, candidates, self.reader.read([candidate.row for candidate in candidates]))

    def _is_of_row(self, rule: Rule) -> bool:
        return judges_rows(rule) and not is_partly(rule)

    def _by_shared_files(self) -> None:
        """Prove what rows of files break: critical rules and warnings apart, since a run stops at the first."""
        input_contract, published = self.lake.contracts
        rows = [rule for rule in (*input_contract.rules, *published.rules) if self._is_of_row(rule)]
        warnings = {rule.rule for rule in rows if rule.severity == "warning"}
        raw = {rule.rule for rule in input_contract.rules if self._is_of_row(rule)} | self.dataset.structure().keys()
        first = dict.fromkeys(self.dataset.structure(), "structure")
        first |= {rule.rule: "input" for rule in input_contract.rules if rule.rule in raw - warnings}
        last = {rule.rule: "output" for rule in published.rules if self._is_of_row(rule) and rule.rule not in warnings}
        aside = {rule: "input" if rule in raw else "output" for rule in warnings}
        self._by_file(first, lambda _: True)
        self._by_file(aside, lambda read: not read.all - warnings or (read.row is not None and not read.raw))
        self._by_file(last, lambda read: read.row is not None and not read.all & warnings)

    def _by_file(self, stages: dict[str, str], allowed: Callable[[Read], bool]) -> None:
        """Prove rules by one file of a fault of each; by more where rows of one key would replace one another."""
        faults = {rule: at for rule in stages if (at := self._best(rule, allowed)) is not None}
        for share in self._shares(faults):
            verdict = self.lake.run([self.choice.candidates[at].row for at in share.values()])
            counts = {rule.rule: rule.unexpected for rule in verdict.rules if rule.rule in broken(verdict)}
            for rule, at in share.items():
                expected = sum(rule in self.choice.reads[other].all for other in share.values())
                self.shown[rule] = self._proof(rule, stages[rule], at, counts.get(rule, 0), expected)

    def _best(self, rule: str, allowed: Callable[[Read], bool]) -> int | None:
        return self.choice.best(rule, allowed, self._condition(rule))

    def _condition(self, rule: str) -> frozenset[str]:
        rules = {entry.rule: entry for entry in self.dataset.rules}
        return (
            condition_of(rules[rule], self.day.pools.keys() | self.day.raw_pools.keys())
            if rule in rules
            else frozenset()
        )

    def _shares(self, faults: dict[str, int]) -> Iterator[dict[str, int]]:
        if self.lake.contracts[1].on_conflict == "replace":
            yield from ({rule: at} for rule, at in faults.items() if self.choice.reads[at].row is not None)
            faults = {rule: at for rule, at in faults.items() if self.choice.reads[at].row is None}
        if faults:
            yield faults

    def _proof(self, rule: str, stage: str, at: int, counted: int, expected: int) -> Proof:
        overlap = tuple(sorted(self.choice.reads[at].all - {rule}))
        why = "" if counted == expected else f"the gate reports {counted} of the {expected} rows that break it"
        return Proof(rule, stage, self.choice.candidates[at].words, overlap, why)

    def _of_day(self, rule: Rule, stage: str) -> Proof | None:
        """Return the proof of a rule that no single row breaks, by files of its own; None where none trips it."""
        if self._is_of_row(rule):
            return None
        for words, files in islice(self._days(rule, stage), MOST_FILES):
            tripped = broken(self.lake.run(*files))
            if rule.rule in tripped:
                return Proof(rule.rule, stage, words, tuple(sorted(tripped - {rule.rule})))
            if rule.type in ROW_COUNT and not files[0] and tripped:
                before = ", ".join(sorted(tripped))
                behind = Proof(rule.rule, stage, words, tuple(sorted(tripped)), no_file=EMPTY.format(before))
                return self._of_more_rows(rule, stage) or behind
        return None

    def _of_more_rows(self, rule: Rule, stage: str) -> Proof | None:
        """Return the proof of a rule on the number of rows by too many of them, where it has a bound on these."""
        for words, files in self._days(rule, stage):
            if files[0] and rule.rule in (tripped := broken(self.lake.run(*files))):
                return Proof(rule.rule, stage, words, tuple(sorted(tripped - {rule.rule})))
        return None

    def _days(self, rule: Rule, stage: str) -> Iterator[tuple[str, list[list[Row]]]]:
        """Yield files that may break a rule about the whole, in words and as rows."""
        bench = self.dataset.given if stage == "input" else self.dataset.published
        if judges_rows(rule):
            at = self._best(rule.rule, lambda read: stage == "input" or read.row is not None)
            if at is not None:
                yield f"only rows with {self.choice.candidates[at].words}", [[self.choice.candidates[at].row]]
            return
        raw, pools = self.day.raw, self.day.raw_pools
        days = [*of_rule_of_days(rule, bench, raw, pools)] if self._is_raw(rule) else [*self._of_any_column(rule)]
        days = [Day(day.words, [row for row in day.rows if is_writable(row, self.lake.contracts[0])]) for day in days]
        if rule.type in UNIQUE or rule.type in ROW_COUNT:
            yield from ((day.words, [day.rows]) for day in days)
            yield from (
                (f"{day.words}, in a later file", [raw, day.rows[len(raw) :]]) for day in days if rule.type in UNIQUE
            )
            return
        for day in days:
            rows = day.rows if stage == "input" else [read.row for read in self.reader.read(day.rows) if read.row]
            if rows and rule.rule in bench.reported(bench.frame(rows), [rule]):
                yield day.words, [day.rows]

    def _is_raw(self, rule: Rule) -> bool:
        return {*rule.columns} <= self.day.raw_pools.keys() and not rule.counterexample

    def _of_any_column(self, rule: Rule) -> Iterator[Day]:
        """Yield days that differ in one raw column, for a rule that is about what the transform makes of them."""
        named = [name for name in self.day.raw_pools if name in rule.columns or mentions(rule, name)]
        for name in named or self.day.raw_pools:
            yield from of_column(name, self.day.raw, self.day.raw_pools)

    def _of_published_day(self, rule: Rule) -> Proof | None:
        if self._is_of_row(rule):
            return None
        return self._of_day(rule, "output") or WrongTransforms(self.dataset, self.day, self.lake).of_day(rule)

    def _dead(self, rule: Rule, stage: str) -> Proof:
        condition = self._condition(rule.rule)
        excluding = [self.choice.excluding(at, rule.rule, condition) for at in self.choice.breaking(rule.rule)]
        if excluding and all(excluding):
            why = EXCLUDED.format(", ".join(sorted(set[str]().union(*excluding))))
        else:
            why = UNTRIPPED.format(self.lake.contracts[0].format)
        return Proof(rule.rule, stage, why=DEAD.format(why))
