"""Rules on one column that one look proves together, so that each row is not looked at once a rule.

Where the look proves them, none of them is broken. Where it does not, nothing is known of any of them, and they are judged as
what was not observed is. So only rules without a condition are joined: of others values that break them may be sound.
"""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.gate.onepass.literal_search import find_literals
from etl.sources.line_regex import minimal_patterns

BETWEEN, LENGTHS = "column_values.between", "column_values.value_length.between"
IN_SET, NOT_IN_SET = "column_values.in_set", "column_values.not_in_set"
MATCH, NOT_MATCH = "column_values.match_regex", "column_values.not_match_regex"
# What would mean something else within a larger expression: references to groups and their names, flags, quotations.
APART = re.compile(r"\\[0-9kGQE]|\(\?(?![:=!>]|<[=!])")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class ValueTest:
    """A metric that counts values of a column that fail a test.

    Attributes:
        metric: the library's name of it, such as `column_values.between`.
        column: whose values are tested.
        column_type: its type, as Spark writes it.
        kwargs: the metric's arguments.
    """

    metric: str
    column: str
    column_type: str
    kwargs: Mapping[str, Any]


@dataclass(frozen=True)
class JointKey:
    """The key of a mark that stands for several: where no row has it, no row has one of theirs."""

    keys: frozenset[Hashable]


def join_marks(marks: Mapping[Hashable, Column], tests: Mapping[Hashable, ValueTest]) -> dict[Hashable, Column]:
    """Return the marks, those of one column that one look tells of as one mark with a `JointKey`.

    Args:
        marks: where a row is counted, by metric.
        tests: of those among them that test a value, how.
    """
    groups: dict[tuple[str, str], dict[Hashable, ValueTest]] = {}
    for key in marks:
        if test := tests.get(key):
            kind = MATCH if test.metric == NOT_MATCH else test.metric
            groups.setdefault((kind, test.column), {})[key] = test
    joint: dict[Hashable, Column] = {}
    for (kind, _), group in groups.items():
        joined, mark = _join_group(kind, group, marks)
        if mark is not None:
            joint[JointKey(frozenset(joined))] = mark
    covered = {key for joint_key in joint if isinstance(joint_key, JointKey) for key in joint_key.keys}
    return {**{key: mark for key, mark in marks.items() if key not in covered}, **joint}


def _join_group(
    kind: str, group: Mapping[Hashable, ValueTest], marks: Mapping[Hashable, Column]
) -> tuple[Sequence[Hashable], Column | None]:
    """Return which of a group's marks are joined, and as what; None where nothing is saved by it."""
    if len(group) < 2:
        return (), None
    if kind in {BETWEEN, LENGTHS}:
        return _join_ranges(group, marks)
    if kind in {IN_SET, NOT_IN_SET}:
        return _join_sets(kind, group)
    return _join_patterns(group) if kind == MATCH else ((), None)


def _join_ranges(
    group: Mapping[Hashable, ValueTest], marks: Mapping[Hashable, Column]
) -> tuple[Sequence[Hashable], Column | None]:
    """Let the rules with the tightest bounds speak for all: what these hold of, the others hold of too."""
    bounds = [bound for test in group.values() for bound in _bounds_of(test) if bound is not None]
    column_type = next(iter(group.values())).column_type
    is_comparable = (
        all(type(bound) is int for bound in bounds)
        or all(type(bound) is float for bound in bounds)
        or (column_type == "date" and all(isinstance(bound, str) and ISO_DATE.fullmatch(bound) for bound in bounds))
    )
    if not is_comparable:
        return (), None
    lower = {
        key: (low, bool(test.kwargs.get("strict_min")))
        for key, test in group.items()
        if (low := _bounds_of(test)[0]) is not None
    }
    upper = {
        key: (high, not test.kwargs.get("strict_max"))
        for key, test in group.items()
        if (high := _bounds_of(test)[1]) is not None
    }
    tightest = {max(lower, key=lower.__getitem__)} if lower else set[Hashable]()
    tightest |= {min(upper, key=upper.__getitem__)} if upper else set()
    if len(tightest) == len(group):
        return (), None
    first, *others = (marks[key] for key in group if key in tightest)
    return [*group], first | others[0] if others else first


def _bounds_of(test: ValueTest) -> tuple[Any, Any]:
    return test.kwargs.get("min_value"), test.kwargs.get("max_value")


def _join_sets(kind: str, group: Mapping[Hashable, ValueTest]) -> tuple[Sequence[Hashable], Column | None]:
    """Compare with the values that are in all sets, or with those in any."""
    value_sets = [test.kwargs.get("value_set") or () for test in group.values()]
    if any(test.column_type != "string" for test in group.values()) or not all(
        isinstance(value, str) for value in chain(*value_sets)
    ):
        return (), None
    column = F.col(f"`{next(iter(group.values())).column}`")
    if kind == NOT_IN_SET:
        return [*group], column.isin(list(dict.fromkeys(chain(*value_sets))))
    shared = [value for value in value_sets[0] if all(value in values for values in value_sets)]
    return ([*group], ~column.isin(shared)) if shared else ((), None)


def _join_patterns(group: Mapping[Hashable, ValueTest]) -> tuple[Sequence[Hashable], Column | None]:
    """Hold one expression against a value, which is decoded once for it; literal texts are looked for in its bytes."""
    chosen = {
        key: test
        for key, test in group.items()
        if test.column_type == "string"
        and not APART.search(test.kwargs["regex"])
        and find_literals(test.kwargs["regex"]) is None
    }
    if len(chosen) < 2:
        return (), None
    required = minimal_patterns(test.kwargs["regex"] for test in chosen.values() if test.metric == MATCH)
    forbidden = dict.fromkeys(test.kwargs["regex"] for test in chosen.values() if test.metric == NOT_MATCH)
    looks = [_look_ahead(regex) for regex in required] + [_look_ahead(regex, forbids=True) for regex in forbidden]
    column = F.col(f"`{next(iter(chosen.values())).column}`")
    return [*chosen], ~column.rlike(rf"\A{''.join(looks)}")


def _look_ahead(regex: str, *, forbids: bool = False) -> str:
    """Return what holds at the start of a value in which `regex` is found, or is not."""
    start = "" if regex.startswith("^") and "|" not in regex else r"[\s\S]*?"
    return rf"(?{'!' if forbids else '='}{start}(?:{regex}))"
