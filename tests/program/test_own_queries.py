"""A user's queries lie beside the contracts of what they ask, and become saved queries of the stacks that have it."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from components.readers.queries import Query, athena_queries

OUTPUT = '{"meta": {"key": ["id"]}}'
Queries = Callable[..., dict[str, Query]]


@pytest.fixture
def queries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Queries:
    """Return the saved queries by name of a stack with some of the lake's datasets, given files by dataset and name."""
    monkeypatch.setenv("SLUICE_LAKE", str(tmp_path))

    def saved_queries(*deployed: str, **files: str) -> dict[str, Query]:
        for name in ("stores", "visits"):
            (tmp_path / "expectations" / name / "queries").mkdir(parents=True, exist_ok=True)
            (tmp_path / "expectations" / name / "output.json").write_text(OUTPUT)
        for place, text in files.items():
            dataset, _, name = place.partition("__")
            (tmp_path / "expectations" / dataset / "queries" / f"{name}.sql").write_text(text)
        terms = SimpleNamespace(sources=(), output=OUTPUT, freshness_hours=26)
        datasets: Any = tuple(SimpleNamespace(name=name, terms=terms) for name in deployed)
        return {query.name: query for query in athena_queries(datasets)}

    return saved_queries


def test_what_tells_rows_by_their_key_is_not_asked_of_rows_without_one(
    queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "stores-changed" in queries("stores")
    monkeypatch.setattr(f"{__name__}.OUTPUT", '{"meta": {"key": []}}')
    of_stores = {name for name in queries("stores") if name.startswith("stores-")}
    assert of_stores == {"stores-aside", "stores-freshness", "stores-versions"}


def test_a_query_has_its_files_name_its_comment_and_its_text_as_it_is(queries: Queries) -> None:
    text = "-- Stores by city,\n-- the largest first.\nSELECT '{city}' FROM stores\n"
    query = queries("stores", stores__cities=text)["cities"]
    assert (query.sql, query.description, query.resource_name) == (
        text,
        "Stores by city, the largest first.",
        "lake-cities",
    )
    assert "cities" not in queries("visits")


def test_a_query_of_several_datasets_goes_where_all_of_them_are(queries: Queries) -> None:
    text = "-- Visits by city.\n-- of: visits, stores\nSELECT 1\n"
    assert queries("stores", "visits", visits__cities=text)["cities"].description == "Visits by city."
    assert "cities" not in queries("visits")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1\n", r"cities\.sql begins with no comment that says what it answers"),
        ("-- of: stores\nSELECT 1\n", r"cities\.sql begins with no comment that says what it answers"),
        ("-- Cities.\n-- of: store\nSELECT 1\n", r"there is no expectations/store: name .*; did you mean 'stores'\?"),
    ],
)
def test_a_query_that_does_not_say_what_it_answers_and_of_what_is_refused(
    queries: Queries, text: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        queries("stores", stores__cities=text)


def test_what_is_asked_of_the_lake_is_there_once_and_where_there_is_a_dataset(queries: Queries) -> None:
    saved = queries("stores", "visits")
    of_lake = [name for name in saved if name.startswith("results-")]
    assert len(of_lake) == 7
    assert {saved[name].resource_name for name in of_lake} == {f"lake-{name}" for name in of_lake}
    assert "at 0.308 USD per DPU-hour" in saved["results-cost"].description
    assert "{" not in "".join(saved[name].sql for name in of_lake)
    assert queries() == {}


def test_no_two_queries_of_a_stack_have_one_name(queries: Queries) -> None:
    text = "-- Cities.\nSELECT 1\n"
    with pytest.raises(ValueError, match="2 saved queries are called cities: give one's file another name"):
        queries("stores", "visits", stores__cities=text, visits__cities=text)
    assert "cities" in queries("stores")
    with pytest.raises(ValueError, match="2 saved queries are called stores-versions"):
        queries("stores", **{"stores__stores-versions": text})
