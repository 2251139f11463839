"""What a suite's metrics ask of a frame, collected from the library, and by what each is told.

Imported only once the library is: that takes seconds.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from great_expectations.core.id_dict import IDDict
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StringType

from etl.contract.query_text import BATCH, QUERY
from etl.contract.types import ColumnType, is_floating
from etl.gate.onepass.joint_marks import ValueTest
from etl.gate.onepass.literal_search import unexpected_rows
from etl.gate.onepass.metric_queries import ColumnQuestion, Distinct, Median, MostCommon, Quantiles, Question, Unique
from etl.gate.onepass.observations import Aggregate
from etl.gate.onepass.python_tests import unproven_rows
from etl.gate.onepass.row_conditions import domain_condition
from etl.gate.onepass.row_queries import query_condition
from etl.gate.onepass.time_patterns import sufficient_pattern
from etl.sources.line_regex import PRESENT

Key = tuple[str, Any, Any]
"""A metric whatever its batch: its name, and the ids of its domain and value arguments."""

COUNT, FILTERED, PARTIAL = ".unexpected_count", ".filtered_row_count", (".condition", ".aggregate_fn", ".map")
ROW_COUNT = "table.row_count"
SCHEMA_METRICS = ("table.columns", "table.column_types", "table.column_count")
AGGREGATES = (
    "column.min",
    "column.max",
    "column.sum",
    "column.mean",
    "column.standard_deviation",
    "column.non_null_count",
)
# What the library makes them of; sums of whole numbers since Spark raises where they grow too long.
FUNCTIONS = (F.min, F.max, F.sum, F.mean, F.stddev_samp, F.count, lambda column: F.sum(column.cast("double")))
# What it is enough for a value to match.
PATTERNS: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
    f"column_values.match_regex{COUNT}": lambda kwargs: kwargs["regex"],
    f"column_values.match_strftime_format{COUNT}": lambda kwargs: sufficient_pattern(kwargs["strftime_format"]),
    f"column_values.nonnull{COUNT}": lambda _: PRESENT,
}
# Their conditions are windows, the only ones of the vocabulary.
UNIQUE = ("column_values.unique", "compound_columns.unique")
DISTINCT = "column.distinct_values"
BEYOND, MISSING = f"{DISTINCT}.not_in_set", f"{DISTINCT}.missing_from_column"
COUNTED = ".count"
# Lists for people, of which no success is made, and what another metric is made of that is told itself.
UNUSED = (BEYOND, MISSING, "column.value_counts", f"{QUERY}.table")
FEW_VALUES = 32  # values that are looked for each by itself


def metric_key(metric: Any) -> Key:
    """Return a metric's key."""
    domain = {name: value for name, value in metric.metric_domain_kwargs.items() if name != "batch_id"}
    return metric.metric_name, IDDict(domain).to_id(), metric.metric_value_kwargs_id


