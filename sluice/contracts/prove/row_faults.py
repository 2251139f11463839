"""Faults that are single rows: a valid row with one thing wrong, for each rule that a row alone can break."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from etl.contract.model import Contract, Rule
from etl.contract.sample_values import shown
from sluice.contracts.prove.frames import Row
from sluice.contracts.prove.valid_values import Pools
from sluice.contracts.prove.values import constants, mentions, typed

MOST = 600  # candidates a rule
OWN = "the suite's own counterexample"
PAIRED = 12  # values of each column where two must go wrong together


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
        return self.words.startswith(OWN)


def of_rule(rule: Rule, valid: Row, pools: Pools, contract: Contract) -> list[Candidate]:
    """Return rows that may break a rule, the plainest first; last the suite's own counterexample."""
    conditioned = [name for name in pools if name not in rule.columns and mentions(rule, name)]
    named = {str(value) for value in constants(rule, defaultdict(str))}
    few = {name: sorted(pools[name], key=lambda value: str(value) not in named)[:PAIRED] for name in conditioned}
    bases = [valid, *({**valid, name: value} for name, values in few.items() for value in values)]
    rows = [row for base in bases for row in _changed(base, rule.columns, pools)]
    found = [Candidate(rule.rule, row, difference(valid, row)) for row in islice(rows, MOST)]
    if rule.counterexample:
        types = {column.name: column.type for column in contract.columns}
        own = {**valid, **{name: typed(value, types[name]) for name, value in rule.counterexample.items()}}
        found.append(Candidate(rule.rule, own, f"{OWN}: {difference(valid, own)}"))
    return found


def of_column(rule: str, column: str, valid: Row, pools: Pools) -> list[Candidate]:
    """Return rows that may break a rule on the structure of one column, or of any where it names none."""
    names = [column] if column in pools else list(pools)
    rows = [row for name in names for row in _changed(valid, (name,), pools)]
    return [Candidate(rule, row, difference(valid, row)) for row in rows]


def chosen(candidates: Iterable[Candidate], broken: dict[int, frozenset[str]]) -> dict[str, Fault]:
    """Return for each rule the candidate that breaks it and the fewest others; `broken` is by candidate's place."""
    best: dict[str, Fault] = {}
    for at, one in enumerate(candidates):
        found = Fault(one.rule, one.row, one.words, broken[at])
        known = best.get(one.rule)
        if one.rule in found.broken and (known is None or len(found.broken) < len(known.broken)):
            best[one.rule] = found
    return best


def difference(valid: Row, row: Row) -> str:
    """Say in words what was done to a valid row."""
    return ", ".join(f"{name} = {_text(row[name])}" for name in valid if name in row and row[name] != valid[name])


def _changed(base: Row, columns: Iterable[str], pools: Pools) -> Iterator[Row]:
    columns = list(columns)
    for name in columns:
        yield from ({**base, name: value} for value in pools[name] if value != base[name])
    if len(columns) > 1:
        if len({type(base[name]) for name in columns}) == 1:
            yield from ({**base, **dict.fromkeys(columns, base[name])} for name in columns)
        few = [[*pools[name][: PAIRED - 1], None] for name in columns[:3]]
        yield from ({**base, **dict(zip(columns, values, strict=False))} for values in product(*few))


def _text(value: Any) -> str:
    (text,) = shown([value])
    return "null" if text is None else repr(text[:40])
