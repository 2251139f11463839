"""The program and `lint` refuse a query that the run would refuse, by a parser of their own that never allows more."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.settings.contracts import load_contract
from components.settings.query_judge import query_refusal
from tests.lake.query_corpus import ALLOWED, COLUMNS, REFUSED

DELETING = "DELETE FROM lake.db.trades WHERE true -- {batch}"


def test_what_contracts_ask_is_allowed() -> None:
    assert {query: fault for query in ALLOWED if (fault := query_refusal(query, list(COLUMNS)))} == {}


def test_whatever_spark_would_refuse_is_refused() -> None:
    assert [query for query in REFUSED if not query_refusal(query, list(COLUMNS))] == []


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        (DELETING, "it is no SELECT"),
        (
            "select * from {batch} join trades using (id)",
            "it reads trades, which is neither {batch} nor a WITH of the query",
        ),
        ("select uuid() from {batch}", "it calls uuid"),
        ("select length(id, id) from {batch}", "it calls length with 2 arguments"),
        ("select * from {batch}, range(3)", "it calls range"),
        ("select * from batch_of_rows -- {batch}", "it holds batch_of_rows, the name that {batch} has here"),
        ("select nothing from {batch}", "it cannot be read: Column 'nothing' could not be resolved."),
    ],
)
def test_a_refusal_says_what_is_in_the_way(query: str, fault: str) -> None:
    assert (query_refusal(query, list(COLUMNS)) or "").startswith(fault)


def write_suites(folder: Path, query: Any, **rule: Any) -> Path:
    """Write a dataset of two suites, whose output has a rule that is damaged as `rule` says before the one with the query."""
    asking = {
        "type": "unexpected_rows_expectation",
        "kwargs": {"unexpected_rows_query": query},
        "meta": {"rule": "a.b"},
    }
    meta = {"owner": "me", "version": "1.0.0", "freshness_hours": 26, "columns": [{"name": "id", "type": "string"}]}
    suite_folder = folder / "expectations" / "made"
    suite_folder.mkdir(parents=True)
    for side in ("input", "output"):
        (suite_folder / f"{side}.json").write_text(json.dumps({"meta": meta, "expectations": [rule, asking]}))
    return folder


@pytest.mark.parametrize("rule", [{}, {"kwargs": None, "meta": 5}, {"type": []}])
def test_the_program_deploys_no_suite_whose_query_does_more_than_select(tmp_path: Path, rule: dict[str, Any]) -> None:
    with pytest.raises(
        ValueError, match=r"a\.b of expectations/made/input\.json does more: it is no SELECT; write one SELECT"
    ):
        load_contract("made", write_suites(tmp_path, DELETING, **rule))


def test_the_program_deploys_a_suite_that_selects(tmp_path: Path) -> None:
    assert load_contract("made", write_suites(tmp_path, "select * from {batch} where id rlike '^a{2}$'")).owner == "me"
