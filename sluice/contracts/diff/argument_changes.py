"""What changed in the arguments of one rule, in words, and whether it now lets less through or more."""

from collections.abc import Iterator
from typing import Any

from etl.contract.model import Rule
from etl.contract.types import family
from sluice.contracts.diff.rule_ranges import OF_VALUES, SPANS, Range, span
from sluice.contracts.lint.pattern_languages import LESS, MORE, SAME, compared
from sluice.contracts.rule_words import argument, high, low, share, where

TIGHTENED, LOOSENED, CHANGED, REWRITTEN = "tightened", "loosened", "changed", "rewritten"
UNTOLD = "; whether it lets more through, or less, cannot be told"
NOT_MATCHING = ("expect_column_values_to_not_match_regex", "expect_column_values_to_not_match_regex_list")
BOUNDS = {"min_value", "max_value", "strict_min", "strict_max"}
LISTS = ("value_set", "value_pairs_set", "regex_list", "type_list")
# Of these a longer list lets less through; of the other types that take a list it lets more through.
LONGER_IS_TIGHTER = {
    "expect_column_values_to_not_be_in_set",
    "expect_column_values_to_not_match_regex_list",
    "expect_column_distinct_values_to_contain_set",
}
NEITHER = {"expect_column_distinct_values_to_equal_set"}
FLAGS = ("or_equal", "ties_okay")
WORDS = {"value": "exactly", "sum_total": "adds up to", "strftime_format": "is written as"}
Difference = tuple[str, str]


def differences(old: Rule, new: Rule, types: dict[str, str]) -> Iterator[Difference]:
    """Yield each difference of two versions of a rule, of one type and on the same columns, with its direction."""
    if new.type in SPANS:
        yield from _bounds(old, new, types)
    yield from _share(old, new)
    yield from _condition(old.kwargs.get("row_condition"), new.kwargs.get("row_condition"))
    yield from _patterns(old, new)
    for name in LISTS:
        if name in new.kwargs and not (name == "regex_list" and _replaces(old, new)):
            yield from _entries(old, new, name)
    for name in FLAGS:
        before, after = bool(old.kwargs.get(name)), bool(new.kwargs.get(name))
        if before is not after:
            said = "" if name == "or_equal" else f"{name} "
            yield f"{said}{argument(name, before)} → {argument(name, after)}", LOOSENED if after else TIGHTENED
    yield from _rest(old, new)


def _bounds(old: Rule, new: Rule, types: dict[str, str]) -> Iterator[Difference]:
    measured = SPANS[new.type] in OF_VALUES
    kind = family(types[new.kwargs["column"]]) if measured else "number"
    before, after = span(old, kind), span(new, kind)
    lows = Range(before.low, None, before.strict_low), Range(after.low, None, after.strict_low)
    highs = Range(None, before.high, False, before.strict_high), Range(None, after.high, False, after.strict_high)
    for said, (was, now) in ((low, lows), (high, highs)):
        if was != now:
            yield _moved(said(old.kwargs), said(new.kwargs)), _direction(was, now)


def _direction(was: Range, now: Range) -> str:
    return TIGHTENED if was.covers(now) else LOOSENED if now.covers(was) else CHANGED


def _moved(before: str, after: str) -> str:
    if not before or not after:
        return f"now {after}" if after else f"no longer {before}"
    words = after.split(" ")
    same = before.split(" ")[: len(words) - 1] == words[:-1] and len(words) == 3
    return f"{before} → {words[-1] if same else after}"


def _share(old: Rule, new: Rule) -> Iterator[Difference]:
    before, after = old.kwargs.get("mostly", 1), new.kwargs.get("mostly", 1)
    if before != after:
        said = [share(rule.kwargs).removeprefix(", ") or "in every row" for rule in (old, new)]
        yield " → ".join(said), TIGHTENED if after > before else LOOSENED


def _condition(before: Any, after: Any) -> Iterator[Difference]:
    said = [where(one).removeprefix(", ") for one in (before, after)]
    if before and after and before != after:
        yield " → ".join(said), CHANGED
    elif after and not before:
        yield f"now only {said[1]}", LOOSENED
    elif before and not after:
        yield f"no longer only {said[0]}", TIGHTENED


def _entries(old: Rule, new: Rule, name: str) -> Iterator[Difference]:
    before, after = old.kwargs[name], new.kwargs[name]
    demanding = new.type in LONGER_IS_TIGHTER or new.kwargs.get("match_on") == "all"
    more, less = (TIGHTENED, LOOSENED) if demanding else (LOOSENED, TIGHTENED)
    if new.type in NEITHER:
        more = less = CHANGED
    if added := [entry for entry in after if entry not in before]:
        yield f"now also {argument('', added)}", more
    if removed := [entry for entry in before if entry not in after]:
        yield f"no longer {argument('', removed)}", less


def _replaces(old: Rule, new: Rule) -> bool:
    """Say whether patterns of a list took the place of others, of which any may match: then only the whole can be told."""
    before, after = (set(rule.kwargs["regex_list"]) for rule in (old, new))
    return bool(before - after and after - before) and "all" not in (r.kwargs.get("match_on") for r in (old, new))


def _patterns(old: Rule, new: Rule) -> Iterator[Difference]:
    if "regex" in new.kwargs and old.kwargs["regex"] != new.kwargs["regex"]:
        name, before, after = "regex", [old.kwargs["regex"]], [new.kwargs["regex"]]
    elif "regex_list" in new.kwargs and _replaces(old, new):
        name, before, after = "regex_list", old.kwargs["regex_list"], new.kwargs["regex_list"]
    else:
        return
    directions: dict[str | None, str] = {SAME: REWRITTEN, MORE: LOOSENED, LESS: TIGHTENED}
    if new.type in NOT_MATCHING:
        directions |= {MORE: TIGHTENED, LESS: LOOSENED}
    direction = compared(before, after)
    words = f"matches {argument(name, before)} → {argument(name, after)}"
    yield words + (UNTOLD if direction is None else ""), directions.get(direction, CHANGED)


def _rest(old: Rule, new: Rule) -> Iterator[Difference]:
    told = {*BOUNDS, *LISTS, *FLAGS, "regex", "mostly", "row_condition", "condition_parser"}
    defaults: dict[str, Any] = {"match_on": "any", "allow_relative_error": False, "ignore_row_if": "by default"}
    for name in sorted((old.kwargs.keys() | new.kwargs.keys()) - told):
        before, after = (rule.kwargs.get(name, defaults.get(name)) for rule in (old, new))
        if before != after:
            how = (TIGHTENED if after == "all" else LOOSENED) if name == "match_on" else CHANGED
            yield f"{WORDS.get(name, name)} {argument(name, before)} → {argument(name, after)}", how
