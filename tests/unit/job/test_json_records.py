"""Records of JSON that are not one a line: each as it stands, and a file whose records cannot be told is refused whole."""

import io
import json
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.contract.loading import contract_of, parse_suite
from etl.contract.model import Contract
from etl.sources import json_records
from etl.sources.json_forms import describe_other_form
from etl.sources.json_records import BrokenRecords, iterate_json_records
from tests.lake import LAKE

LONG = f'{{"a": 1e999999, "b": {"9" * 5000}}}'


def texts_of(text: str, records: str) -> list[str]:
    return [record.text for record in iterate_json_records(io.BytesIO(text.encode()), records)]


@pytest.mark.parametrize(
    ("records", "text", "expected"),
    [
        ("array", "[]", []),
        ("array", ' [ {"a":1} , {"b":[1,2],"c":"]"}\n]\n', ['{"a":1}', '{"b":[1,2],"c":"]"}']),
        ("array", f"\ufeff[{LONG}]", [LONG]),
        ("data.items", '{"n": 2, "data": {"items": [1, {"c": "}"}], "more": []}, "z": []}', ["1", '{"c": "}"}']),
        ("$.objects", '{"objects":[{"a":"\\ud800"}]}', ['{"a":"\\ud800"}']),
        ("objects", '{"a":1}\n{\n "b": 2\n}{"c":1} 12', ['{"a":1}', '{\n "b": 2\n}', '{"c":1}', "12"]),
        ("objects", "", []),
        ("lines", '{"a":1}\r\n\r\n{"b"', ['{"a":1}\r\n', '{"b"']),
    ],
)
def test_a_record_is_the_text_that_stands_in_the_file(records: str, text: str, expected: list[str]) -> None:
    assert texts_of(text, records) == expected


@pytest.mark.parametrize(
    ("records", "text", "why"),
    [
        ("array", '{"a":1}', "there is no [ at character 1"),
        ("array", '[{"a":1},]', "what begins at character 10 is no value of JSON"),
        ("array", '[{"a":1}', "there is no ] at character 9"),
        ("array", '[{"a":1}] x', "its value ends before character 11, and something follows it"),
        ("array", "[" * 100_000, "what begins at character 2 is no value of JSON"),
        ("features", '{"features":[{"x":1}],"features":[]}', "an object has 'features' 2 times"),
        ("features", '{"x":1}', "an object has 'features' not once"),
        ("features", '{"features":{"x":[]}}', "there is no [ at character 13"),
        ("features", '{"features":[1],}', 'there is no " at character 17'),
        ("features", '{"features":[1]}{}', "its value ends before character 17, and something follows it"),
        ("objects", '{"a":1} {"b"', "its last 4 characters are no value of JSON"),
        ("objects", '{"a":1},{"b":1}', "its last 8 characters are no value of JSON"),
    ],
)
def test_a_file_whose_records_cannot_be_told_is_refused_whole(records: str, text: str, why: str) -> None:
    with pytest.raises(BrokenRecords) as broken:
        texts_of(text, records)
    assert (broken.value.rule, broken.value.why) == ("format", why)


@pytest.mark.parametrize(
    ("records", "text"),
    [("array", f"[{'1,' * 9}1]"), ("x", f'{{"x": [{"1," * 9}1]}}'), ("objects", '{"a": ' + "1" * 99)],
)
def test_what_a_task_cannot_hold_is_refused_for_its_size(records: str, text: str) -> None:
    with (
        mock.patch.multiple(json_records, MAX_HELD_BYTES=16, CHUNK_CHARACTERS=4),
        pytest.raises(BrokenRecords) as broken,
    ):
        texts_of(text, records)
    assert broken.value.rule == "size"


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.dictionaries(st.text(), VALUES)), st.sampled_from([None, 1]), st.integers(1, 40))
def test_what_python_wrote_comes_back_as_it_was(rows: list[dict[str, object]], indent: int | None, chunk: int) -> None:
    texts = {
        "array": json.dumps(rows, indent=indent),
        "objects": "\n".join(json.dumps(row, indent=indent) for row in rows),
        "data.items": json.dumps({"n": [], "data": {"items": rows}, "m": {"items": [1]}}, indent=indent),
    }
    with mock.patch.object(json_records, "CHUNK_CHARACTERS", chunk):
        for records, text in texts.items():
            assert [json.loads(record) for record in texts_of(text, records)] == rows


def contract_with(records: str) -> Contract:
    suite = json.loads((LAKE / "expectations" / "trades" / "input.json").read_text())
    suite["meta"] |= {"format": "jsonl", "records": records}
    assert parse_suite(json.dumps(suite))[1] == []
    return contract_of(suite)


PRETTY = json.dumps({"id": 1, "region": "EU"}, indent=2)
GEO = {"type": "FeatureCollection", "crs": {"names": [1]}, "features": [{"a": [{"b": 1}]}, {"a": []}]}


@pytest.mark.parametrize(
    ("records", "text", "is_whole", "stated"),
    [
        ("lines", '[{"id": 1}]', True, '"array"'),
        ("lines", f"{PRETTY}\n{PRETTY}", True, '"objects"'),
        ("lines", PRETTY, True, '"objects"'),
        ("lines", f'{{\n "id": "{"x" * 99}', False, '"objects"'),
        ("lines", json.dumps(GEO), True, '"features"'),
        ("lines", json.dumps(GEO)[:90], False, '"features"'),
        ("lines", json.dumps({"data": {"a.b": [{}], "items": [{}, {}]}}, indent=1), True, '"data.items"'),
        ("objects", '[{"id": 1}]', True, '"array"'),
        ("array", '{"id": 1}\n{"id": 2}', True, '"lines"'),
        ("array", PRETTY, True, '"objects"'),
        ("array", json.dumps({"array": [{}]}), True, '"$.array"'),
        ("features", '[{"id": 1}]', True, '"array"'),
        ("lines", '{"id": 1}\n{"id": 2}', True, ""),
        ("lines", '{"id": 1}', True, ""),
        ("lines", '{"region": [{"id": 1}]}', True, ""),
        ("lines", '{"id": 1', True, ""),
        ("lines", '{"id": "' + "x" * 99, False, ""),
        ("lines", "id,region\n1,EU", True, ""),
        ("objects", '{"id": 1}\n{"id": 2}', True, ""),
        ("objects", PRETTY, True, ""),
        ("array", '[{"id": 1}]', True, ""),
        ("features", json.dumps(GEO)[:90], False, ""),
    ],
)
def test_another_form_is_named_with_what_to_write(records: str, text: str, is_whole: bool, stated: str) -> None:
    described = describe_other_form(text, is_whole, contract_with(records))
    assert described.endswith(f'write "records": {stated} in the meta of the input') if stated else described == ""
