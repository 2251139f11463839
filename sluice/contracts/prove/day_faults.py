"""Faults that are whole days: for rules about how many rows there are, what must be unique, and columns as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from etl.contract.model import Contract, Rule
from etl.contract.vocabulary import ROW_COUNT_TYPES, UNIQUE_TYPES
from etl.wording import count_noun
from sluice.contracts.prove.frames import ContractBench, Row, judges_rows
from sluice.contracts.prove.row_faults import describe_difference, rule_candidates
from sluice.contracts.prove.valid_values import Pools
from sluice.contracts.prove.values import mentions_column

MOST_ROWS = 100_000  # a bound on rows beyond this is not tried


@dataclass(frozen=True)
class CandidateDay:
    """Rows that may break a rule about the whole, and what was done to the valid day."""

    words: str
    rows: list[Row]


def candidate_days(rule: Rule, bench: ContractBench, rows: list[Row], pools: Pools) -> Iterator[CandidateDay]:
    """Yield days that may break a rule, the plainest first; last one with the suite's own counterexample."""
    if rule.type in ROW_COUNT_TYPES:
        yield from _row_count_days(rule, rows)
    elif rule.type in UNIQUE_TYPES:
        yield _duplicate_day(rule, rows)
    elif judges_rows(rule):  # with `mostly`: where no row keeps it, too few do
        candidates = rule_candidates(rule, rows[0], pools, bench.contract)
        yield from (CandidateDay(f"only rows with {candidate.words}", [candidate.row]) for candidate in candidates)
    else:
        names = rule.columns or tuple(name for name in pools if mentions_column(rule, name))
        for name in names:
            yield from column_days(name, rows, pools)
    if rule.counterexample and not judges_rows(rule):
        counterexample = rule_candidates(rule, rows[0], {}, bench.contract)[-1]
        yield CandidateDay(
            f"all rows with {counterexample.words}",
            [{**row, **_changed_values(counterexample.row, rows[0])} for row in rows],
        )


def whole_days(rule: Rule, contract: Contract, rows: list[Row], pools: Pools) -> Iterator[CandidateDay]:
    """Yield days of as many rows as the valid one, each row of which breaks a rule that holds though some rows do."""
    own_pools = {name: pools[name] for name in rule.roots if name in pools}
    candidates = rule_candidates(rule, rows[0], own_pools, contract) if own_pools.keys() == {*rule.roots} else []
    for candidate in candidates:
        changed = _changed_values(candidate.row, rows[0])
        yield CandidateDay(f"all rows with {candidate.words}", [{**row, **changed} for row in rows])


def _row_count_days(rule: Rule, rows: list[Row]) -> Iterator[CandidateDay]:
    yield CandidateDay("no rows", [])
    end = rule.kwargs.get("max_value", rule.kwargs.get("value"))
    if end is not None and end < MOST_ROWS:
        yield CandidateDay(
            count_noun(end + 1, "row"), [row for row, _ in zip(cycle(rows), range(end + 1), strict=False)]
        )


def _duplicate_day(rule: Rule, rows: list[Row]) -> CandidateDay:
    """Return the day with one more row, the last one's but for the first one's key."""
    copy = {**rows[-1], **{name: rows[0][name] for name in rule.columns}}
    return CandidateDay(
        f"another row with {describe_difference({**copy, **dict.fromkeys(rule.columns)}, copy)}", [*rows, copy]
    )


def column_days(name: str, rows: list[Row], pools: Pools) -> Iterator[CandidateDay]:
    """Yield days that differ from the valid one in a column: of all its values, then of each value alone."""
    values = pools[name]
    mixed = [{**rows[0], name: value} for value in values if value is not None]
    yield CandidateDay(f"a day of {name} as different as it can be", mixed)
    for value in values:
        same_valued = [{**row, name: value} for row in rows]
        yield CandidateDay(
            f"all rows with {describe_difference({**same_valued[0], name: object()}, same_valued[0])}", same_valued
        )


def _changed_values(row: Row, valid: Row) -> Row:
    return {name: value for name, value in row.items() if value != valid[name]}
