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
from pyspark.sql.types import BooleanType, DataType, IntegerType, LongType, StringType

from etl.contract.query_text import BATCH, QUERY
from etl.gate.onepass.decimal_bounds import within as within_bounds
from etl.gate.onepass.metric_queries import Commonest, Distinct, Median, OfValues, Quantiles, Question, Unique
from etl.gate.onepass.observations import Aggregate
from etl.gate.onepass.row_conditions import in_domain
from etl.gate.onepass.row_queries import condition
from etl.gate.onepass.time_patterns import enough
from etl.sources.line_regex import PRESENT

Key = tuple[str, Any, Any]
"""A metric whatever its batch: its name, and the ids of its domain and value arguments."""

COUNT, FILTERED, MADE = ".unexpected_count", ".filtered_row_count", (".condition", ".aggregate_fn", ".map")
ROW_COUNT = "table.row_count"
OF_SCHEMA = ("table.columns", "table.column_types", "table.column_count")
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
BETWEEN = "column_values.between"
# What it is enough for a value to match.
PATTERNS: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
    f"column_values.match_regex{COUNT}": lambda asked: asked["regex"],
    f"column_values.match_strftime_format{COUNT}": lambda asked: enough(asked["strftime_format"]),
    f"column_values.nonnull{COUNT}": lambda _: PRESENT,
}
# Their conditions are windows, the only ones of the vocabulary.
UNIQUE = ("column_values.unique", "compound_columns.unique")
DISTINCT = "column.distinct_values"
BEYOND, MISSING = f"{DISTINCT}.not_in_set", f"{DISTINCT}.missing_from_column"
COUNTED = ".count"
# Lists for people, of which no success is made, and what another metric is made of that is told itself.
UNASKED = (BEYOND, MISSING, "column.value_counts", f"{QUERY}.table")
A_FEW = 32  # values that are looked for each by itself
LIKE: dict[type, tuple[type, ...]] = {StringType: (str,), IntegerType: (int,), LongType: (int,), BooleanType: (bool,)}


def key_of(metric: Any) -> Key:
    """Return a metric's key."""
    domain = {name: value for name, value in metric.metric_domain_kwargs.items() if name != "batch_id"}
    return metric.metric_name, IDDict(domain).to_id(), metric.metric_value_kwargs_id