@dataclass
class MetricCollector:
    """What a suite's metrics ask of a frame.

    Attributes:
        breaks: where a row is one that the metric counts.
        within: the same for rows that are to be counted whatever they hold.
        present: where a row has a value, for each that the metric counts unless some row has it.
        row_counts: metrics that count all rows.
        aggregates: functions of a column's values.
        questions: metrics that only a look at what was written tells.
        unused: metrics that no result is formed from.
        patterns: for those of `breaks` that a regular expression can tell of, the column and what it is enough to match.
        tests: of those of `breaks` that test a value of a column, whatever else the row holds, how they do.
        proofs: of those of `breaks` that take a function in Python, rows without which no row is counted.
        partials: what the library's own conditions and partial functions came to, by the metric's id.
        tainted: ids of metrics that were made of the 0 of another.
    """

    breaks: dict[Key, Column] = field(default_factory=dict)
    within: dict[Key, Column] = field(default_factory=dict)
    present: dict[Key, list[Column]] = field(default_factory=dict)
    row_counts: set[Key] = field(default_factory=set)
    aggregates: dict[Key, Aggregate] = field(default_factory=dict)
    questions: dict[Key, Question] = field(default_factory=dict)
    unused: set[Key] = field(default_factory=set)
    patterns: dict[Key, tuple[str, str]] = field(default_factory=dict)
    tests: dict[Key, ValueTest] = field(default_factory=dict)
    proofs: dict[Key, Column] = field(default_factory=dict)
    partials: dict[Any, Any] = field(default_factory=dict)
    tainted: set[Any] = field(default_factory=set)

    def resolve_wanted(
        self, engine: Any, metrics: list[Any], compute: Callable[[list[Any]], dict[Any, Any]]
    ) -> dict[Any, Any]:
        """Note what is asked; answer 0 where only data could tell, which no result is formed from."""
        for metric in metrics:
            # The library's conditions all ask for the row count, and none uses it.
            dependency_ids = [
                dependency.id
                for dependency in metric.metric_dependencies.values()
                if dependency.metric_name != ROW_COUNT
            ]
            if self.tainted.intersection(dependency_ids):
                self.tainted.add(metric.id)
        values = compute(
            [
                candidate
                for candidate in metrics
                if candidate.id not in self.tainted and candidate.metric_name.endswith((*SCHEMA_METRICS, *PARTIAL))
            ]
        )
        self.partials |= values
        for metric in metrics:
            if metric.id not in values:
                self.tainted.add(metric.id)
                with suppress(Exception):  # what cannot be asked for this way is told by the stock way
                    self._collect_metric(engine, metric, metric_key(metric))
                values[metric.id] = 0
        return values

    def _collect_metric(self, engine: Any, metric: Any, key: Key) -> None:
        name, dependencies = metric.metric_name, metric.metric_dependencies
        if name == ROW_COUNT:
            self._collect_row_count(key, domain_condition(engine, metric.metric_domain_kwargs))
        elif name in AGGREGATES:
            partial_function, *_ = self.partials[dependencies["metric_partial_fn"].id]
            column, row_filter = (metric.metric_domain_kwargs.get(argument) for argument in ("column", "row_condition"))
            # Null-blind, so the filter for nulls that comes with them may be left out.
            within = domain_condition(engine, {"row_condition": row_filter})
            self.aggregates[key] = Aggregate(_matching_function(column, partial_function), column, within)
        elif name in UNUSED:
            self.unused.add(key)
        elif name in (BEYOND + COUNTED, MISSING + COUNTED):
            self._collect_set(engine, metric, key)
        elif name in QUESTIONS:
            question = QUESTIONS[name](metric)
            if question and _is_exact(engine, question) and not metric.metric_domain_kwargs.get("row_condition"):
                self.questions[key] = question
        elif name == f"{QUERY}.row_count":
            query = metric.metric_value_kwargs[QUERY].format(batch=BATCH)  # as the contract has it
            if (broken := query_condition(_active_frame(engine), query)) is not None:
                self.breaks[key] = broken
        elif name.endswith((COUNT, FILTERED)):
            # The library makes a column's count of an aggregate, and that of the condition.
            condition_metrics = (
                dependencies["metric_partial_fn"].metric_dependencies
                if "metric_partial_fn" in dependencies
                else dependencies
            )
            partial_condition = self.partials[condition_metrics["unexpected_condition"].id]
            self._collect_condition(engine, key, _cheaper_condition(engine, metric, partial_condition))
            if name in PATTERNS and (pattern := PATTERNS[name](metric.metric_value_kwargs)) is not None:
                self.patterns[key] = (metric.metric_domain_kwargs["column"], pattern)
            column = metric.metric_domain_kwargs.get("column")
            if key in self.breaks and column and isinstance(_column_type(engine, column), StringType):
                self._collect_proof(engine, metric, key)
            if column and not metric.metric_domain_kwargs.get("row_condition"):
                column_type = _column_type(engine, column).simpleString()
                self.tests[key] = ValueTest(name.removesuffix(COUNT), column, column_type, metric.metric_value_kwargs)

    def _collect_condition(self, engine: Any, key: Key, partial_condition: Any) -> None:
        breaks, compute, accessor = partial_condition
        domain = {**compute, **accessor}
        within = domain_condition(engine, domain)
        if key[0].endswith(FILTERED):
            self._collect_row_count(key, within)
        elif key[0].removesuffix(COUNT) not in UNIQUE:
            self.breaks[key] = breaks if within is None else breaks & within
        elif not domain.get("row_condition"):
            question = Unique(tuple(domain.get("column_list") or [domain["column"]]))
            if _is_exact(engine, question):
                self.questions[key] = question

    def _collect_proof(self, engine: Any, metric: Any, key: Key) -> None:
        column = F.col(metric.metric_domain_kwargs["column"])
        unproven = unproven_rows(metric.metric_name.removesuffix(COUNT), column, metric.metric_value_kwargs)
        if unproven is not None:
            within = domain_condition(engine, {"row_condition": metric.metric_domain_kwargs.get("row_condition")})
            self.proofs[key] = unproven if within is None else unproven & within

    def _collect_set(self, engine: Any, metric: Any, key: Key) -> None:
        """Note how a set's values, and no others, are looked for: as the library's own queries do."""
        name, values = metric.metric_domain_kwargs["column"], metric.metric_value_kwargs["value_set"] or []
        column, within = F.col(name), domain_condition(engine, metric.metric_domain_kwargs)
        if metric.metric_name == BEYOND + COUNTED:
            beyond = column.isNotNull() & ~column.isin(values) if values else column.isNotNull()
            self.breaks[key] = beyond if within is None else beyond & within
        elif len(set(values)) == len(values) <= FEW_VALUES and all(
            type(value) in _comparable_types(engine, name) for value in values
        ):
            self.present[key] = [column == value if within is None else (column == value) & within for value in values]

    def _collect_row_count(self, key: Key, within: Column | None) -> None:
        if within is None:
            self.row_counts.add(key)
        else:
            self.within[key] = within


