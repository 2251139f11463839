"""A draft from a sample loads strictly, holds what the sample shows, says so, and cannot pass lint unread."""

import bz2
import gzip
import json
import subprocess
import sys
import zlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import orc, parquet

from components.settings.lake_folder import ROOT
from etl.contract.loading import parse_suite
from etl.contract.stage import SUITE_STAGES
from sluice.cli.app import main
from sluice.contracts.lint.lint import lint_suites
from sluice.contracts.profile.suite_layout import render_suite
from sluice.contracts.suite_files import find_suites
from tests.lake import LAKE

TRADES = """transaction_id,customer_id,quantity,unit_price,transaction_date,region
TXN001,CUST100,2,29.99,2025-01-15,US-EAST
TXN002,CUST101,1,49.99,2025-01-15,US-WEST
TXN003,CUST100,3,19.99,2025-01-16,US-EAST
TXN004,CUST102,1,29.99,2025-01-16,EU-WEST
TXN005,,2,39.99,2025-01-17,US-WEST
"""
Suites = dict[str, dict[str, Any]]


def load_drafts(folder: Path) -> Suites:
    """Return both suites of a draft by stage; strict loading has nothing against them."""
    read_ones = {stage: parse_suite((folder / f"{stage}.json").read_text()) for stage in SUITE_STAGES}
    assert [fault for _, faults in read_ones.values() for fault in faults] == []
    return {stage: suite for stage, (suite, _) in read_ones.items()}


def draft_suites(folder: Path, name: str, content: str | bytes, *typed: str) -> Suites:
    """Write a sample, draft from it and return the suites."""
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    assert main(["profile", str(file), "--out", str(folder / "made/trades"), "--dataset", "trades", *typed]) == 0
    return load_drafts(folder / "made/trades")


def rules_by_id(suites: Suites) -> dict[str, dict[str, Any]]:
    """Return the rules of both suites by id."""
    return {rule["meta"]["rule"]: rule for suite in suites.values() for rule in suite["expectations"]}


def column_types(suite: dict[str, Any]) -> dict[str, str]:
    return {column["name"]: column["type"] for column in suite["meta"]["columns"]}


def test_a_draft_has_the_columns_types_key_and_rules_that_the_sample_shows(tmp_path: Path) -> None:
    suites = draft_suites(tmp_path, "day.csv", TRADES)
    assert set(column_types(suites["input"]).values()) == {"string"}
    assert column_types(suites["output"]) == {
        "transaction_id": "string",
        "customer_id": "string",
        "quantity": "int",
        "unit_price": "decimal(18,2)",
        "transaction_date": "date",
        "region": "string",
    }
    assert suites["output"]["meta"]["key"] == ["transaction_id"]
    kwargs = {name: rule["kwargs"] for name, rule in rules_by_id(suites).items()}
    assert kwargs["trades.transaction_id.format"]["regex"] == "^TXN[0-9]+$"
    assert kwargs["trades.customer_id.present"] == {"column": "customer_id", "mostly": 0.75}
    assert kwargs["trades.quantity.range"] == {"column": "quantity", "min_value": 1, "max_value": 10}
    assert kwargs["trades.unit_price.range"] == {"column": "unit_price", "min_value": 0.01, "max_value": 100}
    assert kwargs["trades.transaction_date.not_future"]["max_value"] == {"$PARAMETER": "run_date"}
    assert kwargs["trades.transaction_id.unique"] == {"column": "transaction_id"}
    judged = {rule["kwargs"].get("column") for rule in suites["output"]["expectations"]}
    assert judged >= set(column_types(suites["output"]))


def test_every_reason_is_evidence_from_the_file(tmp_path: Path) -> None:
    reasons = {
        name: rule["meta"]["why"] for name, rule in rules_by_id(draft_suites(tmp_path, "day.csv", TRADES)).items()
    }
    assert all("day.csv" in why for why in reasons.values())
    assert reasons["trades.customer_id.present"] == "In 5 rows of day.csv 1 is null, and the rule leaves room for more."
    assert "from 19.99 to 49.99" in reasons["trades.unit_price.range"]
    assert "each of 3 different values" in reasons["trades.customer_id.format"]


