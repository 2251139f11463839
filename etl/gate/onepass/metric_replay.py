"""Great Expectations on values that the job observed: a data source whose engine first collects, then replays.

Collecting, the engine notes the Spark columns that the library's metrics are made of and computes nothing. The job has them
observed while it writes. Replaying, it hands those values back, and the library itself forms each result from them. A metric
that it did not observe is refused, so that its rule goes the stock way.

Imported only once the library is: that takes seconds.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Protocol

from great_expectations.datasource.fluent.spark_datasource import SparkDatasource
from great_expectations.exceptions.exceptions import MetricResolutionError
from great_expectations.execution_engine.sparkdf_execution_engine import SparkDFExecutionEngine
from great_expectations.util import convert_to_json_serializable

from etl.gate.onepass.metric_collection import (
    AGGREGATES,
    COUNT,
    PARTIAL,
    ROW_COUNT,
    SCHEMA_METRICS,
    Key,
    MetricCollector,
    metric_key,
)

DERIVED_METRICS = ("column.non_null_proportion", "column.unique_proportion")  # from other values alone


@dataclass(frozen=True)
class ObservedMetrics:
    """Values by metric, as Spark brought them."""

    values: Mapping[Key, Any]

    def resolve_wanted(
        self, engine: Any, metrics: list[Any], compute: Callable[[list[Any]], dict[Any, Any]]
    ) -> dict[Any, Any]:
        """Hand the values back; conditions are needed no more.

        Raises:
            MetricResolutionError: a metric was not observed.
        """
        keys = {metric.id: metric_key(metric) for metric in metrics}
        resolved = {id_: _as_library_value(key[0], self.values[key]) for id_, key in keys.items() if key in self.values}
        resolved |= {metric.id: None for metric in metrics if metric.metric_name.endswith(PARTIAL)}
        remaining = [metric for metric in metrics if metric.id not in resolved]
        if missing := [metric for metric in remaining if metric.metric_name not in (*SCHEMA_METRICS, *DERIVED_METRICS)]:
            raise MetricResolutionError(message="not observed", failed_metrics=tuple(missing))
        return resolved | compute(remaining)


def _as_library_value(name: str, value: Any) -> Any:
    """Return a value as the library's own engine has it."""
    return convert_to_json_serializable(value) if name in AGGREGATES else value


class MetricResolver(Protocol):
    """How the engine answers the library."""

    def resolve_wanted(
        self, engine: Any, metrics: list[Any], compute: Callable[[list[Any]], dict[Any, Any]]
    ) -> dict[Any, Any]:
        """Return each wanted metric's value by its id."""
        ...


_resolver: ContextVar[MetricResolver] = ContextVar("talk")


@contextmanager
def resolving_with(resolver: MetricResolver) -> Iterator[None]:
    """Have the engine answer so within the block."""
    token = _resolver.set(resolver)
    try:
        yield
    finally:
        _resolver.reset(token)


_recorded: ContextVar[dict[Key, Any] | None] = ContextVar("recorded", default=None)


@contextmanager
def recording_metrics() -> Iterator[dict[Key, Any]]:
    """Give the values by metric that Spark computes within the block."""
    values: dict[Key, Any] = {}
    token = _recorded.set(values)
    try:
        yield values
    finally:
        _recorded.reset(token)


def exact_numbers(values: Mapping[Key, Any]) -> dict[Key, Any]:
    """Return those of observed values that are numbers of rows: a mark says that there are rows, and not how many."""
    return {key: value for key, value in values.items() if key[0] == ROW_COUNT or (_counts_rows(key) and value == 0)}


def _counts_rows(key: Key) -> bool:
    return key[0] == ROW_COUNT or key[0].endswith(COUNT)


_known: ContextVar[Mapping[Key, Any]] = ContextVar("known", default=MappingProxyType({}))


@contextmanager
def knowing_metrics(values: Mapping[Key, Any]) -> Iterator[None]:
    """Have `RecordingEngine` take exact numbers of rows from these values within the block, and not from the data."""
    token = _known.set({key: value for key, value in values.items() if _counts_rows(key)})
    try:
        yield
    finally:
        _known.reset(token)


class ObservingEngine(SparkDFExecutionEngine):
    """Spark's engine, which asks `resolving_with` instead of the data."""

    def resolve_metrics(self, metrics_to_resolve: Any, metrics: Any = None, runtime_configuration: Any = None) -> Any:
        """Return each metric's value by its id."""

        def compute_stock(remaining: list[Any]) -> dict[Any, Any]:
            values: dict[Any, Any] = {}
            for metric in remaining:
                try:
                    values |= (
                        super(ObservingEngine, self).resolve_metrics([metric], metrics, runtime_configuration) or {}
                    )
                except MetricResolutionError:
                    if not isinstance(_resolver.get(), MetricCollector):
                        raise
            return {metric.id: values[metric.id] for metric in remaining if metric.id in values}

        return _resolver.get().resolve_wanted(self, list(metrics_to_resolve), compute_stock)


class RecordingEngine(SparkDFExecutionEngine):
    """Spark's engine, which keeps what it computed for `recording_metrics`, and computes nothing that is known."""

    def resolve_metrics(self, metrics_to_resolve: Any, metrics: Any = None, runtime_configuration: Any = None) -> Any:
        """Return each metric's value by its id."""
        requested, known = list(metrics_to_resolve), _known.get()
        values = {metric.id: known[key] for metric in requested if (key := metric_key(metric)) in known}
        remaining = [metric for metric in requested if metric.id not in values]
        values |= super().resolve_metrics(remaining, metrics, runtime_configuration) if remaining else {}
        if (recorded := _recorded.get()) is not None:
            recorded |= {metric_key(metric): values[metric.id] for metric in requested if metric.id in values}
        return values


class RecordedSparkDatasource(SparkDatasource):
    """Spark frames whose metrics are kept; `data_sources.add_spark_recorded` makes one."""

    type: Literal["spark_recorded"] = "spark_recorded"  # pyright: ignore[reportIncompatibleVariableOverride]

    @property
    def execution_engine_type(self) -> Any:
        """The engine that computes and keeps."""
        return RecordingEngine


class ObservedSparkDatasource(SparkDatasource):
    """Spark frames whose metrics are observed elsewhere; `data_sources.add_spark_observed` makes one."""

    type: Literal["spark_observed"] = "spark_observed"  # pyright: ignore[reportIncompatibleVariableOverride]

    @property
    def execution_engine_type(self) -> Any:
        """The engine that answers."""
        return ObservingEngine
