"""What a broken rule on an aggregate observed, exactly: Great Expectations hands decimals and large numbers over as doubles."""

from decimal import Decimal
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Rule
from etl.contract.types import ColumnType

EXACT_AGGREGATES = {
    "expect_column_max_to_be_between": F.max,
    "expect_column_min_to_be_between": F.min,
    "expect_column_sum_to_be_between": F.try_sum,  # null, not an error, beyond 38 digits
    "expect_column_mean_to_be_between": F.try_avg,
}
MEDIAN, QUANTILES = "expect_column_median_to_be_between", "expect_column_quantile_values_to_be_between"


def with_exact_value(frame: DataFrame, rule: Rule, result: dict[str, Any]) -> dict[str, Any]:
    """Return a broken rule's result with the value that its column has where the library's `observed_value` is a double.

    Costs a pass over the rows that the rule judges, for decimals and bigints alone. A median between two values, and a
    quantile of which several values share the double, stay as the library has them.
    """
    if rule.type not in (*EXACT_AGGREGATES, MEDIAN, QUANTILES) or result.get("observed_value") is None:
        return result
    declared = ColumnType.parse(frame.schema[rule.columns[0]].dataType.simpleString())
    exact = declared.exact_aggregate if declared else None
    if exact is None:
        return result
    values = (
        frame
        if (condition := rule.kwargs.get("row_condition")) is None
        else frame.where(_row_condition(frame, condition))
    )
    column = F.col(f"`{rule.columns[0]}`").cast(exact)
    return {**result, "observed_value": _exact_value(values, column, rule.type, result["observed_value"])}


def _row_condition(frame: DataFrame, condition: Any) -> Column:
    from great_expectations.execution_engine.sparkdf_execution_engine import (  # noqa: PLC0415  seconds to import
        SparkDFExecutionEngine,
    )

    from etl.gate.onepass.row_conditions import domain_condition  # noqa: PLC0415

    engine = SparkDFExecutionEngine(batch_data_dict={"rows": frame}, persist=False)
    condition_column = domain_condition(engine, {"row_condition": condition})
    return F.lit(True) if condition_column is None else condition_column


def _exact_value(values: DataFrame, column: Column, kind: str, observed: Any) -> Any:
    if kind in EXACT_AGGREGATES:
        (value,) = values.agg(EXACT_AGGREGATES[kind](column)).first() or (None,)
        return observed if value is None else value
    if kind == MEDIAN:
        return _nearest_values(values, column, [observed])[0]
    return {
        **observed,
        "values": [_format_decimal(quantile) for quantile in _nearest_values(values, column, observed["values"])],
    }


def _format_decimal(value: Any) -> Any:
    return format(value, "f") if isinstance(value, Decimal) else value


def _nearest_values(values: DataFrame, column: Column, doubles: list[Any]) -> list[Any]:
    """Return for each double the one value of the column that it stands for; itself where there is none, or several.

    Of a column without a value a quantile is None.
    """
    same = [F.when(column.cast("double") == F.lit(double).cast("double"), column) for double in doubles]
    ends = [function(value) for value in same for function in (F.min, F.max)]
    row = values.agg(*(end.alias(f"_{number}") for number, end in enumerate(ends))).first() or ()
    pairs = list(zip(row[::2], row[1::2], strict=True))
    return [
        low if low is not None and low == high else double for double, (low, high) in zip(doubles, pairs, strict=True)
    ]
