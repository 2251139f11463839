"""Rules that a sample suggests, each with its evidence as the reason; of a personal column no value is quoted.

What one file cannot know of the next is not critical: which values there are, how large they get, what shape they have. It is
recorded (info) until somebody decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from etl.contract.severity import Severity
from etl.contract.stage import Stage, SuiteStage
from etl.contract.types import Family
from etl.wording import count_noun
from sluice.contracts.profile.column import ColumnProfile
from sluice.contracts.profile.primary_key import KeyCandidate, is_identifier
from sluice.contracts.profile.text_shape import KNOWN

Rule = dict[str, Any]
SHARE_STEP = Decimal("0.05")
ROUND_STEPS = (1, 2, 5, 10)
HEADROOM = 2  # a bound is at least so many times what was seen
ENOUGH_ROWS = 30  # rows from which on a column that was never null is all but empty by a fault alone
FULL_SHARE = 0.1  # of the rows, where a sample has no null


@dataclass(frozen=True)
class Evidence:
    """How many rows of which file were looked at."""

    file: str
    rows: int

    def state_evidence(self, observation: str) -> str:
        """Return it as the head of a sentence."""
        return f"In {count_noun(self.rows, 'row')} of {self.file} {observation}."


def row_count_rule(prefix: str, evidence: Evidence) -> Rule:
    """Return the rule that there are rows."""
    why = f"A day without rows is no usual day; {evidence.file} has {evidence.rows:,}."
    return _build_rule("expect_table_row_count_to_be_between", {"min_value": 1}, f"{prefix}.rows", why)


def presence_rule(
    column: ColumnProfile, prefix: str, stage: SuiteStage, evidence: Evidence, *, in_key: bool = False
) -> Rule:
    """Return the rule how often a column may be null: never in a key, elsewhere more often than in the sample."""
    kwargs: dict[str, Any] = {"column": column.name}
    if column.nulls == column.rows:
        why = evidence.state_evidence("it is always null; say what is meant, or drop the column")
        name = f"{prefix}.{'absent' if stage is Stage.INPUT else 'left_absent'}"
        return _build_rule("expect_column_values_to_be_null", kwargs, name, why, Severity.INFO)
    name = f"{prefix}.{'present' if stage is Stage.INPUT else 'kept'}"
    about = f"; it may be about a person by {column.personal}" if column.personal else ""
    if in_key:
        why = evidence.state_evidence(f"none is null, and no part of a key may be{about}")
        return _build_rule("expect_column_values_to_not_be_null", kwargs, name, why)
    observed = Decimal(column.rows - column.nulls) / column.rows
    kwargs["mostly"] = _lenient_share(observed)
    nulls_seen = "none is null" if not column.nulls else f"{column.nulls:,} {'is' if column.nulls == 1 else 'are'} null"
    why = evidence.state_evidence(f"{nulls_seen}, and the rule leaves room for more{about}")
    severity = Severity.INFO if column.nulls or column.rows < ENOUGH_ROWS else Severity.CRITICAL
    return _build_rule("expect_column_values_to_not_be_null", kwargs, name, why, severity)


def _lenient_share(observed_share: Decimal) -> float:
    if observed_share == 1:
        return FULL_SHARE
    steps = (observed_share / SHARE_STEP).to_integral_value(ROUND_FLOOR) - 1
    return float(steps * SHARE_STEP) if steps > 0 else float(f"{observed_share / HEADROOM:.1g}")


def form_rules(column: ColumnProfile, prefix: str, evidence: Evidence) -> Iterator[Rule]:
    """Yield what texts have in common: a few values, or a shape."""
    if column.choices:
        rarest = min(column.choices.values())
        values = f"one of {len(column.choices)} values" if len(column.choices) > 1 else "always the same value"
        why = evidence.state_evidence(
            f"it is {values}, the rarest {count_noun(rarest, 'time')}; another one is recorded, until somebody decides"
        )
        kwargs = {"column": column.name, "value_set": list(column.choices)}
        yield _build_rule("expect_column_values_to_be_in_set", kwargs, f"{prefix}.known", why, Severity.INFO)
    elif column.pattern:
        known_form = KNOWN.get(column.pattern)
        has = f"the form of {known_form}" if known_form else "this shape"
        why = evidence.state_evidence(f"each of {column.values:,} different values has {has}")
        kwargs = {"column": column.name, "regex": column.pattern}
        yield _build_rule("expect_column_values_to_match_regex", kwargs, f"{prefix}.format", why, Severity.INFO)


def range_rules(column: ColumnProfile, prefix: str, evidence: Evidence) -> Iterator[Rule]:
    """Yield bounds with room around the numbers that were seen, or that no day lies in the future."""
    if column.low is None:
        return
    values_seen = f"values run from {column.low} to {column.high}"
    if isinstance(column.low, datetime):
        yield from _past_rule(
            column, prefix, evidence.state_evidence(f"{values_seen}; a time to come is a wrong clock")
        )
        return
    if isinstance(column.low, date):
        if column.high <= datetime.now(UTC).date():
            why = evidence.state_evidence(f"{values_seen}; a day to come is a wrong clock or a wrong format")
            kwargs = {"column": column.name, "max_value": {"$PARAMETER": "run_date"}}
            yield _build_rule("expect_column_values_to_be_between", kwargs, f"{prefix}.not_future", why, Severity.INFO)
        return
    bounds = dict(_lenient_bounds(column))
    if bounds:
        why = evidence.state_evidence(f"{values_seen}; the bounds leave room, so write what is meant")
        kwargs = {"column": column.name, **bounds}
        yield _build_rule("expect_column_values_to_be_between", kwargs, f"{prefix}.range", why, Severity.INFO)


def _past_rule(column: ColumnProfile, prefix: str, why: str) -> Iterator[Rule]:
    """Yield the rule that no moment lies in the future; what a clock shows is of no zone that is known."""
    if column.declared.family is Family.INSTANT and column.high <= datetime.now(UTC):
        kwargs = {"column": column.name, "max_value": {"$PARAMETER": "run_time"}}
        yield _build_rule("expect_column_values_to_be_between", kwargs, f"{prefix}.not_future", why, Severity.INFO)


def key_rule(key: KeyCandidate, prefix: str, evidence: Evidence) -> Rule:
    """Return the rule that the key tells rows apart."""
    is_compound = len(key.columns) > 1
    why = evidence.state_evidence(f"no two have the same {' and '.join(key.columns)}")
    kind = "expect_compound_columns_to_be_unique" if is_compound else "expect_column_values_to_be_unique"
    kwargs = {"column_list": list(key.columns)} if is_compound else {"column": key.columns[0]}
    return _build_rule(kind, kwargs, f"{prefix}.unique", why)


def _build_rule(kind: str, kwargs: dict[str, Any], name: str, why: str, severity: Severity = Severity.CRITICAL) -> Rule:
    return {"type": kind, "kwargs": kwargs, "severity": severity, "meta": {"rule": name, "why": why}}


def _lenient_bounds(column: ColumnProfile) -> Iterator[tuple[str, int | float]]:
    """Yield the bounds that lie within the column's type; identifiers only grow, so theirs has no end."""
    step = Decimal((0, (1,), -column.declared.scale))
    least, greatest = column.declared.limits or (None, None)
    assert isinstance(least, Decimal) and isinstance(greatest, Decimal)  # noqa: S101, PT018  every number type has them
    low = -_round_bound(-column.low) if column.low < 0 else min(Decimal(column.low), step)
    high = _round_bound(column.high) if column.high > 0 else min(Decimal(0), Decimal(column.high) + step)
    for name, bound in (("min_value", low), ("max_value", high)):
        bound_value = int(bound) if bound == int(bound) else float(bound)
        # A whole number that no double is would be rounded by the library.
        exact = isinstance(bound_value, float) or float(bound_value) == bound_value
        if exact and least <= bound <= greatest and not (name == "max_value" and is_identifier(column.name)):
            yield name, bound_value


def _round_bound(observed: Decimal) -> Decimal:
    """Return a round number that is at least twice a positive one."""
    target = HEADROOM * Decimal(observed)
    power = Decimal(10) ** target.adjusted()
    return next(nice * power for nice in ROUND_STEPS if nice * power >= target)