@dataclass
class Collected:
    """What a suite's metrics ask of a frame.

    Attributes:
        breaks: where a row is one that the metric counts.
        within: the same for rows that are to be counted whatever they hold.
        present: where a row has a value, for each that the metric counts unless some row has it.
        every: metrics that count all rows.
        aggregates: functions of a column's values.
        asked: metrics that only a look at what was written tells.
        unasked: metrics that no result is formed from.
        patterns: for those of `breaks` that a regular expression can tell of, the column and what it is enough to match.
        made: what the library's own conditions and partial functions came to, by the metric's id.
        tainted: ids of metrics that were made of the 0 of another.
    """

    breaks: dict[Key, Column] = field(default_factory=dict)
    within: dict[Key, Column] = field(default_factory=dict)
    present: dict[Key, list[Column]] = field(default_factory=dict)
    every: set[Key] = field(default_factory=set)
    aggregates: dict[Key, Aggregate] = field(default_factory=dict)
    asked: dict[Key, Question] = field(default_factory=dict)
    unasked: set[Key] = field(default_factory=set)
    patterns: dict[Key, tuple[str, str]] = field(default_factory=dict)
    made: dict[Any, Any] = field(default_factory=dict)
    tainted: set[Any] = field(default_factory=set)

    def resolve(self, engine: Any, wanted: list[Any], compute: Callable[[list[Any]], dict[Any, Any]]) -> dict[Any, Any]:
        """Note what is asked; answer 0 where only data could tell, which no result is formed from."""
        for metric in wanted:
            # The library's conditions all ask for the row count, and none uses it.
            made_of = [one.id for one in metric.metric_dependencies.values() if one.metric_name != ROW_COUNT]
            if self.tainted.intersection(made_of):
                self.tainted.add(metric.id)
        found = compute(
            [one for one in wanted if one.id not in self.tainted and one.metric_name.endswith((*OF_SCHEMA, *MADE))]
        )
        self.made |= found
        for metric in wanted:
            if metric.id not in found:
                self.tainted.add(metric.id)
                with suppress(Exception):  # what cannot be asked for this way is told by the stock way
                    self._observe(engine, metric, key_of(metric))
                found[metric.id] = 0
        return found

    def _observe(self, engine: Any, metric: Any, key: Key) -> None:
        name, needs = metric.metric_name, metric.metric_dependencies
        if name == ROW_COUNT:
            self._rows(key, in_domain(engine, metric.metric_domain_kwargs))
        elif name in AGGREGATES:
            made, *_ = self.made[needs["metric_partial_fn"].id]
            column, some = (metric.metric_domain_kwargs.get(one) for one in ("column", "row_condition"))
            # Null-blind, so the filter for nulls that comes with them may be left out.
            within = in_domain(engine, {"row_condition": some})
            self.aggregates[key] = Aggregate(_function(column, made), column, within)
        elif name in UNASKED:
            self.unasked.add(key)
        elif name in (BEYOND + COUNTED, MISSING + COUNTED):
            self._of_set(engine, metric, key)
        elif name in QUESTIONS:
            question = QUESTIONS[name](metric)
            if question and not metric.metric_domain_kwargs.get("row_condition"):
                self.asked[key] = question
        elif name == f"{QUERY}.row_count":
            query = metric.metric_value_kwargs[QUERY].format(batch=BATCH)  # as the contract has it
            if (found := condition(_frame(engine), query)) is not None:
                self.breaks[key] = found
        elif name.endswith((COUNT, FILTERED)):
            # The library makes a column's count of an aggregate, and that of the condition.
            of = needs["metric_partial_fn"].metric_dependencies if "metric_partial_fn" in needs else needs
            self._of_condition(engine, key, self.made[of["unexpected_condition"].id])
            if name == BETWEEN + COUNT:
                self._of_bounds(engine, metric, key)
            if name in PATTERNS and (pattern := PATTERNS[name](metric.metric_value_kwargs)) is not None:
                self.patterns[key] = (metric.metric_domain_kwargs["column"], pattern)

    def _of_condition(self, engine: Any, key: Key, made: Any) -> None:
        breaks, compute, accessor = made
        domain = {**compute, **accessor}
        within = in_domain(engine, domain)
        if key[0].endswith(FILTERED):
            self._rows(key, within)
        elif key[0].removesuffix(COUNT) not in UNIQUE:
            self.breaks[key] = breaks if within is None else breaks & within
        elif not domain.get("row_condition"):
            self.asked[key] = Unique(tuple(domain.get("column_list") or [domain["column"]]))

    def _of_set(self, engine: Any, metric: Any, key: Key) -> None:
        """Note how a set's values, and no others, are looked for: as the library's own queries do."""
        name, values = metric.metric_domain_kwargs["column"], metric.metric_value_kwargs["value_set"] or []
        column, within = F.col(name), in_domain(engine, metric.metric_domain_kwargs)
        if metric.metric_name == BEYOND + COUNTED:
            beyond = column.isNotNull() & ~column.isin(values) if values else column.isNotNull()
            self.breaks[key] = beyond if within is None else beyond & within
        elif len(set(values)) == len(values) <= A_FEW and all(type(one) in _like(engine, name) for one in values):
            self.present[key] = [column == one if within is None else (column == one) & within for one in values]

    def _of_bounds(self, engine: Any, metric: Any, key: Key) -> None:
        column = metric.metric_domain_kwargs["column"]
        if (within := within_bounds(column, _type(engine, column), metric.metric_value_kwargs)) is not None:
            self.breaks[key] = ~within & self.breaks[key]

    def _rows(self, key: Key, within: Column | None) -> None:
        if within is None:
            self.every.add(key)
        else:
            self.within[key] = within


def _quantiles(metric: Any) -> Question | None:
    asked = metric.metric_value_kwargs
    exact = not asked.get("allow_relative_error") and all(0 <= one <= 1 for one in asked["quantiles"])
    return Quantiles(metric.metric_domain_kwargs["column"], tuple(asked["quantiles"])) if exact else None


def _of_column(question: type[OfValues]) -> Callable[[Any], Question]:
    return lambda metric: question(metric.metric_domain_kwargs["column"])


QUESTIONS: dict[str, Callable[[Any], Question | None]] = {
    DISTINCT + COUNTED: _of_column(Distinct),
    "column.most_common_value": _of_column(Commonest),
    "column.median": _of_column(Median),
    "column.quantile_values": _quantiles,
}


def _function(column: str, made: Column) -> Callable[[Column], Column]:
    """Return the function that the library made of a column.

    Raises:
        StopIteration: it is none that is known.
    """
    return next(one for one in FUNCTIONS if str(one(F.col(column))) == str(made))


def _frame(engine: Any) -> DataFrame:
    return engine.batch_manager.active_batch_data.dataframe


def _type(engine: Any, column: str) -> DataType:
    return _frame(engine).schema[column].dataType


def _like(engine: Any, column: str) -> tuple[type, ...]:
    """Return the types of values that are compared with the column's as they are."""
    return LIKE.get(type(_type(engine, column)), ())
