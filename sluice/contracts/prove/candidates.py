"""Raw rows that may break rules of either contract, and which of them shows best that a rule bites."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import isqrt

from etl.contract.model import Contract, Rule
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.frames import Row, judges_rows
from sluice.contracts.prove.raw_files import is_writable
from sluice.contracts.prove.reader_verdicts import Read
from sluice.contracts.prove.row_faults import OWN, PAIRED, Candidate, difference, of_column, of_rule
from sluice.contracts.prove.valid_day import ValidDay
from sluice.contracts.prove.valid_values import Pools
from sluice.contracts.prove.values import in_text, mentions, typed

MOST_PAIRS = 5000  # rows in which two columns go wrong together


def candidates_of(dataset: Dataset, day: ValidDay) -> list[Candidate]:
    """Return raw rows that a file can hold, the plainest first; each may break a rule, and most break some."""
    input_contract, published = dataset.given.contract, dataset.published.contract
    valid, pools = day.raw[0], day.raw_pools
    rows = [row for rule, (column, _) in dataset.structure().items() for row in of_column(rule, column, valid, pools)]
    rows += [row for rule in dataset.given.row_rules for row in of_rule(rule, valid, pools, input_contract)]
    rows += [Candidate("", row, difference(valid, row)) for row in _spread(valid, pools)]
    rows += [
        row
        for rule in published.rules
        if judges_rows(rule)
        for row in _counterexample(rule, valid, input_contract, published)
    ]
    return [row for row in rows if is_writable(row.row, input_contract)]


def _spread(valid: Row, pools: Pools) -> Iterator[Row]:
    """Yield rows that differ from the valid one in each value of a column, and in some of two columns."""
    for name, values in pools.items():
        yield from ({**valid, name: value} for value in values if value != valid[name])
    pairs = list(combinations(pools, 2))
    each = min(PAIRED, isqrt(MOST_PAIRS // max(len(pairs), 1)))
    few = {name: values[:: max(1, len(values) // max(each, 1))][:each] for name, values in pools.items()}
    for pair in pairs:
        yield from ({**valid, **dict(zip(pair, both, strict=True))} for both in product(*(few[name] for name in pair)))


def _counterexample(rule: Rule, valid: Row, input_contract: Contract, published: Contract) -> list[Candidate]:
    """Return the row of an output rule's own counterexample, as it would have to arrive; none of derived columns."""
    raw, types = ({column.name: column.type for column in contract.columns} for contract in (input_contract, published))
    if not rule.counterexample or not rule.counterexample.keys() <= raw.keys():
        return []
    values = {name: typed(value, types[name]) for name, value in rule.counterexample.items()}
    texts = {
        name: in_text(types[name], [value])[0] if raw[name] == "string" and value is not None else value
        for name, value in values.items()
    }
    row = {**valid, **texts}
    return [Candidate(rule.rule, row, f"{OWN}: {difference(valid, row)}")]


@dataclass(frozen=True)
class Choice:
    """Candidates with what became of each, and the columns that each rule is about by the rule's id."""

    candidates: Sequence[Candidate]
    reads: Sequence[Read]
    about: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, dataset: Dataset, candidates: Sequence[Candidate], reads: Sequence[Read]) -> "Choice":
        """Join candidates and reads, in the same order."""
        about = {rule.rule: frozenset(rule.columns) for rule in dataset.rules}
        about |= {rule: frozenset({column}) for rule, (column, _) in dataset.structure().items()}
        return cls(candidates, reads, about)

    def best(self, rule: str, allowed: Callable[[Read], bool], condition: frozenset[str] = frozenset()) -> int | None:
        """Return the place of the candidate that breaks a rule and the fewest others; None where no fitting one does.

        Args:
            rule: its id.
            allowed: whether a fault that was read so comes as far as the rule.
            condition: the columns of the rule's condition, about which nothing else may be broken.
        """
        fitting = [
            at for at in self.breaking(rule) if allowed(self.reads[at]) and not self.excluding(at, rule, condition)
        ]
        return min(fitting, key=lambda at: len(self.reads[at].all), default=None)

    def breaking(self, rule: str) -> list[int]:
        """Return the places of the candidates that break a rule, without other rules' counterexamples."""
        both = enumerate(zip(self.candidates, self.reads, strict=True))
        return [at for at, (row, read) in both if rule in read.all and (row.rule == rule or not row.is_counterexample)]

    def excluding(self, at: int, rule: str, condition: frozenset[str]) -> set[str]:
        """Return the rules that a candidate breaks by what a condition asks for, and not by what the rule is about."""
        others = self.reads[at].all - {rule}
        return {other for other in others if (names := self.about.get(other)) and names <= condition}


def condition_of(rule: Rule, names: Iterable[str]) -> frozenset[str]:
    """Return those of the columns `names` that only a rule's condition is about."""
    if rule.kwargs.get("row_condition") is None:
        return frozenset()
    return frozenset(name for name in names if name not in rule.columns and mentions(rule, name))


def distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates without those whose row stands before them already."""
    seen = {}
    for candidate in candidates:
        whose = candidate.rule if candidate.is_counterexample else ""
        seen.setdefault((whose, *candidate.row.values()), candidate)
    return list(seen.values())
