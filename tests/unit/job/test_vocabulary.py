"""The table of expectations says what the library's own models say, and what Spark can judge."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.contract.validation.suite import faults_of
from etl.contract.vocabulary import NO_SPARK, REFUSED, VOCABULARY
from tests.lake.examples import EXAMPLES, suite_of

gx = pytest.importorskip("great_expectations")
from great_expectations.expectations import registry  # noqa: E402
from great_expectations.expectations.expectation import (  # noqa: E402
    ColumnMapExpectation,
    ColumnPairMapExpectation,
    Expectation,
    MulticolumnMapExpectation,
)

MAPS = (ColumnMapExpectation, ColumnPairMapExpectation, MulticolumnMapExpectation)
OF_THE_FRAME = {"batch_id", "library_metadata"}
STRICTER = {"regex", "type_list"}
"""Arguments that the library has a default or null for, with which nothing can break the rule."""


def model_fields(kind: str) -> dict[str, Any]:
    """Return the model's own arguments, without those that every expectation has."""
    model: Any = registry.get_expectation_impl(kind)
    every: Any = Expectation
    shared = every.__fields__.keys() | OF_THE_FRAME
    return {name: field for name, field in model.__fields__.items() if name not in shared}


def metric_names(kind: str) -> list[str]:
    model: Any = registry.get_expectation_impl(kind)
    mapped = getattr(model, "map_metric", None)
    return [mapped] if mapped else list(model.metric_dependencies)


def on_spark(metric: str) -> bool:
    registered_names = [
        registered_name
        for registered_name in registry._registered_metrics
        if registered_name == metric or registered_name.startswith(f"{metric}.")
    ]
    return any(
        "SparkDFExecutionEngine" in registry._registered_metrics[registered_name]["providers"]
        for registered_name in registered_names
    )


def test_every_expectation_of_the_library_is_either_known_or_refused_with_a_reason() -> None:
    assert sorted({*VOCABULARY, *REFUSED}) == sorted(registry.list_registered_expectation_implementations())
    assert not VOCABULARY.keys() & REFUSED.keys()


@pytest.mark.parametrize("kind", VOCABULARY)
def test_it_takes_the_arguments_that_the_library_takes(kind: str) -> None:
    vocabulary_entry = VOCABULARY[kind]
    assert vocabulary_entry.arguments == model_fields(kind).keys()
    demanded = {*vocabulary_entry.columns, *vocabulary_entry.column_lists, *vocabulary_entry.required}
    assert demanded - STRICTER == {name for name, field in model_fields(kind).items() if field.required} - STRICTER


@pytest.mark.parametrize("kind", VOCABULARY)
def test_it_judges_rows_where_the_library_maps_them(kind: str) -> None:
    model: Any = registry.get_expectation_impl(kind)
    by_declared_type = kind in ("expect_column_values_to_be_of_type", "expect_column_values_to_be_in_type_list")
    assert VOCABULARY[kind].judges.is_row is (issubclass(model, MAPS) and not by_declared_type)


# On Spark the library compares the declared type of these instead of looking at values.
BY_TYPE = {"column_values.of_type", "column_values.in_type_list"}


@pytest.mark.parametrize("kind", VOCABULARY)
def test_spark_can_judge_what_is_known(kind: str) -> None:
    assert metric_names(kind)
    assert all(on_spark(metric) or metric in BY_TYPE for metric in metric_names(kind))


def test_spark_cannot_judge_what_is_refused_for_that() -> None:
    refused = [kind for kind, (reason, _) in REFUSED.items() if reason == NO_SPARK]
    assert refused
    assert not [kind for kind in refused if all(map(on_spark, metric_names(kind)))]


@pytest.mark.parametrize("kind", VOCABULARY)
def test_the_library_keeps_an_example_of_each(kind: str) -> None:
    assert library_accepts(
        [{"type": kind, "kwargs": EXAMPLES[kind], "meta": {"rule": "trips.example", "why": "An example."}}]
    )


def library_accepts(rules: list[dict[str, Any]]) -> bool:
    """Say whether the library makes an expectation of each rule; it raises or drops one that it does not like."""
    return len(gx.ExpectationSuite(name="trips", expectations=json.loads(json.dumps(rules))).expectations) == len(rules)


WHERE = {"type": "nullity", "column": {"name": "city"}, "is_null": True}
SCALARS = [None, True, 0, 1, -1, 0.5, 1.5, 2**60, 10**40, 1e300, "", "a", "(", "1", "2025-01-31", "2025-02-31"]
WORDS = ["all", "any", "never", "neither", "IntegerType", "fare", "day"]
OTHERS = [
    [],
    [1],
    ["a"],
    ["a", "b"],
    ["city", "day"],
    [[1, 2]],
    {},
    WHERE,
    {"$PARAMETER": "run_date"},
    {"$PARAMETER": "x"},
]
ODD = st.sampled_from([*SCALARS, *WORDS, *OTHERS])


@given(st.sampled_from(sorted(VOCABULARY)), st.data())
@settings(max_examples=300, deadline=None)
def test_what_loads_strictly_the_library_keeps(kind: str, data: st.DataObject) -> None:
    kwargs = dict(EXAMPLES[kind])
    for _ in range(2):
        kwargs[data.draw(st.sampled_from(sorted(VOCABULARY[kind].arguments)))] = data.draw(ODD)
    rule = {"type": kind, "kwargs": kwargs, "meta": {"rule": "trips.example", "why": "An example."}}
    assert faults_of(suite_of(rule)) or library_accepts([rule])
