"""The expectations a contract may use: what each judges and what it takes.

Great Expectations drops an unknown type without a word and keeps arguments that make no sense; this table is what strict
loading holds a suite against. A test holds the table against the library's own models.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from etl.contract.types import Family


class Judged(StrEnum):
    """What holds or breaks a rule: each row, or only the whole frame."""

    ROW = "row"
    AGGREGATE = "aggregate"

    @property
    def is_row(self) -> bool:
        """Whether a rule tells good rows from bad ones."""
        match self:
            case Judged.ROW:
                return True
            case Judged.AGGREGATE:
                return False
            case _:
                assert_never(self)


class Bounds(StrEnum):
    """What `min_value` and `max_value` of a rule are.

    Members:
        NONE: it takes none.
        VALUE: values of the column, or one that some row has.
        COUNT, SHARE: a count or a share of rows.
        NUMBER: a figure that is computed of the column's numbers.
    """

    NONE = ""
    VALUE = "value"
    COUNT = "count"
    SHARE = "share"
    NUMBER = "number"


class Operand(StrEnum):
    """Which columns a rule can judge on Spark.

    Members:
        ANY: all.
        FLAT: all but lists and objects.
        VALUES: those that a suite can name values of.
        ALIKE: several of one family, which it compares.
    """

    ANY = "any"
    FLAT = "flat"
    VALUES = "values"
    TEXT = "text"
    NUMBERS = "numbers"
    ORDERED = "ordered"
    ALIKE = "alike"

    def takes(self, family: Family) -> bool:
        """Say whether it can judge one column with values of a family."""
        match self:
            case Operand.ANY:
                return True
            case Operand.FLAT | Operand.ALIKE:
                return family is not Family.NESTED
            case Operand.VALUES:
                return family not in (Family.BINARY, Family.NESTED)
            case Operand.TEXT:
                return family is Family.TEXT
            case Operand.NUMBERS:
                return family is Family.NUMBER
            case Operand.ORDERED:
                return family.is_ordered
            case _:
                assert_never(self)


@dataclass(frozen=True)
class Expectation:
    """One type of expectation.

    Attributes:
        judges: whether each row holds or breaks it, or only the whole frame.
        columns: arguments that name one column each.
        column_lists: arguments that name several columns.
        required: arguments beside the columns that must be there.
        optional: further arguments it takes.
        bounds: what `min_value` and `max_value` are.
        operand: the columns it can judge on Spark.
    """

    judges: Judged
    columns: tuple[str, ...] = ()
    column_lists: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    bounds: Bounds = Bounds.NONE
    operand: Operand = Operand.FLAT

    @property
    def arguments(self) -> set[str]:
        """Every argument it takes."""
        return {*self.columns, *self.column_lists, *self.required, *self.optional}


BOUNDS = ("min_value", "max_value", "strict_min", "strict_max")
CONDITION = ("row_condition", "condition_parser")


def _row_expectation(
    *required: str, optional: tuple[str, ...] = (), bounds: Bounds = Bounds.NONE, operand: Operand = Operand.FLAT
) -> Expectation:
    extra = (*optional, *(BOUNDS if bounds else ()), "mostly", *CONDITION)
    return Expectation(Judged.ROW, ("column",), (), required, extra, bounds, operand)


def _pair_expectation(*required: str, optional: tuple[str, ...] = (), operand: Operand = Operand.FLAT) -> Expectation:
    extra = (*optional, "mostly", *CONDITION, "ignore_row_if")
    return Expectation(Judged.ROW, ("column_A", "column_B"), (), required, extra, operand=operand)


def _list_expectation(*required: str, operand: Operand = Operand.FLAT) -> Expectation:
    return Expectation(
        Judged.ROW, (), ("column_list",), required, ("mostly", *CONDITION, "ignore_row_if"), operand=operand
    )


def _column_expectation(bounds: Bounds, operand: Operand = Operand.FLAT) -> Expectation:
    return Expectation(Judged.AGGREGATE, ("column",), (), (), (*BOUNDS, *CONDITION), bounds, operand)


def _distinct_expectation(*, optional: tuple[str, ...] = ()) -> Expectation:
    return Expectation(
        Judged.AGGREGATE, ("column",), (), ("value_set",), (*optional, *CONDITION), operand=Operand.VALUES
    )


def _declared_type_expectation(required: str) -> Expectation:
    # A map expectation, but on Spark it looks at the column's type and at no row.
    return Expectation(Judged.AGGREGATE, ("column",), (), (required,), ("mostly", *CONDITION))


VOCABULARY: dict[str, Expectation] = {
    "expect_column_values_to_not_be_null": _row_expectation(operand=Operand.ANY),
    "expect_column_values_to_be_null": _row_expectation(operand=Operand.ANY),
    "expect_column_values_to_be_between": _row_expectation(bounds=Bounds.VALUE, operand=Operand.ORDERED),
    "expect_column_values_to_be_in_set": _row_expectation("value_set", operand=Operand.VALUES),
    "expect_column_values_to_not_be_in_set": _row_expectation("value_set", operand=Operand.VALUES),
    "expect_column_values_to_match_regex": _row_expectation("regex", operand=Operand.VALUES),
    "expect_column_values_to_not_match_regex": _row_expectation("regex", operand=Operand.VALUES),
    "expect_column_values_to_match_regex_list": _row_expectation(
        "regex_list", optional=("match_on",), operand=Operand.VALUES
    ),
    "expect_column_values_to_not_match_regex_list": _row_expectation("regex_list", operand=Operand.VALUES),
    "expect_column_values_to_match_strftime_format": _row_expectation("strftime_format", operand=Operand.TEXT),
    "expect_column_values_to_be_json_parseable": _row_expectation(operand=Operand.TEXT),
    "expect_column_value_lengths_to_be_between": _row_expectation(bounds=Bounds.COUNT),
    "expect_column_value_lengths_to_equal": _row_expectation("value"),
    "expect_column_values_to_be_unique": _row_expectation(),
    "expect_compound_columns_to_be_unique": _list_expectation(),
    "expect_select_column_values_to_be_unique_within_record": _list_expectation(operand=Operand.ALIKE),
    "expect_column_pair_values_to_be_equal": _pair_expectation(operand=Operand.ALIKE),
    "expect_column_pair_values_a_to_be_greater_than_b": _pair_expectation(
        optional=("or_equal",), operand=Operand.ALIKE
    ),
    "expect_column_pair_values_to_be_in_set": _pair_expectation("value_pairs_set", operand=Operand.VALUES),
    "expect_multicolumn_values_to_be_equal": _list_expectation(operand=Operand.ALIKE),
    "expect_multicolumn_sum_to_equal": _list_expectation("sum_total", operand=Operand.NUMBERS),
    "expect_table_row_count_to_be_between": Expectation(
        Judged.AGGREGATE, optional=(*BOUNDS, *CONDITION), bounds=Bounds.COUNT
    ),
    "expect_table_row_count_to_equal": Expectation(Judged.AGGREGATE, required=("value",), optional=CONDITION),
    "expect_column_to_exist": Expectation(
        Judged.AGGREGATE, columns=("column",), optional=("column_index",), operand=Operand.ANY
    ),
    "expect_column_type_to_be": Expectation(Judged.AGGREGATE, columns=("column",), required=("type_",)),
    "expect_column_values_to_be_of_type": _declared_type_expectation("type_"),
    "expect_column_values_to_be_in_type_list": _declared_type_expectation("type_list"),
    "expect_column_sum_to_be_between": _column_expectation(Bounds.NUMBER, operand=Operand.NUMBERS),
    "expect_column_mean_to_be_between": _column_expectation(Bounds.NUMBER, operand=Operand.NUMBERS),
    "expect_column_median_to_be_between": _column_expectation(Bounds.NUMBER, operand=Operand.NUMBERS),
    "expect_column_stdev_to_be_between": _column_expectation(Bounds.NUMBER, operand=Operand.NUMBERS),
    "expect_column_min_to_be_between": _column_expectation(Bounds.VALUE, operand=Operand.ORDERED),
    "expect_column_max_to_be_between": _column_expectation(Bounds.VALUE, operand=Operand.ORDERED),
    "expect_column_unique_value_count_to_be_between": _column_expectation(Bounds.COUNT),
    "expect_column_proportion_of_unique_values_to_be_between": _column_expectation(Bounds.SHARE),
    "expect_column_proportion_of_non_null_values_to_be_between": _column_expectation(Bounds.SHARE, operand=Operand.ANY),
    "expect_column_quantile_values_to_be_between": Expectation(
        Judged.AGGREGATE,
        ("column",),
        (),
        ("quantile_ranges",),
        ("allow_relative_error", *CONDITION),
        operand=Operand.NUMBERS,
    ),
    "expect_column_distinct_values_to_be_in_set": _distinct_expectation(),
    "expect_column_distinct_values_to_contain_set": _distinct_expectation(),
    "expect_column_distinct_values_to_equal_set": _distinct_expectation(),
    "expect_column_most_common_value_to_be_in_set": _distinct_expectation(optional=("ties_okay",)),
    "unexpected_rows_expectation": Expectation(Judged.AGGREGATE, required=("unexpected_rows_query",)),
}

NO_SPARK = "Great Expectations cannot judge it on Spark"
NO_ORDER = "the rows of a table have no order"
RELATIVE = "whether a row holds it depends on the day's other rows"
DECLARED = "meta.columns already declares the columns, and the gate adds its own beside them"
REFUSED = {
    "expect_column_values_to_match_like_pattern": (NO_SPARK, "write expect_column_values_to_match_regex"),
    "expect_column_values_to_not_match_like_pattern": (NO_SPARK, "write expect_column_values_to_not_match_regex"),
    "expect_column_values_to_match_like_pattern_list": (NO_SPARK, "write expect_column_values_to_match_regex_list"),
    "expect_column_values_to_not_match_like_pattern_list": (
        NO_SPARK,
        "write expect_column_values_to_not_match_regex_list",
    ),
    "expect_column_values_to_be_dateutil_parseable": (NO_SPARK, "declare the column a date in the output"),
    "expect_column_values_to_match_json_schema": (
        "it raises on a value that is no JSON",
        "write expect_column_values_to_be_json_parseable, or a column of its own for what must be there",
    ),
    "expect_column_values_to_be_increasing": (NO_ORDER, "compare two columns of one row instead"),
    "expect_column_values_to_be_decreasing": (NO_ORDER, "compare two columns of one row instead"),
    "expect_column_value_z_scores_to_be_less_than": (RELATIVE, "write bounds, or a rule on the mean or a quantile"),
    "expect_column_values_to_not_be_outliers": (RELATIVE, "write bounds, or a rule on the mean or a quantile"),
    "expect_column_kl_divergence_to_be_less_than": (RELATIVE, "write a rule on the mean or a quantile"),
    "expect_table_columns_to_match_ordered_list": (DECLARED, "drop the rule"),
    "expect_table_columns_to_match_set": (DECLARED, "drop the rule"),
    "expect_table_column_count_to_equal": (DECLARED, "drop the rule"),
    "expect_table_column_count_to_be_between": (DECLARED, "drop the rule"),
    "expect_table_row_count_to_equal_other_table": ("the gate sees one table", "write unexpected_rows_expectation"),
    "expect_query_results_to_match_comparison": ("the gate sees one table", "write unexpected_rows_expectation"),
}

UNIQUE_TYPES = ("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique")
SHARE_TYPES = ("expect_column_proportion_of_unique_values_to_be_between",)  # of the rows that have a value
ROW_COUNT_TYPES = ("expect_table_row_count_to_be_between", "expect_table_row_count_to_equal")
