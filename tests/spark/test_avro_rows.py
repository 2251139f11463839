"""Rows of Avro as Spark has them: each value as its type, and what is none beside it."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from etl.contract.table_names import LINE, ORDINAL
from etl.sources import readers
from etl.sources.casting import OUT_OF_RANGE
from etl.sources.line_regex import LineRegex
from etl.sources.provenance import BROKEN
from sluice.contracts.backtest import files
from sluice.contracts.prove.raw_files import file_body
from tests.unit.job.test_avro import NESTED_TEXTS, RECORD, VALUES, WHOLE, WHOLE_SCHEMA, avro_file

SPOT = VALUES[0]["customer"]["at"]


def test_each_value_keeps_its_type_and_its_digits(spark: Any, tmp_path: Path) -> None:
    nothing = {"raw": b"", "id": "", "ns": 1_000_000_000}
    too_wide = {**RECORD, "fare": (10**38).to_bytes(17, "big"), "ns": 0}
    late = {**RECORD, "on": 2932897, "at": -(2**62)}
    seen = {**SPOT, "seen": 1}
    inexact = {**VALUES[0], "customer": {"at": SPOT, "before": seen}, "deep": [[7]]}
    flat = [RECORD, too_wide, late, {**RECORD, **nothing}]
    records = [{**record, **nested} for record, nested in zip(flat, (*VALUES, inexact, VALUES[1]), strict=True)]
    (tmp_path / "a.avro").write_bytes(avro_file(records, WHOLE_SCHEMA, "deflate"))
    looks = files.preflight_files(spark, files.list_objects([tmp_path / "a.avro"]), WHOLE)
    frame = readers.read_objects(spark, files.DISK, looks, WHOLE, LineRegex(), files.STREAMS)
    rows = [row.asDict() for row in frame.sort(ORDINAL).collect()]
    assert [row[ORDINAL] for row in rows] == [0, 1, 2, 3]
    assert [row[BROKEN] for row in rows] == [False, True, False, False]
    first, _, beyond, last = rows
    beside = f"{OUT_OF_RANGE}ns"
    assert (first["ns"], first[beside]) == (None, "1970-01-01T00:00:01.000000001Z")
    expected = {
        **{"riders": -(2**63), "ratio": 0.1 + 0.2, "low": 0.5, "paid": False, "kind": "CASH", "any": 2**40},
        **{"on": date(1, 1, 1), "fare": Decimal(f"-{10**35}.01"), "tax": Decimal("0.012"), "seats": None},
        "local": datetime(1970, 1, 1, 0, 0, 0, 1000),
    }
    assert {name: first[name] for name in expected} == expected
    assert bytes(first["raw"]) == b"\x00\xff"
    assert (bytes(last["raw"]), last["id"], last["ns"], last[beside]) == (b"", "", last["ns"], None)
    assert last["ns"].astimezone(UTC) == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert first["at"].astimezone(UTC) == datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    assert (beyond["on"], beyond["at"], beyond[f"{OUT_OF_RANGE}on"]) == (None, None, "2932897 days since 1970-01-01")
    [line, nothing_there] = first["lines"]
    assert (line["fare"], line["on"], line["n"], nothing_there) == (Decimal("1.05"), date(2025, 1, 31), 1, None)
    spot = first["customer"]["at"]
    assert (spot["x"], bytes(spot["raw"]), first["customer"]["before"], first["deep"]) == (0.1 + 0.2, b"", None, [])
    assert spot["seen"].astimezone(UTC) == datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    assert (last["lines"], last["customer"], last["deep"]) == ([], None, [[1, None], None])
    assert (beyond["customer"], beyond["deep"]) == (None, [[7]])
    assert json.loads(beyond[f"{OUT_OF_RANGE}customer"])["before"]["seen"] == "1970-01-01T00:00:00.000000001Z"
    assert json.loads(beyond[LINE])["customer"]["before"]["seen"] == "1970-01-01T00:00:00.000000001Z"
    assert json.loads(first[LINE])["lines"][0] | {"n": 1} == {**NESTED_TEXTS[0]["lines"][0], "n": 1}
    assert '"seats":null' in first[LINE]
    assert '"fare":-100000000000000000000000000000000000.01' in first[LINE]


@pytest.mark.parametrize("form", ["avro"])
def test_rows_of_a_proof_come_back_as_they_were_written(spark: Any, tmp_path: Path, form: str) -> None:
    row: dict[str, Any] = {
        **{"id": "a", "seats": 1, "riders": 2, "ratio": 1e300, "low": 0.25, "paid": True, "raw": b"x", "kind": "k"},
        **{"other": "o", "uid": "u", "clock": 0, "any": 9, "on": date(9999, 12, 31)},
        **{"at": datetime(2025, 1, 1, 1, tzinfo=UTC), "ms": None, "ns": None, "local": datetime(1, 1, 1)},
        **{"fare": Decimal("9" * 36 + ".99"), "tax": Decimal("-99.999")},
    }
    line = ("a", 1, Decimal("-0.05"), date(1, 1, 1), "k")
    spots = ((0.5, datetime(2025, 1, 1, tzinfo=UTC), b"x"), None)
    row |= {"lines": (line, None), "customer": spots, "deep": ((1, None), None)}
    (tmp_path / f"a.{form}").write_bytes(file_body([row], WHOLE))
    looks = files.preflight_files(spark, files.list_objects([tmp_path / f"a.{form}"]), WHOLE)
    assert looks[0].fault is None, looks[0].detail
    frame = readers.read_objects(spark, files.DISK, looks, WHOLE, LineRegex(), files.STREAMS)
    [read] = [values.asDict() for values in frame.collect()]
    read["at"] = read["at"].astimezone(UTC)
    x, seen, raw = read["customer"]["at"]
    read["customer"] = ((x, seen.astimezone(UTC), bytes(raw)), read["customer"]["before"])
    read["lines"] = tuple(line and tuple(line) for line in read["lines"])
    read["deep"] = tuple(entry and tuple(entry) for entry in read["deep"])
    assert {name: read[name] for name in row} == row
