"""Frames and suites made up by hypothesis, for the two ways of judging to agree on.

A frame has a column of each kind that a contract may judge, and a double, whose NaN no other kind has. Values stand at the
edges: nulls, empty text, text beyond the first plane, a decimal's bounds. A rule takes arguments that the values meet.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from etl.contract.model import Contract, Rule

SCHEMA = (
    "text string, other string, whole int, big bigint, money decimal(10,2), day date, flag boolean, real double, n int"
)
TEXTS = ["", " ", "a", "A", "ab", "ä", "😀", "a\u0301", "2025-01-01", "1", "null", '{"a": 1}', "x" * 30]
WHOLE = [0, 1, -1, 5, 2**31 - 1, -(2**31)]
BIG = [0, 1, 7, 2**63 - 1, -(2**63)]
MONEY = [Decimal(one) for one in ("0.00", "0.01", "-0.01", "5.00", "99999999.99", "-99999999.99")]
DAYS = ["1970-01-01", "2025-01-01", "2025-12-31", "9999-12-31"]
REALS = [0.0, -0.0, 1.0, float("nan"), 1.5, -1e300]


def _or_null(values: list[Any]) -> Any:
    return st.one_of(st.none(), st.sampled_from(values))


ROW = st.tuples(
    *(_or_null(one) for one in (TEXTS, TEXTS, WHOLE, BIG, MONEY, DAYS, [True, False], REALS)), st.integers(0, 3)
)
ROWS = st.lists(ROW, max_size=8)
MOSTLY = st.sampled_from([{}, {}, {}, {"mostly": 0.5}, {"mostly": 0.75}, {"mostly": 0.0}])
WHERE: list[dict[str, Any]] = [
    {"type": "nullity", "column": {"name": "text"}, "is_null": False},
    {"type": "comparison", "column": {"name": "whole"}, "operator": ">", "parameter": 0},
    {"type": "comparison", "column": {"name": "text"}, "operator": "IN", "parameter": ["a", "ab"]},
    {
        "type": "and",
        "conditions": [
            {"type": "nullity", "column": {"name": "day"}, "is_null": True},
            {"type": "comparison", "column": {"name": "money"}, "operator": "<=", "parameter": 5},
        ],
    },
]
CONDITION = st.sampled_from([{}, {}, *({"row_condition": one} for one in WHERE)])
STRICT = st.fixed_dictionaries({}, optional={"strict_min": st.booleans(), "strict_max": st.booleans()})


def _between(column: str, values: list[Any]) -> Any:
    number = [float(one) if isinstance(one, Decimal) else one for one in values]
    ends = st.tuples(st.sampled_from(number), st.sampled_from(number)).map(sorted)
    return st.tuples(ends, STRICT).map(
        lambda both: {"column": column, "min_value": both[0][0], "max_value": both[0][1], **both[1]}
    )


def _set(column: str, values: list[Any]) -> Any:
    some = st.lists(st.sampled_from(values), min_size=1, max_size=4, unique=True)
    return some.map(lambda found: {"column": column, "value_set": found})


def _of(kind: str, kwargs: Any, row: bool = True, some: bool = False) -> Any:
    """Return a rule with what any of rows takes, or any of `some` rows that meet a condition."""
    more = st.tuples(MOSTLY if row else st.just({}), CONDITION if row or some else st.just({}))
    return st.tuples(kwargs, more).map(lambda both: (kind, {**both[0], **both[1][0], **both[1][1]}))


ANY = st.sampled_from(["text", "whole", "big", "money", "day", "flag", "real"])
A_COLUMN = ANY.map(lambda column: {"column": column})
NUMBERS = [("whole", WHOLE[:4]), ("big", BIG[:3]), ("money", MONEY), ("real", [0.0, 1.0, 1.5])]
ORDERED = [*NUMBERS, ("day", DAYS)]
OF_EACH = [
    ("text", TEXTS[:6]),
    ("whole", WHOLE),
    ("big", BIG),
    ("money", [0.0, 5.0, 0.01]),
    ("day", DAYS),
    ("flag", [True, False]),
]
OF_MANY = st.one_of(*(_set(*one) for one in OF_EACH))
QUANTILES = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.999, 1.0]), min_size=1, max_size=3, unique=True)
PATTERN = st.sampled_from(["^a", "b$", ".", "^$", "[0-9]+", "(?i)^A$"])
PAIR = {"column_A": "text", "column_B": "other"}
IGNORED = st.sampled_from(
    [{}, {"ignore_row_if": "both_values_are_missing"}, {"ignore_row_if": "either_value_is_missing"}]
)
LISTED = st.sampled_from([{}, {"ignore_row_if": "all_values_are_missing"}, {"ignore_row_if": "any_value_is_missing"}])
QUERIES = [
    "select * from {batch} where n > 2",
    "SELECT text, n FROM {batch} WHERE (text LIKE 'a%' OR whole IS NULL) AND NOT day < date'2025-06-01'",
    "select n from {batch} b where b.money * 2 > 10",
    "select n from {batch} where n >= 0 group by n having count(*) > 3",
    "select * from {batch} where n = (select max(n) from {batch})",
    "select nothing from {batch} where n > 2",
]
RULE = st.one_of(
    _of("expect_column_values_to_not_be_null", A_COLUMN),
    _of("expect_column_values_to_be_null", A_COLUMN),
    *(_of("expect_column_values_to_be_between", _between(*one)) for one in ORDERED),
    _of("expect_column_values_to_be_in_set", _set("text", TEXTS)),
    _of("expect_column_values_to_be_in_set", _set("whole", WHOLE)),
    _of("expect_column_values_to_not_be_in_set", _set("text", TEXTS)),
    _of("expect_column_values_to_match_regex", PATTERN.map(lambda one: {"column": "text", "regex": one})),
    _of("expect_column_values_to_not_match_regex", PATTERN.map(lambda one: {"column": "text", "regex": one})),
    _of(
        "expect_column_values_to_match_regex_list",
        st.tuples(st.lists(PATTERN, min_size=1, max_size=3), st.sampled_from(["any", "all"])).map(
            lambda both: {"column": "text", "regex_list": both[0], "match_on": both[1]}
        ),
    ),
    _of(
        "expect_column_value_lengths_to_be_between",
        st.tuples(st.integers(0, 2), st.integers(2, 40)).map(
            lambda ends: {"column": "text", "min_value": ends[0], "max_value": ends[1]}
        ),
    ),
    _of("expect_column_value_lengths_to_equal", st.integers(0, 2).map(lambda one: {"column": "text", "value": one})),
    _of("expect_column_values_to_be_unique", A_COLUMN),
    _of("expect_compound_columns_to_be_unique", LISTED.map(lambda one: {"column_list": ["text", "whole"], **one})),
    _of(
        "expect_select_column_values_to_be_unique_within_record",
        LISTED.map(lambda one: {"column_list": ["text", "other"], **one}),
    ),
    _of("expect_column_pair_values_to_be_equal", IGNORED.map(lambda one: {**PAIR, **one})),
    _of(
        "expect_column_pair_values_a_to_be_greater_than_b",
        st.tuples(st.booleans(), IGNORED).map(
            lambda both: {"column_A": "whole", "column_B": "n", "or_equal": both[0], **both[1]}
        ),
    ),
    _of(
        "expect_column_pair_values_to_be_in_set",
        IGNORED.map(lambda one: {**PAIR, "value_pairs_set": [["a", "a"], ["", "ab"]], **one}),
    ),
    _of("expect_multicolumn_values_to_be_equal", LISTED.map(lambda one: {"column_list": ["text", "other"], **one})),
    _of(
        "expect_multicolumn_sum_to_equal",
        st.tuples(st.integers(0, 3), LISTED).map(
            lambda both: {"column_list": ["n", "whole"], "sum_total": both[0], **both[1]}
        ),
    ),
    _of(
        "expect_table_row_count_to_be_between",
        st.tuples(st.integers(0, 2), st.integers(2, 8)).map(lambda ends: {"min_value": ends[0], "max_value": ends[1]}),
        row=False,
        some=True,
    ),
    _of("expect_table_row_count_to_equal", st.integers(0, 5).map(lambda one: {"value": one}), row=False),
    _of("expect_column_to_exist", A_COLUMN, row=False),
    _of("expect_column_values_to_be_of_type", st.just({"column": "text", "type_": "StringType"}), row=False),
    *(
        _of(f"expect_column_{what}_to_be_between", _between(*one), row=False, some=True)
        for what in ("min", "max")
        for one in ORDERED
    ),
    *(
        _of(f"expect_column_{what}_to_be_between", _between(*one), row=False, some=True)
        for what in ("sum", "mean", "stdev")
        for one in NUMBERS[:3]
    ),
    *(
        _of(f"expect_column_distinct_values_to_{what}", OF_MANY, row=False)
        for what in ("be_in_set", "contain_set", "equal_set")
    ),
    _of(
        "expect_column_most_common_value_to_be_in_set",
        st.tuples(OF_MANY, st.booleans()).map(lambda both: {**both[0], "ties_okay": both[1]}),
        row=False,
    ),
    _of(
        "expect_column_unique_value_count_to_be_between",
        st.tuples(A_COLUMN, st.integers(0, 3)).map(lambda both: {**both[0], "min_value": both[1], "max_value": 3}),
        row=False,
    ),
    _of(
        "expect_column_proportion_of_unique_values_to_be_between",
        st.tuples(A_COLUMN, st.sampled_from([0.25, 0.5, 1.0])).map(
            lambda both: {**both[0], "min_value": both[1], "max_value": 1.0}
        ),
        row=False,
    ),
    *(_of("expect_column_median_to_be_between", _between(*one), row=False) for one in NUMBERS[:3]),
    *(
        _of(
            "expect_column_quantile_values_to_be_between",
            st.tuples(_between(*one), QUANTILES).map(
                lambda both: {
                    "column": both[0]["column"],
                    "quantile_ranges": {
                        "quantiles": both[1],
                        "value_ranges": [[both[0]["min_value"], both[0]["max_value"]]] * len(both[1]),
                    },
                }
            ),
            row=False,
        )
        for one in NUMBERS[:3]
    ),
    _of(
        "expect_column_proportion_of_non_null_values_to_be_between",
        st.just({"column": "text", "min_value": 0.5, "max_value": 1.0}),
        row=False,
        some=True,
    ),
    _of(
        "unexpected_rows_expectation",
        st.sampled_from(QUERIES).map(lambda one: {"unexpected_rows_query": one}),
        row=False,
    ),
)
SEVERITY = st.sampled_from(["critical", "critical", "info"])
RULES = st.lists(st.tuples(RULE, SEVERITY), min_size=4, max_size=8)


@dataclass(frozen=True)
class Case:
    """Rows, rules, and whether ANSI is on."""

    rows: list[tuple[Any, ...]]
    rules: list[tuple[tuple[str, dict[str, Any]], str]]
    ansi: bool

    @property
    def contract(self) -> Contract:
        """An output contract of the rules, as loading it would make it."""
        rules = tuple(
            Rule(f"made.rule{at}", kind, kwargs, severity, "why")
            for at, ((kind, kwargs), severity) in enumerate(self.rules)
        )
        expectations = [
            {"type": one.type, "kwargs": one.kwargs, "severity": one.severity, "meta": {"rule": one.rule}}
            for one in rules
        ]
        suite = {"name": "made.output", "expectations": expectations}
        return Contract("made", "output", "1.0.0", "me", "made up", (), rules, suite=suite)


CASES = st.builds(Case, ROWS, RULES, st.booleans())