def test_lint_refuses_a_draft_until_a_person_has_read_and_completed_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suites = draft_suites(tmp_path, "day.csv", TRADES)
    folder = tmp_path / "made/trades"
    (tmp_path / "etl/datasets").mkdir(parents=True)
    (tmp_path / "etl/datasets/trades.py").write_text("ADDS = ()\n")
    assert main(["lint", str(folder)]) == 1
    stdout = capsys.readouterr().out
    assert "remove meta.draft" in stdout
    findings = lint_suites([str(folder)]).findings
    assert [(finding.kind, Path(finding.file).name) for finding in findings] == [
        ("draft", "input.json"),
        ("draft", "output.json"),
    ]
    assert "still ?: owner, description, the description of 6 columns" in findings[0].found
    text = (folder / "input.json").read_text()
    assert '"draft"' in text.splitlines()[findings[0].line - 1]

    for stage, suite in suites.items():
        del suite["meta"]["draft"]
        (folder / f"{stage}.json").write_text(render_suite(suite))
    incomplete = lint_suites([str(folder)]).findings
    assert [(finding.kind, finding.found.partition(":")[0]) for finding in incomplete] == [("draft", "still ?")] * 2

    for stage in SUITE_STAGES:
        file = folder / f"{stage}.json"
        file.write_text(file.read_text().replace('"?"', '"what a person knows"'))
    assert lint_suites([str(folder)]).findings == []


@pytest.mark.parametrize("stage", SUITE_STAGES)
def test_a_suite_is_a_draft_or_not_and_nothing_between(stage: str) -> None:
    suite = json.loads((LAKE / f"expectations/trades/{stage}.json").read_text())
    faults = {}
    for value in (True, False, "yes"):
        suite["meta"]["draft"] = value
        faults[value] = [fault.problem for fault in parse_suite(json.dumps(suite))[1]]
    assert faults == {True: [], False: [], "yes": ["meta.draft is 'yes'"]}


def test_a_draft_is_laid_out_as_people_write_suites() -> None:
    texts = [path.read_text() for path in find_suites([])]
    assert len(texts) >= 6
    assert [render_suite(json.loads(text)) for text in texts] == texts


def sample_rows() -> list[dict[str, str | None]]:
    head, *lines = TRADES.splitlines()
    return [
        {name: value or None for name, value in zip(head.split(","), line.split(","), strict=True)} for line in lines
    ]


def columnar_bytes(write: Any, file: Path) -> bytes:
    """Return the sample as a file of a format that has types."""
    names = sample_rows()[0]
    table = pa.table({name: [row[name] for row in sample_rows()] for name in names})
    day = table["transaction_date"].cast(pa.date32())
    price = pa.array([Decimal(str(row["unit_price"])) for row in sample_rows()], pa.decimal128(12, 2))
    table = table.set_column(2, "quantity", table["quantity"].cast(pa.int64()))
    write(table.set_column(3, "unit_price", price).set_column(4, "transaction_date", day), str(file))
    return file.read_bytes()


