"""What changed in the arguments of one rule, in words, and whether it now lets less through or more."""

from collections.abc import Iterator, Mapping
from typing import Any

from etl.contract.model import Rule
from etl.contract.run_parameters import BOUND_ARGUMENTS
from etl.contract.types import ColumnType, Family
from etl.wording import count_noun
from sluice.contracts.diff.rule_ranges import RANGE_MEASURES, VALUE_MEASURES, Range, bounds_range
from sluice.contracts.lint.pattern_languages import LESS, MORE, SAME, compare_patterns
from sluice.contracts.rule_words import (
    describe_condition,
    describe_high,
    describe_low,
    describe_share,
    render_argument,
    worded_arguments,
)

TIGHTENED, LOOSENED, CHANGED, REWRITTEN = "tightened", "loosened", "changed", "rewritten"
UNDECIDABLE = "; whether it lets more through, or less, cannot be told"
NOT_MATCHING = ("expect_column_values_to_not_match_regex", "expect_column_values_to_not_match_regex_list")
BOUNDS = {"min_value", "max_value", "strict_min", "strict_max"}
LIST_ARGUMENTS = ("value_set", "value_pairs_set", "regex_list", "type_list")
# Of these a longer list lets less through; of the other types that take a list it lets more through.
LONGER_IS_TIGHTER = {
    "expect_column_values_to_not_be_in_set",
    "expect_column_values_to_not_match_regex_list",
    "expect_column_distinct_values_to_contain_set",
}
EXACT_SET_TYPES = {"expect_column_distinct_values_to_equal_set"}
FLAG_ARGUMENTS = ("or_equal", "ties_okay")
ARGUMENT_WORDS = {"value": "exactly", "sum_total": "adds up to", "strftime_format": "is written as"}
Difference = tuple[str, str]


def argument_differences(old: Rule, new: Rule, types: Mapping[str, ColumnType]) -> Iterator[Difference]:
    """Yield each difference of two versions of a rule, of one type and on the same columns, with its direction."""
    if new.type in RANGE_MEASURES:
        yield from _bound_differences(old, new, types)
    yield from _share_differences(old, new)
    yield from _condition_differences(old.kwargs.get("row_condition"), new.kwargs.get("row_condition"))
    yield from _pattern_differences(old, new)
    for name in LIST_ARGUMENTS:
        if name in new.kwargs and not (name == "regex_list" and _replaces_patterns(old, new)):
            yield from _entry_differences(old, new, name)
    for name in FLAG_ARGUMENTS:
        before, after = bool(old.kwargs.get(name)), bool(new.kwargs.get(name))
        if before is not after:
            label = "" if name == "or_equal" else f"{name} "
            yield (
                f"{label}{render_argument(name, before)} → {render_argument(name, after)}",
                LOOSENED if after else TIGHTENED,
            )
    yield from _remaining_differences(old, new)


def _bound_differences(old: Rule, new: Rule, types: Mapping[str, ColumnType]) -> Iterator[Difference]:
    measured = RANGE_MEASURES[new.type] in VALUE_MEASURES
    family = types[new.kwargs["column"]].family if measured else Family.NUMBER
    before, after = bounds_range(old, family), bounds_range(new, family)
    lows = Range(before.low, None, before.strict_low), Range(after.low, None, after.strict_low)
    highs = Range(None, before.high, False, before.strict_high), Range(None, after.high, False, after.strict_high)
    sides = zip((describe_low, describe_high), BOUND_ARGUMENTS, (lows, highs), strict=True)
    for describe, argument, (old_range, new_range) in sides:
        if old_range != new_range:
            wordings = [
                describe(worded_arguments(rule)) + _least_runs_words(rule, other_rule, argument)
                for rule, other_rule in ((old, new), (new, old))
            ]
            yield _bound_change_words(*wordings), _range_direction(old_range, new_range)


def _least_runs_words(rule: Rule, other_rule: Rule, argument: str) -> str:
    """Return from how many runs on a bound is one, where another version says another number."""
    bound, other_bound = rule.history_bound(argument), other_rule.history_bound(argument)
    if bound is None or other_bound is None or bound.at_least == other_bound.at_least:
        return ""
    return f", from {count_noun(bound.at_least, 'run')} on"


