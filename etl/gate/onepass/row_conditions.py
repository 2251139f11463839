"""Which rows break a rule, as Spark columns: Great Expectations' own conditions, without running anything.

The library builds a row rule's counts from a condition column; setting rows aside needs that column itself.
"""

from functools import cache, reduce
from operator import and_, or_
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from etl.contract.model import Rule
from etl.gate.element_rules import breaks_rule, frame_types, is_element_rule
from etl.gate.library_arguments import library_arguments
from etl.gate.onepass.literal_search import unexpected_rows
from etl.gate.onepass.python_tests import METRICS, unproven_rows

BATCH = "rows"


def violation_columns(
    frame: DataFrame, rules: list[Rule], parameters: dict[str, Any], *, proving: bool = False
) -> dict[str, Column]:
    """Return, by rule id, a column of `frame` that is true where a row breaks the rule.

    With `proving` it is true, for the rules `takes_python` says so of, where nothing proves that the row keeps the rule.

    Args:
        frame: the rows that the columns belong to.
        rules: rules that judge rows, with literal or `$PARAMETER` arguments.
        parameters: values for `$PARAMETER`, such as `run_date`.
    """
    if not rules:
        return {}
    from great_expectations.execution_engine.sparkdf_execution_engine import (  # noqa: PLC0415  seconds to import
        SparkDFExecutionEngine,
    )

    # Else it would have Spark cache the rows, in the pass that writes them.
    engine = _engine_without_row_count(SparkDFExecutionEngine)(batch_data_dict={BATCH: frame}, persist=False)
    return {
        rule.rule: breaks_rule(frame, rule, parameters)
        if is_element_rule(rule)
        else _violation_column(engine, frame, rule, parameters, proving=proving)
        for rule in rules
    }


@cache
def _engine_without_row_count(engine: Any) -> Any:
    """Return the library's engine without the row count that every condition asks for and none uses: a pass of its own."""

    class EngineWithoutRowCount(engine):
        def resolve_metric_bundle(self, metric_fn_bundle: Any) -> dict[Any, Any]:
            metrics = [metric.metric_configuration for metric in metric_fn_bundle]
            if unexpected := {metric.metric_name for metric in metrics} - {"table.row_count"}:
                raise RuntimeError(
                    f"a condition asks for {', '.join(sorted(unexpected))}, which takes a pass over the rows"
                )
            return {metric.id: None for metric in metrics}

    return EngineWithoutRowCount


def takes_python(frame: DataFrame, rule: Rule) -> bool:
    """Say whether a rule is judged by a function in Python for each row, and a pattern proves most values."""
    return not is_element_rule(rule) and _proof(frame, rule) is not None


def _proof(frame: DataFrame, rule: Rule) -> Column | None:
    """Return where nothing proves that a row keeps a rule; None of rules that take no function in Python."""
    column = rule.kwargs.get("column")
    if column not in frame.columns or not isinstance(frame.schema[column].dataType, StringType):
        return None
    return unproven_rows(METRICS.get(rule.type, ""), F.col(column), rule.kwargs)


def _violation_column(
    engine: Any, frame: DataFrame, rule: Rule, parameters: dict[str, Any], *, proving: bool
) -> Column:
    from great_expectations.expectations.registry import get_expectation_impl  # noqa: PLC0415
    from great_expectations.validator.metric_configuration import MetricConfiguration  # noqa: PLC0415
    from great_expectations.validator.metrics_calculator import MetricsCalculator  # noqa: PLC0415

    expectation_class: Any = get_expectation_impl(rule.type)
    kwargs = library_arguments(rule.type, rule.kwargs, lambda: frame_types(frame))
    expectation = expectation_class(**{name: _resolve_parameter(value, parameters) for name, value in kwargs.items()})
    dependencies = expectation.get_validation_dependencies(
        execution_engine=engine, runtime_configuration={"result_format": {"result_format": "BOOLEAN_ONLY"}}
    )
    rule_metric = next(
        m for name, m in dependencies.metric_configurations.items() if name.startswith(expectation_class.map_metric)
    )
    condition_metric = MetricConfiguration(
        metric_name=f"{expectation_class.map_metric}.condition",
        metric_domain_kwargs={**rule_metric.metric_domain_kwargs, "batch_id": BATCH},
        metric_value_kwargs=rule_metric.metric_value_kwargs,
    )
    resolved, aborted = MetricsCalculator(execution_engine=engine).compute_metrics([condition_metric])
    if condition_metric.id not in resolved:
        raise RuntimeError(f"rule {rule.rule} cannot set rows aside: {aborted}")
    condition, compute, accessor = resolved[condition_metric.id]
    column = rule.kwargs.get("column")
    if column in frame.columns and isinstance(frame.schema[column].dataType, StringType):
        cheaper = unexpected_rows(expectation_class.map_metric, F.col(column), condition_metric.metric_value_kwargs)
        condition = condition if cheaper is None else cheaper
    if proving and (unproven := _proof(frame, rule)) is not None:
        condition = unproven
    domain = domain_condition(engine, {**compute, **accessor})
    return F.coalesce(condition if domain is None else condition & domain, F.lit(False))


def domain_condition(engine: Any, domain: dict[str, Any]) -> Column | None:
    """Return where a metric counts a row at all: its row condition, and rows it leaves out for their nulls; None for all."""
    from great_expectations.expectations.row_conditions import deserialize_row_condition  # noqa: PLC0415

    parts = [F.expr(filter_condition.condition) for filter_condition in domain.get("filter_conditions", ())]
    if domain.get("row_condition"):
        condition = deserialize_row_condition(domain["row_condition"])
        parts.append(F.expr(engine.condition_to_filter_clause(condition)))
    columns = domain.get("column_list") or [domain[name] for name in ("column_A", "column_B") if name in domain]
    nulls = [F.col(name).isNull() for name in columns]
    ignored = str(domain.get("ignore_row_if", "never"))
    if nulls and ignored.startswith(("both", "all")):
        parts.append(~reduce(and_, nulls))
    elif nulls and ignored.startswith(("either", "any")):
        parts.append(~reduce(or_, nulls))
    return reduce(and_, parts) if parts else None


def _resolve_parameter(value: Any, parameters: dict[str, Any]) -> Any:
    return parameters[value["$PARAMETER"]] if isinstance(value, dict) and "$PARAMETER" in value else value
