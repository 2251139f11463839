"""The expectations a contract may use: what each judges and what it takes.

Great Expectations drops an unknown type without a word and keeps arguments that make no sense; this table is what strict
loading holds a suite against. A test holds the table against the library's own models.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expectation:
    """One type of expectation.

    Attributes:
        judges: "row" where each row holds or breaks it, "aggregate" where only the whole frame does.
        columns: arguments that name one column each.
        column_lists: arguments that name several columns.
        required: arguments beside the columns that must be there.
        optional: further arguments it takes.
    """

    judges: str
    columns: tuple[str, ...] = ()
    column_lists: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def arguments(self) -> set[str]:
        """Every argument it takes."""
        return {*self.columns, *self.column_lists, *self.required, *self.optional}


BOUNDS = ("min_value", "max_value", "strict_min", "strict_max")


def _row(*required: str, optional: tuple[str, ...] = ()) -> Expectation:
    return Expectation("row", ("column",), (), required, (*optional, "mostly", "row_condition", "condition_parser"))


def _pair(*required: str, optional: tuple[str, ...] = ()) -> Expectation:
    extra = (*optional, "mostly", "row_condition", "condition_parser", "ignore_row_if")
    return Expectation("row", ("column_A", "column_B"), (), required, extra)


def _rowlist(*required: str) -> Expectation:
    return Expectation(
        "row", (), ("column_list",), required, ("mostly", "row_condition", "condition_parser", "ignore_row_if")
    )


def _column_aggregate() -> Expectation:
    return Expectation("aggregate", ("column",), (), (), (*BOUNDS, "row_condition", "condition_parser"))


VOCABULARY: dict[str, Expectation] = {
    "expect_column_values_to_not_be_null": _row(),
    "expect_column_values_to_be_null": _row(),
    "expect_column_values_to_be_between": _row(optional=BOUNDS),
    "expect_column_values_to_be_in_set": _row("value_set"),
    "expect_column_values_to_not_be_in_set": _row("value_set"),
    "expect_column_values_to_match_regex": _row("regex"),
    "expect_column_values_to_not_match_regex": _row("regex"),
    "expect_column_values_to_match_like_pattern": _row("like_pattern", optional=("escape",)),
    "expect_column_values_to_not_match_like_pattern": _row("like_pattern", optional=("escape",)),
    "expect_column_value_lengths_to_be_between": _row(optional=BOUNDS),
    "expect_column_value_lengths_to_equal": _row("value"),
    "expect_column_values_to_be_unique": _row(),
    "expect_compound_columns_to_be_unique": _rowlist(),
    "expect_column_pair_values_to_be_equal": _pair(),
    "expect_column_pair_values_a_to_be_greater_than_b": _pair(optional=("or_equal",)),
    "expect_multicolumn_sum_to_equal": _rowlist("sum_total"),
    "expect_table_row_count_to_be_between": Expectation(
        "aggregate", optional=(*BOUNDS, "row_condition", "condition_parser")
    ),
    "expect_table_row_count_to_equal": Expectation(
        "aggregate", required=("value",), optional=("row_condition", "condition_parser")
    ),
    "expect_column_sum_to_be_between": _column_aggregate(),
    "expect_column_mean_to_be_between": _column_aggregate(),
    "expect_column_min_to_be_between": _column_aggregate(),
    "expect_column_max_to_be_between": _column_aggregate(),
    "expect_column_unique_value_count_to_be_between": _column_aggregate(),
    "expect_column_proportion_of_unique_values_to_be_between": _column_aggregate(),
}

UNIQUE = ("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique")
ROW_COUNT = ("expect_table_row_count_to_be_between", "expect_table_row_count_to_equal")