def _range_direction(old_range: Range, new_range: Range) -> str:
    return (
        TIGHTENED if old_range.covers_values(new_range) else LOOSENED if new_range.covers_values(old_range) else CHANGED
    )


def _bound_change_words(before: str, after: str) -> str:
    if not before or not after:
        return f"now {after}" if after else f"no longer {before}"
    words = after.split(" ")
    same = before.split(" ")[: len(words) - 1] == words[:-1] and len(words) == 3
    return f"{before} → {words[-1] if same else after}"


def _share_differences(old: Rule, new: Rule) -> Iterator[Difference]:
    before, after = old.kwargs.get("mostly", 1), new.kwargs.get("mostly", 1)
    if before != after:
        wordings = [describe_share(rule.kwargs).removeprefix(", ") or "in every row" for rule in (old, new)]
        yield " → ".join(wordings), TIGHTENED if after > before else LOOSENED


def _condition_differences(before: Any, after: Any) -> Iterator[Difference]:
    wordings = [describe_condition(condition).removeprefix(", ") for condition in (before, after)]
    if before and after and before != after:
        yield " → ".join(wordings), CHANGED
    elif after and not before:
        yield f"now only {wordings[1]}", LOOSENED
    elif before and not after:
        yield f"no longer only {wordings[0]}", TIGHTENED


def _entry_differences(old: Rule, new: Rule, argument_name: str) -> Iterator[Difference]:
    before, after = old.kwargs[argument_name], new.kwargs[argument_name]
    demanding = new.type in LONGER_IS_TIGHTER or new.kwargs.get("match_on") == "all"
    added_direction, removed_direction = (TIGHTENED, LOOSENED) if demanding else (LOOSENED, TIGHTENED)
    if new.type in EXACT_SET_TYPES:
        added_direction = removed_direction = CHANGED
    if added := [entry for entry in after if entry not in before]:
        yield f"now also {render_argument('', added)}", added_direction
    if removed := [entry for entry in before if entry not in after]:
        yield f"no longer {render_argument('', removed)}", removed_direction


def _replaces_patterns(old: Rule, new: Rule) -> bool:
    """Say whether patterns of a list took the place of others, of which any may match: then only the whole can be told."""
    before, after = (set(rule.kwargs["regex_list"]) for rule in (old, new))
    return bool(before - after and after - before) and "all" not in (r.kwargs.get("match_on") for r in (old, new))


def _pattern_differences(old: Rule, new: Rule) -> Iterator[Difference]:
    if "regex" in new.kwargs and old.kwargs["regex"] != new.kwargs["regex"]:
        name, before, after = "regex", [old.kwargs["regex"]], [new.kwargs["regex"]]
    elif "regex_list" in new.kwargs and _replaces_patterns(old, new):
        name, before, after = "regex_list", old.kwargs["regex_list"], new.kwargs["regex_list"]
    else:
        return
    directions: dict[str | None, str] = {SAME: REWRITTEN, MORE: LOOSENED, LESS: TIGHTENED}
    if new.type in NOT_MATCHING:
        directions |= {MORE: TIGHTENED, LESS: LOOSENED}
    direction = compare_patterns(before, after)
    words = f"matches {render_argument(name, before)} → {render_argument(name, after)}"
    yield words + (UNDECIDABLE if direction is None else ""), directions.get(direction, CHANGED)


def _remaining_differences(old: Rule, new: Rule) -> Iterator[Difference]:
    reported_arguments = {
        *BOUNDS,
        *LIST_ARGUMENTS,
        *FLAG_ARGUMENTS,
        "regex",
        "mostly",
        "row_condition",
        "condition_parser",
    }
    defaults: dict[str, Any] = {"match_on": "any", "allow_relative_error": False, "ignore_row_if": "by default"}
    for name in sorted((old.kwargs.keys() | new.kwargs.keys()) - reported_arguments):
        before, after = (rule.kwargs.get(name, defaults.get(name)) for rule in (old, new))
        if before != after:
            direction = (TIGHTENED if after == "all" else LOOSENED) if name == "match_on" else CHANGED
            yield (
                f"{ARGUMENT_WORDS.get(name, name)} {render_argument(name, before)} → {render_argument(name, after)}",
                direction,
            )
