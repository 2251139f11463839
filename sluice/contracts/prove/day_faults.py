"""Faults that are whole days: for rules about how many rows there are, what must be unique, and columns as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from etl.contract.model import Rule
from etl.contract.vocabulary import ROW_COUNT, UNIQUE
from etl.wording import counted
from sluice.contracts.prove.frames import Bench, Row, judges_rows
from sluice.contracts.prove.row_faults import difference, of_rule
from sluice.contracts.prove.valid_values import Pools
from sluice.contracts.prove.values import mentions

MOST_ROWS = 100_000  # a bound on rows beyond this is not tried


@dataclass(frozen=True)
class Day:
    """Rows that may break a rule about the whole, and what was done to the valid day."""

    words: str
    rows: list[Row]


def of_rule_of_days(rule: Rule, bench: Bench, rows: list[Row], pools: Pools) -> Iterator[Day]:
    """Yield days that may break a rule, the plainest first; last one with the suite's own counterexample."""
    if rule.type in ROW_COUNT:
        yield from _counts(rule, rows)
    elif rule.type in UNIQUE:
        yield _copied(rule, rows)
    elif judges_rows(rule):  # with `mostly`: where no row keeps it, too few do
        candidates = of_rule(rule, rows[0], pools, bench.contract)
        yield from (Day(f"only rows with {one.words}", [one.row]) for one in candidates)
    else:
        names = rule.columns or tuple(name for name in pools if mentions(rule, name))
        for name in names:
            yield from of_column(name, rows, pools)
    if rule.counterexample and not judges_rows(rule):
        own = of_rule(rule, rows[0], {}, bench.contract)[-1]
        yield Day(f"all rows with {own.words}", [{**row, **_only(own.row, rows[0])} for row in rows])


def _counts(rule: Rule, rows: list[Row]) -> Iterator[Day]:
    yield Day("no rows", [])
    end = rule.kwargs.get("max_value", rule.kwargs.get("value"))
    if end is not None and end < MOST_ROWS:
        yield Day(counted(end + 1, "row"), [row for row, _ in zip(cycle(rows), range(end + 1), strict=False)])


def _copied(rule: Rule, rows: list[Row]) -> Day:
    """Return the day with one more row, the last one's but for the first one's key."""
    copy = {**rows[-1], **{name: rows[0][name] for name in rule.columns}}
    return Day(f"another row with {difference({**copy, **dict.fromkeys(rule.columns)}, copy)}", [*rows, copy])


def of_column(name: str, rows: list[Row], pools: Pools) -> Iterator[Day]:
    """Yield days that differ from the valid one in a column: of all its values, then of each value alone."""
    values = pools[name]
    mixed = [{**rows[0], name: value} for value in values if value is not None]
    yield Day(f"a day of {name} as different as it can be", mixed)
    for value in values:
        alike = [{**row, name: value} for row in rows]
        yield Day(f"all rows with {difference({**alike[0], name: object()}, alike[0])}", alike)


def _only(row: Row, valid: Row) -> Row:
    return {name: value for name, value in row.items() if value != valid[name]}
