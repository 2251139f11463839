"""Faults that are single rows: a valid row with one thing wrong, for each rule that a row alone can break."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from etl.contract.model import Contract, Rule
from etl.contract.sample_values import format_samples
from sluice.contracts.prove.counterexamples import counterexample_values
from sluice.contracts.prove.frames import Row
from sluice.contracts.prove.valid_values import Pools
from sluice.contracts.prove.values import mentions_column, rule_constants

MOST_CANDIDATES = 600  # candidates a rule
COUNTEREXAMPLE_WORDS = "the suite's own counterexample"
VALUES_PER_COLUMN = 12  # values of each column where two must go wrong together


@dataclass(frozen=True)
class Fault:
    """A row that breaks a rule, what was done to a valid one, and the ids of all rules that it breaks."""

    rule: str
    row: Row
    words: str
    broken: frozenset[str]


@dataclass(frozen=True)
class Candidate:
    """A row that may break a rule."""

    rule: str
    row: Row
    words: str

    @property
    def is_counterexample(self) -> bool:
        """Whether it is the suite's own, for its rule alone."""
        return self.words.startswith(COUNTEREXAMPLE_WORDS)


def rule_candidates(rule: Rule, valid: Row, pools: Pools, contract: Contract) -> list[Candidate]:
    """Return rows that may break a rule, the plainest first; last the suite's own counterexample."""
    conditioned = [name for name in pools if name not in rule.roots and mentions_column(rule, name)]
    named = {str(value) for value in rule_constants(rule, defaultdict(str))}
    sampled = {
        name: sorted(pools[name], key=lambda value: str(value) not in named)[:VALUES_PER_COLUMN] for name in conditioned
    }
    bases = [valid, *({**valid, name: value} for name, values in sampled.items() for value in values)]
    rows = [row for base in bases for row in _changed_rows(base, rule.roots, pools)]
    candidates = [Candidate(rule.rule, row, describe_difference(valid, row)) for row in islice(rows, MOST_CANDIDATES)]
    if rule.counterexample:
        counterexample = {**valid, **counterexample_values(rule.counterexample, valid, contract.judged_types)}
        candidates.append(
            Candidate(
                rule.rule, counterexample, f"{COUNTEREXAMPLE_WORDS}: {describe_difference(valid, counterexample)}"
            )
        )
    return candidates


def structure_candidates(rule: str, column: str, valid: Row, pools: Pools) -> list[Candidate]:
    """Return rows that may break a rule on the structure of one column, or of any where it names none."""
    names = [column] if column in pools else list(pools)
    rows = [row for name in names for row in _changed_rows(valid, (name,), pools)]
    return [Candidate(rule, row, describe_difference(valid, row)) for row in rows]


def choose_faults(candidates: Iterable[Candidate], broken: dict[int, frozenset[str]]) -> dict[str, Fault]:
    """Return for each rule the candidate that breaks it and the fewest others; `broken` is by candidate's place."""
    best: dict[str, Fault] = {}
    for index, candidate in enumerate(candidates):
        fault = Fault(candidate.rule, candidate.row, candidate.words, broken[index])
        best_fault = best.get(candidate.rule)
        if candidate.rule in fault.broken and (best_fault is None or len(fault.broken) < len(best_fault.broken)):
            best[candidate.rule] = fault
    return best


def describe_difference(valid: Row, row: Row) -> str:
    """Say in words what was done to a valid row."""
    return ", ".join(f"{name} = {_value_text(row[name])}" for name in valid if name in row and row[name] != valid[name])


def _changed_rows(base: Row, columns: Iterable[str], pools: Pools) -> Iterator[Row]:
    columns = list(columns)
    for name in columns:
        yield from ({**base, name: value} for value in pools[name] if value != base[name])
    if len(columns) > 1:
        value_types: set[object] = {type(base[name]) for name in columns}
        if len(value_types) == 1:
            yield from ({**base, **dict.fromkeys(columns, base[name])} for name in columns)
        sampled = [[*pools[name][: VALUES_PER_COLUMN - 1], None] for name in columns[:3]]
        yield from ({**base, **dict(zip(columns, values, strict=False))} for values in product(*sampled))


def _value_text(value: Any) -> str:
    (text,) = format_samples([value])
    return "null" if text is None else repr(text[:40])