FORMATS = {
    "day.csv.gz": ("csv", lambda _: gzip.compress(TRADES.encode())),
    "day.csv.bz2": ("csv", lambda _: bz2.compress(TRADES.encode())),
    "day.jsonl": ("jsonl", lambda _: "\n".join(map(json.dumps, sample_rows())).encode()),
    "day.json.gz": ("jsonl", lambda _: gzip.compress("\n\n".join(map(json.dumps, sample_rows())).encode())),
    "day.parquet": ("parquet", lambda folder: columnar_bytes(parquet.write_table, folder / "made.parquet")),
    "day.orc": ("orc", lambda folder: columnar_bytes(orc.write_table, folder / "made.orc")),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_sample_shows_the_same_in_every_format(name: str, tmp_path: Path) -> None:
    form, content = FORMATS[name]
    suites = draft_suites(tmp_path, name, content(tmp_path))
    assert suites["input"]["meta"]["format"] == form
    assert suites["output"]["meta"]["key"] == ["transaction_id"]
    is_typed_format = form in ("parquet", "orc")
    typed = {"quantity": "bigint", "unit_price": "decimal(12,2)", "transaction_date": "date"}
    expected = (
        typed if is_typed_format else {"quantity": "int", "unit_price": "decimal(18,2)", "transaction_date": "date"}
    )
    assert column_types(suites["output"]).items() >= expected.items()
    assert (
        column_types(suites["input"]).items() >= (typed if is_typed_format else dict.fromkeys(typed, "string")).items()
    )
    # Values are bounded where they first have their type.
    bounded = suites["input" if is_typed_format else "output"]["expectations"]
    assert {rule["meta"]["rule"] for rule in bounded} >= {"trades.quantity.range", "trades.transaction_date.not_future"}


def test_numbers_of_json_keep_their_digits(tmp_path: Path) -> None:
    suites = draft_suites(tmp_path, "day.jsonl", '{"price": 1.10, "sold": true}\n{"price": 2.25, "sold": false}\n')
    assert column_types(suites["output"]) == {"price": "decimal(18,2)", "sold": "boolean"}


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert column_types(draft_suites(tmp_path, "day.csv", "\ufeffa,b\n1,2\n")["input"]) == {
        "a": "string",
        "b": "string",
    }


PERSONAL = """id,email,contact_name,remark,gift
1,anna.meier@example.org,Anna Meier,ask +41 44 555 01 02 first,wrapped
2,ben.huber@example.org,Ben Huber,,plain
"""


def test_of_personal_columns_no_value_leaves_the_sample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = PERSONAL + "".join(f"{number},x{number % 2}@example.org,Anna Meier,,plain\n" for number in range(3, 60))
    suites = draft_suites(tmp_path, "day.csv", sample)
    for suite in suites.values():
        marked = {column["name"] for column in suite["meta"]["columns"] if column.get("pii")}
        assert marked == {"email", "contact_name", "remark"}
    written = json.dumps(suites) + capsys.readouterr().out
    for value in ("anna", "Anna", "Meier", "Huber", "example.org", "44 555 01", "ask "):
        assert value not in written
    assert "it may be about a person by its name" in rules_by_id(suites)["trades.email.present"]["meta"]["why"]
    assert "values that hold telephone numbers" in rules_by_id(suites)["trades.remark.present"]["meta"]["why"]


def test_what_is_there_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft_suites(tmp_path, "day.csv", TRADES)
    folder = tmp_path / "made/trades"
    (folder / "input.json").unlink()
    before = (folder / "output.json").read_text()
    again = ["profile", str(tmp_path / "day.csv"), "--out", str(folder)]
    assert main(again) == 2
    assert "output.json is there already" in capsys.readouterr().err
    assert (folder / "output.json").read_text() == before
    assert not (folder / "input.json").exists()
    assert main(["profile", str(tmp_path / "day.csv"), "--dataset", "trades"]) == 2
    assert "expectations/trades/input.json is there already" in capsys.readouterr().err


def no_types(folder: Path) -> bytes:
    parquet.write_table(
        pa.table({"at": pa.array([0], pa.time64("us")), "n": pa.array([1], pa.duration("s"))}), folder / "made.parquet"
    )
    return (folder / "made.parquet").read_bytes()


def gzip_bomb(_: Path) -> bytes:
    """Return one gzip stream whose 32 MB take 0.03 MB, a single line."""
    packer, piece = zlib.compressobj(1, wbits=31), b"9" * (1 << 20)
    return b"".join([*(packer.compress(piece) for _ in range(32)), packer.flush()])


WRONG: dict[str, tuple[str, Any, str]] = {
    "zero bytes": ("a.csv", b"", "is empty, so there is nothing to learn"),
    "only a header": ("a.csv", b"a,b\n", "has no rows, so there is nothing to learn"),
    "a header and blanks": ("a.csv", b"a,b\n\n \n", "has no rows"),
    "no lines": ("a.jsonl", b"\n", "has no rows"),
    "an unknown suffix": ("a.pdf", b"%PDF", "is a PDF, which no format of a contract is"),
    "packed Parquet": ("a.parquet.gz", b"x", "no suffix that tells its format"),
    "a ragged row": ("a.csv", b"a,b\n1,2\n2,3\n1,Anna,3\n", "line 4 of"),
    "other bytes": ("a.csv", "a\nМосква\n".encode("cp1251"), "an encoding that no contract knows"),
    "a cut stream": ("a.csv.gz", gzip.compress(TRADES.encode())[:60], "no csv that the gate could read"),
    "no stream": ("a.jsonl.gz", b"{}", "no gzip, though its name ends in .gz; rename it"),
    "gzip in capitals": ("a.csv.GZ", gzip.compress(TRADES.encode()), "which is read where the name ends in .gz"),
    "gzip without its name": ("a.csv", gzip.compress(TRADES.encode()), "which is read where the name ends in .gz"),
    "a cut bzip2": ("a.csv.bz2", bz2.compress(TRADES.encode())[:-5], "no csv that the gate could read"),
    "packed twice": ("a.csv.gz", gzip.compress(bz2.compress(TRADES.encode())), "bzip2 within gzip"),
    "xlsx by another name": ("a.csv", b"PK\x03\x04" + bytes(60), "zip, which is not read"),
    "utf-32": ("a.csv", TRADES.encode("utf-32"), "an encoding that no contract knows"),
    "very much in little": ("a.csv.gz", gzip_bomb, "more than 16,777,216 characters"),
    "no Parquet": ("a.parquet", b"PAR1", "no parquet that the gate could read"),
    "no ORC": ("a.orc", b"ORC", "no orc that the gate could read"),
    "a quote that does not close": ("a.csv", b"a,b\n" + b'"x",1\n' * 40 + b'"z,3\n', "one that does not close"),
    "quotes behind blanks": (
        "a.csv",
        b'name, city\n"Anna", "Oslo"\n"Ben", "Lund"\n"Cleo", "Turku"\n',
        "a quote within a field",
    ),
    "a next-line character": ("a.csv", "a,b\n1,x\u0085\n".encode(), "the gate refuses it (structure.text)"),
    "half a pair": ("a.jsonl", b'{"a": "\\ud83d"}\n', "the gate refuses it (structure.text)"),
    "no number": ("a.jsonl", b'{"a": NaN}\n', "NaN is no number of JSON"),
    "a broken line": ("a.jsonl", b'{"a": 1}\n{"a":\n', "line 2 of"),
    "an array of numbers": ("a.json", b"[1, 2]\n", "is no JSON object"),
    "no one type": ("a.jsonl", b'{"a": {"b": 1}}\n{"a": 2}\n', "no key that a contract can declare"),
    "a key twice": ("a.jsonl", b'{"a": 1, "a": 2}\n', "has a key twice"),
    "types of no contract": (
        "a.parquet",
        no_types,
        "no column that a contract can declare: at (time64[us]), n (duration[s])",
    ),
    "no name of a dataset": ("1.csv", TRADES.encode(), "'1' is no dataset's name, which has at most 20"),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_use_writes_nothing_and_says_what_to_do(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, content, expected = WRONG[what]
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content(tmp_path))
    assert main(["profile", str(tmp_path / name), "--out", str(tmp_path / "made")]) == 2
    stderr = capsys.readouterr().err
    assert expected in stderr
    assert "Anna" not in stderr
    assert not (tmp_path / "made").exists()


def test_a_file_that_is_not_there_and_a_folder_that_is_none_are_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["profile", str(tmp_path / "nowhere.csv")]) == 2
    assert "nowhere.csv does not exist" in capsys.readouterr().err
    (tmp_path / "day.csv").write_text(TRADES)
    assert main(["profile", str(tmp_path / "day.csv"), "--out", str(tmp_path / "day.csv/made")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_it_tells_what_it_drafted_in_every_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output_by_form = {}
    for form in ("--json", "--markdown", ""):
        folder = tmp_path / f"as{form}"
        folder.mkdir()
        draft_suites(folder, "day.csv", TRADES, *filter(None, [form]))
        output_by_form[form] = capsys.readouterr().out
    plain = json.loads(output_by_form["--json"])
    assert (plain["dataset"], plain["key"], len(plain["columns"])) == ("trades", ["transaction_id"], 6)
    assert plain["columns"][0]["drafted"] == "key, format, present, unique"
    assert "| column | type | nulls | different | drafted |" in output_by_form["--markdown"]
    assert f"{plain['rules']} rules from 5 rows; the key is transaction_id" in output_by_form[""]


def test_it_imports_neither_spark_nor_great_expectations_and_lint_no_arrow(tmp_path: Path) -> None:
    (tmp_path / "day.csv").write_text(TRADES)
    script = (
        "import sys, json; from sluice.cli.app import main; main(['lint']); arrow = 'pyarrow' in sys.modules;"
        f"code = main(['profile', {str(tmp_path / 'day.csv')!r}, '--out', {str(tmp_path / 'made')!r}]);"
        "print(json.dumps([code, arrow, *({'pyspark', 'great_expectations', 'pandas'} & set(sys.modules))]))"
    )
    completed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(completed.stdout.splitlines()[-1]) == [0, False]
