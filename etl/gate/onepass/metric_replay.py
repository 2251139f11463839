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
from typing import Any, Literal, Protocol

from great_expectations.datasource.fluent.spark_datasource import SparkDatasource
from great_expectations.exceptions.exceptions import MetricResolutionError
from great_expectations.execution_engine.sparkdf_execution_engine import SparkDFExecutionEngine
from great_expectations.util import convert_to_json_serializable

from etl.gate.onepass.metric_collection import AGGREGATES, MADE, OF_SCHEMA, Collected, Key, key_of

DERIVED = ("column.non_null_proportion", "column.unique_proportion")  # from other values alone


@dataclass(frozen=True)
class Observed:
    """Values by metric, as Spark brought them."""

    values: Mapping[Key, Any]

    def resolve(self, engine: Any, wanted: list[Any], compute: Callable[[list[Any]], dict[Any, Any]]) -> dict[Any, Any]:
        """Hand the values back; conditions are needed no more.

        Raises:
            MetricResolutionError: a metric was not observed.
        """
        keys = {one.id: key_of(one) for one in wanted}
        found = {id_: _as_told(key[0], self.values[key]) for id_, key in keys.items() if key in self.values}
        found |= {one.id: None for one in wanted if one.metric_name.endswith(MADE)}
        rest = [one for one in wanted if one.id not in found]
        if missing := [one for one in rest if one.metric_name not in (*OF_SCHEMA, *DERIVED)]:
            raise MetricResolutionError(message="not observed", failed_metrics=tuple(missing))
        return found | compute(rest)


def _as_told(name: str, value: Any) -> Any:
    """Return a value as the library's own engine has it."""
    return convert_to_json_serializable(value) if name in AGGREGATES else value


class Talk(Protocol):
    """How the engine answers the library."""

    def resolve(self, engine: Any, wanted: list[Any], compute: Callable[[list[Any]], dict[Any, Any]]) -> dict[Any, Any]:
        """Return each wanted metric's value by its id."""
        ...


_talk: ContextVar[Talk] = ContextVar("talk")


@contextmanager
def answering(talk: Talk) -> Iterator[None]:
    """Have the engine answer so within the block."""
    token = _talk.set(talk)
    try:
        yield
    finally:
        _talk.reset(token)


class ObservingEngine(SparkDFExecutionEngine):
    """Spark's engine, which asks `answering` instead of the data."""

    def resolve_metrics(self, metrics_to_resolve: Any, metrics: Any = None, runtime_configuration: Any = None) -> Any:
        """Return each metric's value by its id."""

        def compute(rest: list[Any]) -> dict[Any, Any]:
            found: dict[Any, Any] = {}
            for one in rest:
                try:
                    found |= super(ObservingEngine, self).resolve_metrics([one], metrics, runtime_configuration) or {}
                except MetricResolutionError:
                    if not isinstance(_talk.get(), Collected):
                        raise
            return {one.id: found[one.id] for one in rest if one.id in found}

        return _talk.get().resolve(self, list(metrics_to_resolve), compute)


class ObservedSparkDatasource(SparkDatasource):
    """Spark frames whose metrics are observed elsewhere; `data_sources.add_spark_observed` makes one."""

    type: Literal["spark_observed"] = "spark_observed"  # pyright: ignore[reportIncompatibleVariableOverride]

    @property
    def execution_engine_type(self) -> Any:
        """The engine that answers."""
        return ObservingEngine
