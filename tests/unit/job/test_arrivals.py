"""`meta.arrivals`: what a suite may say of objects that are due, and what diff, docs and the export make of it."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.contract.arrivals import DueArrival
from etl.contract.file_glob import is_data_path
from etl.contract.glob_overlap import globs_overlap
from etl.contract.key_globs import key_globs, key_pattern, literal_prefix, matches_key
from etl.contract.loading import contract_of, parse_suite
from etl.contract.model import Contract
from sluice.contracts.diff.meta_changes import meta_changes
from sluice.contracts.export.odcs import build_document
from sluice.site.promises import input_terms
from tests.lake import LAKE

STORE = {"pattern": "trades/*-store17.csv", "by": "05:30", "days": "MON-SAT", "count": 1, "manifest": None}


def make_suite(*arrivals: Any, dataset: str = "trades", **meta: Any) -> dict[str, Any]:
    suite = json.loads((LAKE / "expectations" / dataset / "input.json").read_text())
    suite["meta"] |= {"arrivals": [*arrivals], **meta}
    return suite


def make_contract(*arrivals: Any, **meta: Any) -> Contract:
    return contract_of(make_suite(*arrivals, **meta))


def fault_texts(suite: dict[str, Any]) -> list[str]:
    return list(map(str, parse_suite(json.dumps(suite))[1]))


def test_a_stores_file_by_half_past_five_loads_as_it_is_written() -> None:
    assert make_contract(STORE).arrivals == (DueArrival(**STORE),)
    assert DueArrival(**STORE).weekdays == ("MON", "TUE", "WED", "THU", "FRI", "SAT")
    assert make_contract().arrivals == ()


def test_a_list_of_days_may_go_over_the_end_of_a_week() -> None:
    days = {"SAT-MON": ("MON", "SAT", "SUN"), "WED": ("WED",), "FRI,MON-TUE": ("MON", "TUE", "FRI")}
    assert {text: DueArrival(pattern="x", by="05:30", days=text).weekdays for text in days} == days


@pytest.mark.parametrize(
    "arrival",
    [
        {"pattern": "*.csv", "manifest": "*.manifest.json"},
        {"pattern": "a b/[x-z]ü{1,2{3,4}}?.csv", "by": "23:59", "count": 2},
        {"pattern": "**/*.csv", "by": "00:00", "since": "20:00"},
        {"pattern": "*.csv", "by": "05:30", "manifest": "_SUCCESS"},
    ],
)
def test_what_can_be_meant_loads(arrival: dict[str, Any]) -> None:
    assert fault_texts(make_suite(arrival)) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"by": "5:30"}, "an arrival's by is '5:30'; write a time of day in UTC such as 05:30"),
        ({"by": "24:00"}, "an arrival's by is '24:00'"),
        ({"by": 530}, "an arrival's by is 530"),
        ({"by": "05:30\n"}, "an arrival's by is '05:30\\n'"),
        ({"since": "05:30"}, "an arrival is due by 05:30 and counts only since then; write a since such as 20:00"),
        ({"by": "00:00"}, "an arrival is due by 00:00 and counts only since then"),
        ({"days": "MON-SAX"}, "an arrival's days is 'MON-SAX'; write days such as MON-SAT or MON,THU"),
        ({"days": "mon"}, "an arrival's days is 'mon'"),
        ({"days": ""}, "an arrival's days is ''"),
        ({"count": 0}, "an arrival's count is 0; write a whole number from 1"),
        ({"count": True}, "an arrival's count is True"),
        ({"pattern": "/x.csv"}, "an arrival's pattern is '/x.csv'; write a glob such as trades/*-zone17.csv"),
        ({"pattern": "s3://raw/trades/*.csv"}, "an arrival's pattern is 's3://raw/trades/*.csv'"),
        ({"pattern": "{a,b.csv"}, "an arrival's pattern is '{a,b.csv'"),
        ({"pattern": None}, "an arrival's pattern is None"),
        ({"pattern": "*.json"}, "due as '*.json', and meta.files 'in/**/*.csv' takes none of these; write a glob of"),
        ({"pattern": "trades/*.csv"}, "due as 'trades/*.csv', and meta.files"),
        ({"pattern": "in/_x/*.csv"}, "no run reads names that start with _ or a dot"),
        ({"manifest": "trades/in/*.csv"}, "an arrival has 'trades/in/*.csv' as its manifest too"),
        (
            {"manifest": "trades/**"},
            "an arrival has the manifest 'trades/**', which takes all that 'trades/in/*.csv' does, and a manifest is no data",
        ),
        ({"manifest": "/x"}, "an arrival's manifest is '/x'; write a glob such as trades/*.manifest.json, or null"),
        ({"every": "day"}, "an arrival has an unknown key 'every'; it may have by, count, days, manifest"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_remedy(changes: dict[str, Any], message: str) -> None:
    suite = make_suite({"pattern": "trades/in/*.csv", "by": "05:30", **changes}, files="in/**/*.csv")
    assert [text for text in fault_texts(suite) if message in text], fault_texts(suite)


def test_nothing_is_due_without_a_time_or_a_manifest() -> None:
    faults = fault_texts(make_suite({"pattern": "*.csv", "count": 2}))
    assert any("'*.csv' has neither by nor manifest, so nothing is due; write a time of day" in text for text in faults)
    assert any("an arrival has count without by, and nobody looks then; drop it" in text for text in faults)


def test_the_same_entry_twice_is_a_fault_and_another_time_is_none() -> None:
    assert fault_texts(make_suite(STORE, {**STORE, "by": "12:00"})) == []
    [fault] = fault_texts(make_suite(STORE, {**STORE}))
    assert "meta.arrivals has 'trades/*-store17.csv' twice with all the same; keep one" in fault


def test_arrivals_that_are_no_list_of_objects_are_refused() -> None:
    assert any("meta.arrivals holds 'x'" in text for text in fault_texts(make_suite("x")))
    suite = make_suite()
    suite["meta"]["arrivals"] = {}
    assert any("meta.arrivals is {}; write a list of objects such as" in text for text in fault_texts(suite))
    built = make_suite(STORE, dataset="trades_daily")
    assert any(
        "meta.arrivals stands in an input of tables, which reads no objects" in text for text in fault_texts(built)
    )


def test_a_glob_may_leave_out_the_datasets_prefix() -> None:
    assert key_globs("*-store17.csv", "trades") == ("trades/**/*-store17.csv",)
    assert key_globs("{a,in/b,trades/c}*", "trades") == ("trades/**/a*", "trades/in/b*", "trades/c*")
    assert matches_key("trades/2026/x-store17.csv", "*-store17.csv", "trades")
    assert not matches_key("trades/2026/x-store17.csv", "trades/*-store17.csv", "trades")


@pytest.mark.parametrize(
    ("glob", "prefix"),
    [
        ("trades/*-store17.csv", "trades/"),
        ("*.csv", "trades/"),
        ("in/2026-*.csv", "trades/in/2026-"),
        ("in/{ab,ac}/x.csv", "trades/in/a"),
        ("in/[ab]x", "trades/in/"),
        ("in/x.csv", "trades/in/x.csv"),
        ("{in/ab,trades/in/abc}", "trades/in/ab"),
    ],
)
def test_a_listing_begins_with_all_that_is_certain_of_a_glob(glob: str, prefix: str) -> None:
    assert literal_prefix(glob, "trades") == prefix


GLOBS = st.lists(
    st.sampled_from(["a", "b", "/", "*", "?", "**/", "**", "[ab]", "[!a]", "{a,b/c}"]), min_size=1, max_size=5
)
KEYS = st.text("abc/", min_size=1, max_size=6)


@settings(max_examples=300, deadline=None)
@given(GLOBS, GLOBS, KEYS)
def test_a_key_that_both_globs_take_is_never_said_to_be_none(first: list[str], second: list[str], path: str) -> None:
    globs, key = ["".join(first), "".join(second)], f"trades/{path}"
    if all(not glob.startswith("/") and matches_key(key, glob, "trades") for glob in globs):
        assert globs_overlap(*(key_globs(glob, "trades") for glob in globs))
    for glob in globs:  # below the prefix it means what meta.files means
        if not glob.startswith(("/", "trades/")) and is_data_path(path, glob):
            assert key_pattern(glob, "trades").fullmatch(key)
            assert key.startswith(literal_prefix(glob, "trades"))


def test_globs_without_a_common_key_are_known() -> None:
    apart = [("*.csv", "*.json"), ("trades/*.csv", "in/**/*.csv"), ("[ac]x", "[!a-c]x"), ("**/a", "b"), ("a?", "a/b")]
    assert [pair for pair in apart if globs_overlap(*(key_globs(glob, "trades") for glob in pair))] == []


def test_diff_docs_and_export_say_what_is_due() -> None:
    late = {"pattern": "*-store18.csv", "by": "02:00", "since": "20:00", "manifest": "*.manifest.json"}
    old, new = make_contract(STORE), make_contract({**STORE, "by": "06:00"}, late)
    assert [(change.subject, change.words, change.how, str(change.label)) for change in meta_changes(old, new)] == [
        ("arrivals trades/*-store17.csv", "1 by 05:30 UTC, MON-SAT", "removed", "documentation"),
        ("arrivals trades/*-store17.csv", "1 by 06:00 UTC, MON-SAT", "added", "documentation"),
        (
            "arrivals *-store18.csv",
            "1 by 02:00 UTC, put since 20:00 of the day before, MON-SUN, with the manifest *.manifest.json",
            "added",
            "breaking for producers",
        ),
    ]
    assert input_terms(old)["Due"] == "trades/*-store17.csv: 1 by 05:30 UTC, MON-SAT"
    published = contract_of(json.loads((LAKE / "expectations" / "trades" / "output.json").read_text()))
    document = json.dumps(build_document(old, published)["customProperties"])
    assert re.search(r'"arrivals": \[\{"pattern": "trades/\*-store17.csv", "by": "05:30"', document)
