"""Rules that a sample suggests, each with its evidence as the reason; of a personal column no value is quoted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from etl.contract.types import limits, scale
from etl.wording import counted
from sluice.contracts.profile.column import Column
from sluice.contracts.profile.primary_key import Key, is_identifier
from sluice.contracts.profile.text_shape import KNOWN

Rule = dict[str, Any]
STEP = Decimal("0.05")
NICE = (1, 2, 5, 10)
ROOM = 2  # a bound is at least so many times what was seen


@dataclass(frozen=True)
class Evidence:
    """How many rows of which file were looked at."""

    file: str
    rows: int

    def says(self, what: str) -> str:
        """Return it as the head of a sentence."""
        return f"In {counted(self.rows, 'row')} of {self.file} {what}."


def row_count(prefix: str, evidence: Evidence) -> Rule:
    """Return the rule that there are rows."""
    why = f"A day without rows is a broken export; {evidence.file} has {evidence.rows:,}."
    return _rule("expect_table_row_count_to_be_between", {"min_value": 1}, f"{prefix}.rows", why)


def presence(column: Column, prefix: str, stage: str, evidence: Evidence) -> Rule:
    """Return the rule how often a column may be null: never, or somewhat more often than in the sample."""
    kwargs: dict[str, Any] = {"column": column.name}
    if column.nulls == column.rows:
        why = evidence.says("it is always null; say what is meant, or drop the column")
        name = f"{prefix}.{'absent' if stage == 'input' else 'left_absent'}"
        return _rule("expect_column_values_to_be_null", kwargs, name, why, "info")
    seen = (
        f"{column.nulls:,} {'is' if column.nulls == 1 else 'are'} null, and the rule leaves room for more"
        if column.nulls
        else "none is null"
    )
    about = f"; it may be about a person by {column.personal}" if column.personal else ""
    if column.nulls:
        kwargs["mostly"] = _share(Decimal(column.rows - column.nulls) / column.rows)
    name = f"{prefix}.{'present' if stage == 'input' else 'kept'}"
    return _rule("expect_column_values_to_not_be_null", kwargs, name, evidence.says(seen + about))


def _share(seen: Decimal) -> float:
    steps = (seen / STEP).to_integral_value(ROUND_FLOOR) - 1
    return float(steps * STEP) if steps > 0 else float(f"{seen / ROOM:.1g}")


def form(column: Column, prefix: str, evidence: Evidence) -> Iterator[Rule]:
    """Yield what texts have in common: a few values, or a shape."""
    if column.choices:
        rarest = min(column.choices.values())
        values = f"one of {len(column.choices)} values" if len(column.choices) > 1 else "always the same value"
        why = evidence.says(
            f"it is {values}, the rarest {counted(rarest, 'time')}; one that the sample lacks is refused"
        )
        kwargs = {"column": column.name, "value_set": list(column.choices)}
        yield _rule("expect_column_values_to_be_in_set", kwargs, f"{prefix}.known", why)
    elif column.pattern:
        what = KNOWN.get(column.pattern)
        has = f"the form of {what}" if what else "this shape"
        why = evidence.says(f"each of {column.values:,} different values has {has}")
        kwargs = {"column": column.name, "regex": column.pattern}
        yield _rule("expect_column_values_to_match_regex", kwargs, f"{prefix}.format", why)


def span(column: Column, prefix: str, evidence: Evidence) -> Iterator[Rule]:
    """Yield bounds with room around the numbers that were seen, or that no day lies in the future."""
    if column.low is None:
        return
    seen = f"values run from {column.low} to {column.high}"
    if isinstance(column.low, date):
        if column.high <= datetime.now(UTC).date():
            why = evidence.says(f"{seen}; a day to come is a wrong clock or a wrong format")
            kwargs = {"column": column.name, "max_value": {"$PARAMETER": "run_date"}}
            yield _rule("expect_column_values_to_be_between", kwargs, f"{prefix}.not_future", why)
        return
    bounds = dict(_bounds(column))
    if bounds:
        why = evidence.says(f"{seen}; the bounds leave room, so write what is meant")
        yield _rule("expect_column_values_to_be_between", {"column": column.name, **bounds}, f"{prefix}.range", why)


def unique(key: Key, prefix: str, evidence: Evidence) -> Rule:
    """Return the rule that the key tells rows apart."""
    several = len(key.columns) > 1
    if key.different == evidence.rows:
        why = evidence.says(f"no two have the same {' and '.join(key.columns)}")
    else:
        nearest = f"only {key.different:,} differ in {' and '.join(key.columns)}, and nothing comes nearer to a key"
        why = evidence.says(f"{nearest}: this rule refuses the sample itself, so name the real key")
    kind = "expect_compound_columns_to_be_unique" if several else "expect_column_values_to_be_unique"
    kwargs = {"column_list": list(key.columns)} if several else {"column": key.columns[0]}
    return _rule(kind, kwargs, f"{prefix}.unique", why)


def _rule(kind: str, kwargs: dict[str, Any], name: str, why: str, severity: str = "critical") -> Rule:
    return {"type": kind, "kwargs": kwargs, "severity": severity, "meta": {"rule": name, "why": why}}


def _bounds(column: Column) -> Iterator[tuple[str, int | float]]:
    """Yield the bounds that lie within the column's type; identifiers only grow, so theirs has no end."""
    step = Decimal((0, (1,), -scale(column.declared)))
    least, greatest = limits(column.declared) or (None, None)
    assert isinstance(least, Decimal) and isinstance(greatest, Decimal)  # noqa: S101, PT018  every number type has them
    low = -_beyond(-column.low) if column.low < 0 else min(Decimal(column.low), step)
    high = _beyond(column.high) if column.high > 0 else min(Decimal(0), Decimal(column.high) + step)
    for name, bound in (("min_value", low), ("max_value", high)):
        written = int(bound) if bound == int(bound) else float(bound)
        # A whole number that no double is would be rounded by the library.
        exact = isinstance(written, float) or float(written) == written
        if exact and least <= bound <= greatest and not (name == "max_value" and is_identifier(column.name)):
            yield name, written


def _beyond(seen: Decimal) -> Decimal:
    """Return a round number that is at least twice a positive one."""
    wanted = ROOM * Decimal(seen)
    power = Decimal(10) ** wanted.adjusted()
    return next(nice * power for nice in NICE if nice * power >= wanted)
