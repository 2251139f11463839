"""Frames and suites made up by hypothesis, for the two ways of judging to agree on.

A frame has a column of each kind that a contract may judge. Values stand at the edges: nulls, empty text, text beyond the
first plane, a decimal's bounds, NaN, the first and the last microsecond. A rule takes arguments that the values meet.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from etl.contract.model import Contract, Rule
from etl.contract.severity import Severity
from etl.contract.stage import Stage

SCHEMA = (
    "text string, other string, whole int, big bigint, money decimal(10,2), day date, flag boolean, real double, "
    "moment timestamp, local timestamp_ntz, ratio float, bytes binary, n int"
)
TEXTS = ["", " ", "a", "A", "ab", "ä", "😀", "a\u0301", "2025-01-01", "1", "null", '{"a": 1}', "x" * 30]
WHOLE = [0, 1, -1, 5, 2**31 - 1, -(2**31)]
BIG = [0, 1, 7, 2**63 - 1, -(2**63)]
MONEY = [Decimal(amount) for amount in ("0.00", "0.01", "-0.01", "5.00", "99999999.99", "-99999999.99")]
DAYS = ["1970-01-01", "2025-01-01", "2025-12-31", "9999-12-31"]
REALS = [0.0, -0.0, 1.0, float("nan"), 1.5, -1e300]
MOMENTS = ["1970-01-01T00:00:00Z", "2025-01-01T00:00:00.000001Z", "2025-12-31T23:59:59+02:00", "9999-12-31T23:59:59Z"]
LOCALS = ["1970-01-01T00:00:00", "2025-01-01T00:00:00.000001", "9999-12-31T23:59:59.999999"]
RATIOS = [0.0, -0.0, 1.5, float("nan"), -0.25]
BYTES = ["", "YQ==", "/w==", "AP8Q"]


def _or_null(values: list[Any]) -> Any:
    return st.one_of(st.none(), st.sampled_from(values))


ROW = st.tuples(
    *(
        _or_null(choices)
        for choices in (TEXTS, TEXTS, WHOLE, BIG, MONEY, DAYS, [True, False], REALS, MOMENTS, LOCALS, RATIOS, BYTES)
    ),
    st.integers(0, 3),
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
CONDITION = st.sampled_from([{}, {}, *({"row_condition": condition} for condition in WHERE)])
STRICT = st.fixed_dictionaries({}, optional={"strict_min": st.booleans(), "strict_max": st.booleans()})


def _between_kwargs(column: str, values: list[Any]) -> Any:
    number = [float(value) if isinstance(value, Decimal) else value for value in values]
    ends = st.tuples(st.sampled_from(number), st.sampled_from(number)).map(sorted)
    return st.tuples(ends, STRICT).map(
        lambda both: {"column": column, "min_value": both[0][0], "max_value": both[0][1], **both[1]}
    )


def _lower_bound_kwargs(column: str, values: list[Any]) -> Any:
    return st.sampled_from(values).map(lambda value: {"column": column, "min_value": value})


def _value_set_kwargs(column: str, values: list[Any]) -> Any:
    some = st.lists(st.sampled_from(values), min_size=1, max_size=4, unique=True)
    return some.map(lambda subset: {"column": column, "value_set": subset})


def _rule_strategy(kind: str, kwargs: Any, row: bool = True, some: bool = False) -> Any:
    """Return a rule with what any of rows takes, or any of `some` rows that meet a condition."""
    more = st.tuples(MOSTLY if row else st.just({}), CONDITION if row or some else st.just({}))
    return st.tuples(kwargs, more).map(lambda both: (kind, {**both[0], **both[1][0], **both[1][1]}))


ANY = st.sampled_from(["text", "whole", "big", "money", "day", "flag", "real", "moment", "local", "ratio", "bytes"])
A_COLUMN = ANY.map(lambda column: {"column": column})
NUMBERS = [("whole", WHOLE[:4]), ("big", BIG[:3]), ("money", MONEY), ("real", [0.0, 1.0, 1.5])]
ORDERED = [*NUMBERS, ("ratio", [-0.25, 0.0, 1.5]), ("day", DAYS), ("moment", MOMENTS), ("local", LOCALS)]
OF_EACH = [
    ("text", TEXTS[:6]),
    ("whole", WHOLE),
    ("big", BIG),
    ("money", [0.0, 5.0, 0.01]),
    ("day", DAYS),
    ("flag", [True, False]),
    ("moment", MOMENTS),
    ("local", LOCALS),
    ("real", [0.0, 1.0, 1.5]),
]
OF_MANY = st.one_of(*(_value_set_kwargs(*column_and_values) for column_and_values in OF_EACH))
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
    _rule_strategy("expect_column_values_to_not_be_null", A_COLUMN),
    _rule_strategy("expect_column_values_to_be_null", A_COLUMN),
    *(
        _rule_strategy("expect_column_values_to_be_between", _between_kwargs(*column_and_values))
        for column_and_values in ORDERED
    ),
    *(
        _rule_strategy("expect_column_values_to_be_between", _lower_bound_kwargs(*column_and_values))
        for column_and_values in ORDERED
    ),
    _rule_strategy("expect_column_values_to_be_in_set", _value_set_kwargs("moment", MOMENTS)),
    _rule_strategy("expect_column_values_to_be_in_set", _value_set_kwargs("text", TEXTS)),
    _rule_strategy("expect_column_values_to_be_in_set", _value_set_kwargs("whole", WHOLE)),
    _rule_strategy("expect_column_values_to_not_be_in_set", _value_set_kwargs("text", TEXTS)),
    _rule_strategy(
        "expect_column_values_to_match_regex", PATTERN.map(lambda pattern: {"column": "text", "regex": pattern})
    ),
    _rule_strategy(
        "expect_column_values_to_not_match_regex", PATTERN.map(lambda pattern: {"column": "text", "regex": pattern})
    ),
    _rule_strategy(
        "expect_column_values_to_match_regex_list",
        st.tuples(st.lists(PATTERN, min_size=1, max_size=3), st.sampled_from(["any", "all"])).map(
            lambda both: {"column": "text", "regex_list": both[0], "match_on": both[1]}
        ),
    ),
    _rule_strategy(
        "expect_column_value_lengths_to_be_between",
        st.tuples(st.integers(0, 2), st.integers(2, 40)).map(
            lambda ends: {"column": "text", "min_value": ends[0], "max_value": ends[1]}
        ),
    ),
    _rule_strategy(
        "expect_column_value_lengths_to_equal",
        st.integers(0, 2).map(lambda length: {"column": "text", "value": length}),
    ),
    _rule_strategy("expect_column_values_to_be_unique", A_COLUMN),
    _rule_strategy(
        "expect_compound_columns_to_be_unique",
        LISTED.map(lambda ignored: {"column_list": ["text", "whole"], **ignored}),
    ),
    _rule_strategy(
        "expect_select_column_values_to_be_unique_within_record",
        LISTED.map(lambda ignored: {"column_list": ["text", "other"], **ignored}),
    ),
    _rule_strategy("expect_column_pair_values_to_be_equal", IGNORED.map(lambda ignored: {**PAIR, **ignored})),
    _rule_strategy(
        "expect_column_pair_values_a_to_be_greater_than_b",
        st.tuples(st.booleans(), IGNORED).map(
            lambda both: {"column_A": "whole", "column_B": "n", "or_equal": both[0], **both[1]}
        ),
    ),
    _rule_strategy(
        "expect_column_pair_values_to_be_in_set",
        IGNORED.map(lambda ignored: {**PAIR, "value_pairs_set": [["a", "a"], ["", "ab"]], **ignored}),
    ),
    _rule_strategy(
        "expect_multicolumn_values_to_be_equal",
        LISTED.map(lambda ignored: {"column_list": ["text", "other"], **ignored}),
    ),
    _rule_strategy(
        "expect_multicolumn_sum_to_equal",
        st.tuples(st.integers(0, 3), LISTED).map(
            lambda both: {"column_list": ["n", "whole"], "sum_total": both[0], **both[1]}
        ),
    ),
    _rule_strategy(
        "expect_table_row_count_to_be_between",
        st.tuples(st.integers(0, 2), st.integers(2, 8)).map(lambda ends: {"min_value": ends[0], "max_value": ends[1]}),
        row=False,
        some=True,
    ),
    _rule_strategy("expect_table_row_count_to_equal", st.integers(0, 5).map(lambda count: {"value": count}), row=False),
    _rule_strategy("expect_column_to_exist", A_COLUMN, row=False),
    _rule_strategy("expect_column_values_to_be_of_type", st.just({"column": "text", "type_": "StringType"}), row=False),
    *(
        _rule_strategy(
            f"expect_column_{statistic}_to_be_between", _between_kwargs(*column_and_values), row=False, some=True
        )
        for statistic in ("min", "max")
        for column_and_values in ORDERED
    ),
    *(
        _rule_strategy(
            f"expect_column_{statistic}_to_be_between", _between_kwargs(*column_and_values), row=False, some=True
        )
        for statistic in ("sum", "mean", "stdev")
        for column_and_values in NUMBERS[:3]
    ),
    *(
        _rule_strategy(f"expect_column_distinct_values_to_{relation}", OF_MANY, row=False)
        for relation in ("be_in_set", "contain_set", "equal_set")
    ),
    _rule_strategy(
        "expect_column_most_common_value_to_be_in_set",
        st.tuples(OF_MANY, st.booleans()).map(lambda both: {**both[0], "ties_okay": both[1]}),
        row=False,
    ),
    _rule_strategy(
        "expect_column_unique_value_count_to_be_between",
        st.tuples(A_COLUMN, st.integers(0, 3)).map(lambda both: {**both[0], "min_value": both[1], "max_value": 3}),
        row=False,
    ),
    _rule_strategy(
        "expect_column_proportion_of_unique_values_to_be_between",
        st.tuples(A_COLUMN, st.sampled_from([0.25, 0.5, 1.0])).map(
            lambda both: {**both[0], "min_value": both[1], "max_value": 1.0}
        ),
        row=False,
    ),
    *(
        _rule_strategy("expect_column_median_to_be_between", _between_kwargs(*column_and_values), row=False)
        for column_and_values in NUMBERS[:3]
    ),
    *(
        _rule_strategy(
            "expect_column_quantile_values_to_be_between",
            st.tuples(_between_kwargs(*column_and_values), QUANTILES).map(
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
        for column_and_values in NUMBERS[:3]
    ),
    _rule_strategy(
        "expect_column_proportion_of_non_null_values_to_be_between",
        st.just({"column": "text", "min_value": 0.5, "max_value": 1.0}),
        row=False,
        some=True,
    ),
    _rule_strategy(
        "unexpected_rows_expectation",
        st.sampled_from(QUERIES).map(lambda query: {"unexpected_rows_query": query}),
        row=False,
    ),
)
SEVERITY = st.sampled_from(["critical", "critical", "info"])
RULES = st.lists(st.tuples(RULE, SEVERITY), min_size=4, max_size=8)


@dataclass(frozen=True)
class SuiteCase:
    """Rows, rules, and whether ANSI is on."""

    rows: list[tuple[Any, ...]]
    rules: list[tuple[tuple[str, dict[str, Any]], str]]
    ansi: bool

    @property
    def contract(self) -> Contract:
        """An output contract of the rules, as loading it would make it."""
        rules = tuple(
            Rule(f"made.rule{index}", kind, kwargs, Severity(severity), "why")
            for index, ((kind, kwargs), severity) in enumerate(self.rules)
        )
        expectations = [
            {"type": rule.type, "kwargs": rule.kwargs, "severity": rule.severity, "meta": {"rule": rule.rule}}
            for rule in rules
        ]
        suite = {"name": "made.output", "expectations": expectations}
        return Contract(
            dataset="made",
            stage=Stage.OUTPUT,
            version="1.0.0",
            owner="me",
            description="made up",
            columns=(),
            rules=rules,
            suite=suite,
        )


CASES = st.builds(SuiteCase, ROWS, RULES, st.booleans())
