"""Every rule of typed texts, of other dialects and records, and of rows without a key is shown to bite."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from etl.contract.loading import contract_of
from etl.contract.types import ColumnType
from etl.contract.validation.suite import faults_of
from sluice.cli.app import main
from sluice.contracts.prove.proof import prove_rules
from sluice.contracts.prove.raw_texts import BEYOND
from sluice.contracts.prove.report import ProofReport
from sluice.contracts.suite_files import suite_file
from tests.draft_files import FILES
from tests.spark.lake import TODAY

OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "id": ("string", {}),
    "at": ("timestamp", {"zone": "Europe/Berlin"}),
    "heard": ("timestamp", {"epoch": "millis", "null_values": ["0"]}),
    "day": ("date", {"format": ["dd/MM/yyyy", "dd.MM.yy"]}),
    "seen": ("timestamp", {"format": "dd.MM.yyyy HH:mm", "zone": "America/New_York"}),
    "price": ("decimal(12,2)", {"decimal": ",", "group": ".", "strip": ["EUR"]}),
    "share": ("double", {"decimal": ","}),
    "ratio": ("double", {}),
    "paid": ("boolean", {"true_values": ["Ja"], "false_values": ["Nein"]}),
    "count": ("int", {"group": "'"}),
    "clock": ("timestamp_ntz", {}),
    "blob": ("binary", {}),
}
ODD_CSV = {
    "dialect": {
        **{"delimiter": "|", "encoding": "utf-16", "multi_line": True, "skip_rows": 2, "skip_footer": 1},
        **{"null_values": ["NA"], "comment": "#"},
    },
    "header_match": "by_name",
    "extra_columns": "ignore",
}
ASIDE = {"row": "warning", "text": "warning", "cast": "warning"}
FILES_OF_TYPES: dict[str, dict[str, Any]] = {
    "csv": {"format": "csv", "dialect": {"delimiter": ";", "encoding": "windows-1252", "header": False}},
    "odd csv": {"format": "csv", **ODD_CSV},
    "a list in json": {"format": "jsonl", "records": "data.items"},
    "json lines": {"format": "jsonl"},
    "parquet": {"format": "parquet"},
    "orc": {"format": "orc"},
    "avro": {"format": "avro"},
    "csv that sets aside": {"format": "csv", "structure": ASIDE},
    "json that sets aside": {"format": "jsonl", "structure": ASIDE},
    "parquet that sets aside": {"format": "parquet", "structure": {"text": "warning", "cast": "warning"}},
}
ONLY_STRUCTURE = "csv"


def rule(name: str, kind: str, severity: str = "critical", **kwargs: Any) -> dict[str, Any]:
    return {
        "type": f"expect_{kind}",
        "kwargs": kwargs,
        "severity": severity,
        "meta": {"rule": f"trips.{name}", "why": "An example."},
    }


def typed_suites(files: dict[str, Any], *rules: dict[str, Any]) -> list[dict[str, Any]]:
    """Return both suites of rows without a key whose columns have each a type and its options, where texts are read."""
    about = {"version": "1.0.0", "owner": "us", "description": "Trips."}
    is_text = files["format"] in ("csv", "jsonl")
    has_places = not files.get("dialect", {}).get("header", True)
    columns = [
        {"name": name, "type": kind, "description": name}
        | (options if is_text else {})
        | ({"source": place} if has_places else {})
        for place, (name, (kind, options)) in enumerate(OPTIONS.items(), 1)
    ]
    published = [{"name": name, "type": kind, "description": name} for name, (kind, _) in OPTIONS.items()]
    rows = {"kind": "table_row_count_to_be_between", "min_value": 1}
    return [
        {
            "name": "trips.input",
            "meta": {**about, **files, "columns": columns},
            "expectations": [rule("input.rows", **rows)],
        },
        {
            "name": "trips.output",
            "meta": {**about, "columns": published, "key": [], "freshness_hours": 26, "max_quarantined": 0.9},
            "expectations": [rule("output.rows", **rows), *rules],
        },
    ]


RULES = (
    rule("at.past", "column_values_to_be_between", "warning", column="at", max_value={"$PARAMETER": "run_time"}),
    rule("day.there", "column_values_to_not_be_null", column="day"),
    rule("price.most", "column_values_to_be_between", column="price", min_value=0, mostly=0.5),
)


def prove_suites(spark: Any, suites: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> ProofReport:
    assert not [fault for suite in suites for fault in faults_of(suite)]
    monkeypatch.setattr("sluice.contracts.prove.proof.transform_of", lambda dataset: lambda trips: trips)
    input_contract, published = map(contract_of, suites)
    return prove_rules(spark, input_contract, published, date(2026, 1, 31))


@pytest.mark.long
@pytest.mark.parametrize("files", FILES_OF_TYPES)
def test_each_rule_on_values_that_are_read_bites(files: str, spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    meta = FILES_OF_TYPES[files]
    report = prove_suites(spark, typed_suites(meta, *(() if files == ONLY_STRUCTURE else RULES)), monkeypatch)
    assert (report.refused, report.unproven) == ("", [])
    faults = {proof.rule.removeprefix("trips.structure."): proof.fault for proof in report.proofs}
    casts = {name.removeprefix("cast."): fault for name, fault in faults.items() if name.startswith("cast.")}
    kinds = {name: ColumnType(kind) for name, (kind, _) in OPTIONS.items()}
    if meta["format"] in ("csv", "jsonl"):
        no_value = {"blob": "5.x"}  # letters are bytes in base64
        typed = [name for name, kind in kinds.items() if not kind.is_text]
        assert casts == {name: f"{name} = '{no_value.get(name, 'many')}'" for name in typed}
    else:
        assert casts == {name: f"{name} = '{BEYOND[kind.kind]}'" for name, kind in kinds.items() if kind.has_years}
    assert (faults["finite.share"], faults["finite.ratio"]) == ("share = 'NaN'", "ratio = 'NaN'")


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["european", "missing", "flags", "headless", "line_breaks", "json_array", "json_nested", "pandas_parquet"]
)
def test_each_rule_of_a_draft_bites(name: str, spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = FILES[name]()
    (tmp_path / file.name).write_bytes(file.content)
    assert main(["profile", str(tmp_path / file.name), "--dataset", "trips", "--out", str(tmp_path / "trips")]) == 0
    loaded = [suite_file(tmp_path / f"trips/{stage}.json").contract for stage in ("input", "output")]
    contracts = [contract for contract in loaded if contract]
    monkeypatch.setattr("sluice.contracts.prove.proof.transform_of", lambda dataset: lambda trips: trips)
    report = prove_rules(spark, contracts[0], contracts[1], TODAY)
    assert (report.refused, report.unproven) == ("", [])