def _quantiles_question(metric: Any) -> Question | None:
    arguments = metric.metric_value_kwargs
    exact = not arguments.get("allow_relative_error") and all(0 <= share <= 1 for share in arguments["quantiles"])
    return Quantiles(metric.metric_domain_kwargs["column"], tuple(arguments["quantiles"])) if exact else None


def _column_question(question: type[ColumnQuestion]) -> Callable[[Any], Question]:
    return lambda metric: question(metric.metric_domain_kwargs["column"])


QUESTIONS: dict[str, Callable[[Any], Question | None]] = {
    DISTINCT + COUNTED: _column_question(Distinct),
    "column.most_common_value": _column_question(MostCommon),
    "column.median": _column_question(Median),
    "column.quantile_values": _quantiles_question,
}


def _matching_function(column: str, aggregate: Column) -> Callable[[Column], Column]:
    """Return the function that the library made of a column.

    Raises:
        StopIteration: it is none that is known.
    """
    return next(function for function in FUNCTIONS if str(function(F.col(column))) == str(aggregate))


def _cheaper_condition(engine: Any, metric: Any, partial_condition: Any) -> Any:
    """Return the library's condition, or one that comes to the same and looks at bytes."""
    name, column = metric.metric_name.removesuffix(COUNT), metric.metric_domain_kwargs.get("column")
    if not column or not isinstance(_active_frame(engine).schema[column].dataType, StringType):
        return partial_condition
    condition = unexpected_rows(name, F.col(column), metric.metric_value_kwargs)
    return partial_condition if condition is None else (condition, *partial_condition[1:])


def _active_frame(engine: Any) -> DataFrame:
    return engine.batch_manager.active_batch_data.dataframe


def _column_type(engine: Any, column: str) -> DataType:
    return _active_frame(engine).schema[column].dataType


def _is_exact(engine: Any, question: Question) -> bool:
    """Say whether the files tell it: equal floating-point numbers are not equal bytes, and have but an order."""
    if isinstance(question, ColumnQuestion) and question.is_order:
        return True
    return not any(is_floating(_column_type(engine, column).simpleString()) for column in question.columns)


def _comparable_types(engine: Any, column: str) -> tuple[type, ...]:
    """Return the types of values that are compared with the column's as they are."""
    declared = ColumnType.parse(_column_type(engine, column).simpleString())
    return declared.kind.literals if declared else ()
