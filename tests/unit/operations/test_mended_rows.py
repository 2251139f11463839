"""A file of mended rows is checked line by line before a job is started for it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sluice.cli.errors import WrongUse
from sluice.operations import quarantined_rows
from sluice.operations.mending import mended_rows
from sluice.operations.mending.shown_rows import ShownRows

Change = Callable[[dict[str, Any]], str]
SAME: Change = json.dumps
KNOWN = {"r1": {"quantity": "1", "colour": "red"}, "r2": {"quantity": "2"}, "r3": "no row at all", "r4": None}
SHOWN = ShownRows(KNOWN, ("quantity", "region"), {"r4": "1;2;3"})


def change_source(text: str) -> Change:
    """Return what writes a row with another source, as text."""
    return lambda row: f'{{"row": "{row["row"]}", "source": {text}}}'


def read_mended(tmp_path: Path, *lines: Change, start: str = "") -> dict[str, Any]:
    file = tmp_path / "rows.jsonl"
    file.write_text(start + "\n".join(line({"row": "r1", "source": KNOWN["r1"]}) for line in lines), encoding="utf-8")
    return mended_rows.read_mended_rows(file, SHOWN).sources


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((SAME,), "no row differs from what is set aside"),
        ((), "no row differs from what is set aside"),
        ((lambda row: json.dumps({**row, "row": "nowhere"}),), "line 1: 'nowhere' is no row of this run"),
        ((SAME, SAME), "line 2: row r1 stands twice"),
        ((change_source('"text"'),), 'line 1: write {"row": "<id>", "source": {...}}'),
        ((lambda _: "[1]",), 'line 1: write {"row": "<id>", "source": {...}}'),
        ((lambda _: "{",), "line 1 is no JSON"),
        ((lambda _: "[" * 100_000,), "line 1 is no JSON"),
        ((change_source('{"quantity": NaN}'),), "line 1 is no JSON: NaN is no number"),
        ((change_source('{"quantity": -Infinity}'),), "line 1 is no JSON: -Infinity is no number"),
        ((change_source('{"quantity": "1", "quantity": "2"}'),), "line 1 is no JSON: 'quantity' stands twice"),
        (
            (change_source('{"quantty": "1"}'),),
            "line 1: 'quantty' is no column of the contract; did you mean 'quantity'",
        ),
        ((change_source('{"Region": "1"}'),), "line 1: 'Region' is no column of the contract; did you mean 'region'"),
        ((change_source('{"x": "1"}'),), "line 1: 'x' is no column of the contract; there are: quantity, region"),
        ((lambda _: '{"row": "r4", "source": null, "raw": "1,2"}',), "line 1: `raw` is only shown"),
        (
            (change_source('{"region": "***"}'),),
            "line 1: region is ***, which is the row's own value, and this row has none",
        ),
    ],
)
def test_a_file_that_mends_nothing_or_no_row_is_refused_with_its_line(
    tmp_path: Path, lines: tuple[Change, ...], expected: str
) -> None:
    with pytest.raises(WrongUse) as refused:
        read_mended(tmp_path, *lines)
    assert expected in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("number", ["12345678901234567890.10", "-0", "1E+2", pytest.param("9" * 5000, id="long")])
def test_rows_that_differ_are_mended_and_a_number_stays_the_text_it_was(tmp_path: Path, number: str) -> None:
    unchanged: Change = lambda _: json.dumps({"row": "r2", "source": KNOWN["r2"]})  # noqa: E731
    mended = read_mended(
        tmp_path, change_source(f'{{"quantity": {number}, "colour": "red"}}'), unchanged, lambda _: "  "
    )
    assert mended == {"r1": {"quantity": number, "colour": "red"}}
    assert quarantined_rows.parse_source(f'{{"quantity": {number}}}') == {"quantity": number}


def test_a_value_may_hold_what_other_readers_take_for_the_end_of_a_line(tmp_path: Path) -> None:
    ends = "a\u2028b\x85c\u2029d"
    assert read_mended(tmp_path, change_source(json.dumps({"region": ends}, ensure_ascii=False))) == {
        "r1": {"region": ends}
    }


def test_a_byte_order_mark_of_an_editor_is_no_part_of_the_first_row(tmp_path: Path) -> None:
    assert read_mended(tmp_path, change_source('{"region": "EU"}'), start="\ufeff") == {"r1": {"region": "EU"}}


@pytest.mark.parametrize("break_file", [Path.mkdir, lambda file: file.write_bytes(b"\xff\xfe{")])
def test_what_cannot_be_read_is_said_with_the_command_that_writes_one(
    tmp_path: Path, break_file: Callable[[Path], object]
) -> None:
    break_file(tmp_path / "rows.jsonl")
    with pytest.raises(WrongUse, match=r"rows\.jsonl cannot be read: .*write one with `quarantine RUN --rows FILE`"):
        mended_rows.read_mended_rows(tmp_path / "rows.jsonl", SHOWN)


def test_every_fault_is_named_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(WrongUse) as refused:
        read_mended(tmp_path, change_source('{"x": "1"}'), SAME, lambda _: "{", SAME)
    assert [fault.partition(": ")[0].rpartition("/")[2] for fault in str(refused.value).splitlines()] == [
        "rows.jsonl, line 1",
        "rows.jsonl, line 3 is no JSON",
        "rows.jsonl, line 4",
    ]


def test_a_masked_value_is_the_rows_own_and_a_row_that_is_none_stays(tmp_path: Path) -> None:
    unread: Change = lambda _: '{"row": "r3", "source": "***", "raw": "***"}'  # noqa: E731
    mended = read_mended(tmp_path, change_source('{"quantity": "2", "colour": "***"}'), unread)
    assert mended == {"r1": {"quantity": "2", "colour": "red"}}
