"""One sound example of every expectation a contract may use, on the columns of a made-up dataset."""

from typing import Any

COLUMNS = {"city": "string", "stops": "int", "seats": "int", "fare": "decimal(8,2)", "day": "date", "paid": "boolean"}
ONE_COLUMN: dict[str, Any] = {"column": "city"}
TWO_COLUMNS: dict[str, Any] = {"column_A": "seats", "column_B": "stops"}
SEVERAL_COLUMNS: dict[str, Any] = {"column_list": ["stops", "seats"]}
WHERE = {"type": "comparison", "column": {"name": "day"}, "operator": ">=", "parameter": "2025-01-01"}

EXAMPLES: dict[str, dict[str, Any]] = {
    "expect_column_values_to_not_be_null": {**ONE_COLUMN, "mostly": 0.95},
    "expect_column_values_to_be_null": {**ONE_COLUMN, "row_condition": WHERE},
    "expect_column_values_to_be_between": {"column": "fare", "min_value": 0, "max_value": 99.5, "strict_min": True},
    "expect_column_values_to_be_in_set": {**ONE_COLUMN, "value_set": ["Bern", "Basel"]},
    "expect_column_values_to_not_be_in_set": {"column": "stops", "value_set": [0, 99]},
    "expect_column_values_to_match_regex": {**ONE_COLUMN, "regex": r"^\p{Lu}"},
    "expect_column_values_to_not_match_regex": {**ONE_COLUMN, "regex": "^ | $"},
    "expect_column_values_to_match_regex_list": {**ONE_COLUMN, "regex_list": ["^B", "n$"], "match_on": "all"},
    "expect_column_values_to_not_match_regex_list": {**ONE_COLUMN, "regex_list": ["^ ", " $"]},
    "expect_column_values_to_match_strftime_format": {**ONE_COLUMN, "strftime_format": "%Y-%m-%d"},
    "expect_column_values_to_be_json_parseable": ONE_COLUMN,
    "expect_column_value_lengths_to_be_between": {**ONE_COLUMN, "min_value": 1, "max_value": 30},
    "expect_column_value_lengths_to_equal": {**ONE_COLUMN, "value": 3},
    "expect_column_values_to_be_unique": ONE_COLUMN,
    "expect_compound_columns_to_be_unique": {**SEVERAL_COLUMNS, "ignore_row_if": "never"},
    "expect_select_column_values_to_be_unique_within_record": SEVERAL_COLUMNS,
    "expect_column_pair_values_to_be_equal": {**TWO_COLUMNS, "ignore_row_if": "neither"},
    "expect_column_pair_values_a_to_be_greater_than_b": {**TWO_COLUMNS, "or_equal": True},
    "expect_column_pair_values_to_be_in_set": {
        "column_A": "city",
        "column_B": "stops",
        "value_pairs_set": [["Bern", 1], ["Basel", 2]],
    },
    "expect_multicolumn_values_to_be_equal": SEVERAL_COLUMNS,
    "expect_multicolumn_sum_to_equal": {**SEVERAL_COLUMNS, "sum_total": 40},
    "expect_table_row_count_to_be_between": {"min_value": 1},
    "expect_table_row_count_to_equal": {"value": 24},
    "expect_column_to_exist": ONE_COLUMN,
    "expect_column_type_to_be": {"column": "stops", "type_": "IntegerType"},
    "expect_column_values_to_be_of_type": {"column": "stops", "type_": "IntegerType"},
    "expect_column_values_to_be_in_type_list": {"column": "stops", "type_list": ["IntegerType", "LongType"]},
    "expect_column_sum_to_be_between": {"column": "fare", "max_value": 1000000},
    "expect_column_mean_to_be_between": {"column": "fare", "min_value": 1, "max_value": 50},
    "expect_column_median_to_be_between": {"column": "fare", "min_value": 1, "max_value": 50},
    "expect_column_stdev_to_be_between": {"column": "fare", "max_value": 20, "strict_max": True},
    "expect_column_min_to_be_between": {"column": "day", "min_value": "2025-01-01"},
    "expect_column_max_to_be_between": {"column": "day", "max_value": {"$PARAMETER": "run_date"}},
    "expect_column_unique_value_count_to_be_between": {**ONE_COLUMN, "min_value": 2},
    "expect_column_proportion_of_unique_values_to_be_between": {**ONE_COLUMN, "max_value": 0.5},
    "expect_column_proportion_of_non_null_values_to_be_between": {**ONE_COLUMN, "min_value": 0.9},
    "expect_column_quantile_values_to_be_between": {
        "column": "fare",
        "quantile_ranges": {"quantiles": [0.05, 0.95], "value_ranges": [[0, 5], [None, 80]]},
    },
    "expect_column_distinct_values_to_be_in_set": {**ONE_COLUMN, "value_set": ["Bern", "Basel"]},
    "expect_column_distinct_values_to_contain_set": {**ONE_COLUMN, "value_set": ["Bern"]},
    "expect_column_distinct_values_to_equal_set": {**ONE_COLUMN, "value_set": ["Bern", "Basel"]},
    "expect_column_most_common_value_to_be_in_set": {**ONE_COLUMN, "value_set": ["Bern"], "ties_okay": True},
    "unexpected_rows_expectation": {"unexpected_rows_query": "select * from {batch} where seats < stops"},
}


def suite_of(*rules: dict[str, Any]) -> dict[str, Any]:
    """Return a sound output suite of the made-up dataset, with these rules beside those that every output needs."""
    needed = [
        {
            "type": "expect_table_row_count_to_be_between",
            "kwargs": {"min_value": 1},
            "meta": {"rule": "trips.rows", "why": "A day has trips."},
        },
        {
            "type": "expect_compound_columns_to_be_unique",
            "kwargs": {"column_list": ["city", "day"]},
            "meta": {"rule": "trips.key", "why": "One row a city and day."},
        },
    ]
    return {
        "name": "trips.output",
        "meta": {
            "version": "1.0.0",
            "owner": "trips-data",
            "description": "One row a city and day.",
            "columns": [{"name": name, "type": kind, "description": name} for name, kind in COLUMNS.items()],
            "key": ["city", "day"],
            "freshness_hours": 26,
        },
        "expectations": [*needed, *rules],
    }
