"""Raw rows that may break rules of either contract, and which of them shows best that a rule bites."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import isqrt
from typing import Any

from etl.contract.column_paths import root_of
from etl.contract.model import Contract, Rule
from etl.contract.types import ColumnType
from sluice.contracts.prove.counterexamples import counterexample_values
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.frames import Row, judges_rows
from sluice.contracts.prove.raw_files import is_writable
from sluice.contracts.prove.raw_texts import texts_of_no_value
from sluice.contracts.prove.reader_verdicts import RowReading
from sluice.contracts.prove.row_faults import (
    COUNTEREXAMPLE_WORDS,
    VALUES_PER_COLUMN,
    Candidate,
    describe_difference,
    rule_candidates,
    structure_candidates,
)
from sluice.contracts.prove.valid_day import ValidDay
from sluice.contracts.prove.valid_values import Pools
from sluice.contracts.prove.values import mentions_column, raw_texts

MOST_PAIRS = 5000  # rows in which two columns go wrong together


def candidates_of(dataset: Dataset, day: ValidDay) -> list[Candidate]:
    """Return raw rows that a file can hold, the plainest first; each may break a rule, and most break some."""
    input_contract, published = dataset.input_bench.contract, dataset.output_bench.contract
    valid, pools = day.raw[0], day.raw_pools
    raw_pools = {
        column.name: [
            *pools[column.name],
            *texts_of_no_value(column.type, is_text_format=input_contract.format.is_text),
        ]
        for column in input_contract.columns
    }
    rows = [
        row
        for rule, (column, _) in dataset.structure_marks().items()
        for row in structure_candidates(rule, column, valid, raw_pools)
    ]
    rows += [
        row for rule in dataset.input_bench.row_rules for row in rule_candidates(rule, valid, pools, input_contract)
    ]
    rows += [Candidate("", row, describe_difference(valid, row)) for row in _single_and_pair_rows(valid, pools)]
    rows += [
        row
        for rule in published.rules
        if judges_rows(rule)
        for row in _counterexample_candidates(rule, valid, input_contract, published)
    ]
    return [row for row in rows if is_writable(row.row, input_contract)]


def _single_and_pair_rows(valid: Row, pools: Pools) -> Iterator[Row]:
    """Yield rows that differ from the valid one in each value of a column, and in some of two columns."""
    for name, values in pools.items():
        yield from ({**valid, name: value} for value in values if value != valid[name])
    pairs = list(combinations(pools, 2))
    values_each = min(VALUES_PER_COLUMN, isqrt(MOST_PAIRS // max(len(pairs), 1)))
    sampled = {
        name: values[:: max(1, len(values) // max(values_each, 1))][:values_each] for name, values in pools.items()
    }
    for pair in pairs:
        yield from (
            {**valid, **dict(zip(pair, pair_values, strict=True))}
            for pair_values in product(*(sampled[name] for name in pair))
        )


def _counterexample_candidates(
    rule: Rule, valid: Row, input_contract: Contract, published: Contract
) -> list[Candidate]:
    """Return the row of an output rule's own counterexample, as it would have to arrive; none of derived columns."""
    raw, types = input_contract.judged_types, published.judged_types
    named = rule.counterexample or {}
    # What is within a column comes as it is published: its parts are cast together.
    if not named or not named.keys() <= raw.keys() or any(_is_recast(path, raw, types) for path in named):
        return []
    values = counterexample_values(named, valid, types)
    texts = {
        name: raw_texts(types[name], [value])[0] if raw[name].is_text and value is not None else value
        for name, value in values.items()
    }
    row = {**valid, **texts}
    return [Candidate(rule.rule, row, f"{COUNTEREXAMPLE_WORDS}: {describe_difference(valid, row)}")]


def _is_recast(path: str, raw: Mapping[str, ColumnType], types: Mapping[str, ColumnType]) -> bool:
    return root_of(path) != path and raw[root_of(path)] != types[root_of(path)]


@dataclass(frozen=True)
class CandidateSelection:
    """Candidates with what became of each, and the columns that each rule is about by the rule's id."""

    candidates: Sequence[Candidate]
    readings: Sequence[RowReading]
    columns_by_rule: Mapping[str, frozenset[str]]

    @classmethod
    def from_dataset(
        cls, dataset: Dataset, candidates: Sequence[Candidate], readings: Sequence[RowReading]
    ) -> "CandidateSelection":
        """Join candidates and reads, in the same order."""
        columns_by_rule = {rule.rule: frozenset(rule.roots) for rule in dataset.rules}
        columns_by_rule |= {rule: frozenset({column}) for rule, (column, _) in dataset.structure_marks().items()}
        return cls(candidates, readings, columns_by_rule)

    def best_candidate(
        self, rule: str, allowed: Callable[[RowReading], bool], condition: frozenset[str] = frozenset()
    ) -> int | None:
        """Return the place of the candidate that breaks a rule and the fewest others; None where no fitting one does.

        Args:
            rule: its id.
            allowed: whether a fault that was read so comes as far as the rule.
            condition: the columns of the rule's condition, about which nothing else may be broken.
        """
        fitting = [
            index
            for index in self.breaking_candidates(rule)
            if allowed(self.readings[index]) and not self.excluded_by(index, rule, condition)
        ]
        return min(fitting, key=lambda index: len(self.readings[index].all_broken), default=None)

    def breaking_candidates(self, rule: str) -> list[int]:
        """Return the places of the candidates that break a rule, without other rules' counterexamples."""
        pairs = enumerate(zip(self.candidates, self.readings, strict=True))
        return [
            index
            for index, (row, reading) in pairs
            if rule in reading.all_broken and (row.rule == rule or not row.is_counterexample)
        ]

    def excluded_by(self, index: int, rule: str, condition: frozenset[str]) -> set[str]:
        """Return the rules that a candidate breaks by what a condition asks for, and not by what the rule is about."""
        other_rules = self.readings[index].all_broken - {rule}
        return {
            other_rule
            for other_rule in other_rules
            if (names := self.columns_by_rule.get(other_rule)) and names <= condition
        }


def condition_of(rule: Rule, names: Iterable[str]) -> frozenset[str]:
    """Return those of the columns `names` that only a rule's condition is about."""
    if rule.kwargs.get("row_condition") is None:
        return frozenset()
    return frozenset(name for name in names if name not in rule.roots and mentions_column(rule, name))


def distinct_candidates(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates without those whose row stands before them already."""
    by_row: dict[tuple[Any, ...], Candidate] = {}
    for candidate in candidates:
        owner = candidate.rule if candidate.is_counterexample else ""
        by_row.setdefault((owner, *candidate.row.values()), candidate)
    return list(by_row.values())
