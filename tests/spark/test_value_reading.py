"""Texts of an input as typed values: each is what an independent reading makes of it, or is refused as it stands."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from etl.contract.input_column import InputColumn
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.stage import Stage
from etl.contract.table_names import LINE
from etl.contract.types import ColumnType
from etl.gate.onepass.line_precompute import LinePrecompute
from etl.sources import json_reader
from etl.sources.casting import OUT_OF_RANGE
from etl.sources.value_reading import read_values
from tests.spark.lake import Lake, csv_bytes
from tests.spark.test_quarantine import make_warning, set_aside

REFUSED = object()


@dataclass(frozen=True)
class Texts:
    """A column with texts: by each the value that it is, REFUSED where it is none."""

    column: InputColumn
    values: dict[str, Any]


def texts_of(declared: str, values: dict[str, Any], *refused: str, **options: Any) -> Texts:
    column = InputColumn("x", ColumnType(declared), "", **options)
    return Texts(column, {**values, **dict.fromkeys(refused, REFUSED)})


def contract_of(*columns: InputColumn, form: SourceFormat = SourceFormat.CSV) -> Contract:
    about = {"dataset": "odd", "stage": Stage.INPUT, "version": "1", "owner": "", "description": ""}
    return Contract(**about, columns=columns, rules=(), format=form)  # pyright: ignore[reportArgumentType]


def day(text: str) -> date:
    return date.fromisoformat(text)


LONG = "9" * 5000
CASES = {
    "int": texts_of("int", {"5": 5, "-07": -7, "": None}, " 5", "5 ", "5.0", "1e3", "2147483648", "+5", "5\n", "٥", LONG),
    "bigint": texts_of(
        "bigint",
        {"1'234": 1234, "1234": 1234, "-9'223'372'036'854'775'808": -(2**63), "NA": None},
        *("1'23", "12'34", "'123", "1''234", "9'223'372'036'854'775'808", "n/a"),
        group="'",
        null_values=("NA", "-"),
    ),
    "decimal": texts_of("decimal(5,2)", {"1.5": Decimal("1.5"), "999.990": Decimal("999.99")}, "1000", "1.555", "1,5", "."),
    "price": texts_of(
        "decimal(12,2)",
        {"1.234,50 EUR": Decimal("1234.5"), "-€5": Decimal(-5), "€ -5,1": Decimal("-5.1"), "7\u00a0%": Decimal(7)},
        *("1,234.50", "12.34,5", "5 E", "EUR", "€€5", "--5", "5 $", "1e2", "-", "1.234.5", "5,", ",5", "NaN"),
        **{"decimal": ",", "group": ".", "strip": ("EUR", "€", "%")},
    ),
    "padded": texts_of(
        "decimal(5,2)", {" 1.5": Decimal("1.5"), "   +7": Decimal(7), "-2 ": Decimal(-2), "  $ 3.25 ": Decimal("3.25")},
        *("1 5", "+ 5", "+-5", "5+", "   ", "\t5"), strip=(" ", "+", "$"),
    ),
    "signed": texts_of("double", {"+1e+2": 100.0, " -.5": -0.5}, "1 e2", "--5", strip=(" ", "+")),
    "flag": texts_of(
        "boolean", {"Ja": True, "X": True, "Nein": False, "": None}, "ja", " Ja", "true", "1", "JaNein",
        true_values=("Ja", "X"), false_values=("Nein",),
    ),
    "truth": texts_of("boolean", {"true": True, "false": False}, "True", "t", "yes", "1", "0"),
    "iso": texts_of("date", {"2024-02-29": day("2024-02-29")}, "2023-02-29", "0000-01-01", "2024-2-9", "2024-02-29T00:00"),
    "day": texts_of(
        "date",
        {"31/12/2025": day("2025-12-31"), "1.2.25": day("2025-02-01"), "01.02.99": day("2099-02-01"),
         "05-JAN-2024": day("2024-01-05"), "09-sep-1999": day("1999-09-09"), "n/a": None},
        *("30/02/2024", "1/12/2025", "31/12/25", "31/12/2025 ", "31-13-2024", "00.00.25", "05-Foo-2024", "2025-12-31"),
        *("+31/12/2025", "31/12/02025", "31/12/2025\n", "001.2.25", "32.1.25", "01/01/0000", "05-January-2024"),
        format=("dd/MM/yyyy", "d.M.yy", "dd-MMM-yyyy"), null_values=("n/a",),
    ),
    "us": texts_of("date", {"December 31, 2025": day("2025-12-31"), "may 1, 2025": day("2025-05-01")},
                   "Dec 31, 2025", "December 31 2025", "February 30, 2025", format=("MMMM d, yyyy",)),
    "packed": texts_of("date", {"20251231": day("2025-12-31")}, "20251301", "2025123", "202512311", format=("yyyyMMdd",)),
}  # fmt: skip


def test_each_text_is_the_value_that_it_says_or_is_refused_as_it_stands(spark: Any) -> None:
    columns = [InputColumn(name, *_rest(case.column)) for name, case in CASES.items()]
    texts = {name: list(case.values) for name, case in CASES.items()}
    longest = max(map(len, texts.values()))
    rows = [tuple(dict(enumerate(texts[name])).get(place) for name in texts) for place in range(longest)]
    frame = spark.createDataFrame(rows, ", ".join(f"{name} string" for name in texts))
    read = read_values(frame, contract_of(*columns)).collect()
    for name, case in CASES.items():
        for place, (text, expected) in enumerate(case.values.items()):
            beyond = read[place][f"{OUT_OF_RANGE}{name}"]
            assert (read[place][name], beyond) == ((None, text) if expected is REFUSED else (expected, None)), (
                name,
                text,
            )
        assert [row[name] for row in read[len(case.values) :]] == [None] * (longest - len(case.values))
    assert sum(value is REFUSED for case in CASES.values() for value in case.values.values()) > 60


def _rest(column: InputColumn) -> tuple[Any, ...]:
    return tuple(vars(column)[key] for key in vars(column) if key != "name" and key in InputColumn.__dataclass_fields__)


def decimal_reading(text: str) -> Any:
    """Read a number with a comma before its decimals and points between groups, as the contract says, by other means."""
    whole, _, fraction = text.removeprefix("-").partition(",")
    groups = whole.split(".")
    grouped = len(groups) == 1 or (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:]))
    digits = "".join(groups)
    sound = grouped and digits.isdecimal() and digits.isascii() and ("," not in text or fraction.isdecimal())
    if not sound or len(fraction.rstrip("0")) > 2 or len(digits.lstrip("0")) > 10 or not text.count(",") <= 1:
        return REFUSED
    return Decimal(f"{'-' if text.startswith('-') else ''}{digits}.{fraction or 0}")


def day_reading(text: str) -> Any:
    try:
        parsed = datetime.strptime(text, "%d/%m/%Y").date()
    except ValueError:
        return REFUSED
    return parsed if parsed.strftime("%d/%m/") + f"{parsed.year:04}" == text else REFUSED


GENERATED: dict[str, tuple[InputColumn, str, Callable[[str], Any]]] = {
    "price": (
        InputColumn("price", ColumnType("decimal(12,2)"), "", decimal=",", group="."),
        "0123456789.,-",
        decimal_reading,
    ),
    "day": (InputColumn("day", ColumnType("date"), "", format=("dd/MM/yyyy",)), "0123/", day_reading),
}


def test_generated_texts_are_what_another_reading_makes_of_them(spark: Any) -> None:
    chance = Random(26)
    texts = {
        "price": [
            "".join(chance.choices("0123456789.,-", (*[2] * 10, 5, 3, 1), k=chance.randint(1, 9))) for _ in range(900)
        ],
        "day": [
            f"{chance.randint(0, 33):02}/{chance.randint(0, 14):02}/{chance.randint(0, 9999):04}" for _ in range(900)
        ],
    }
    texts["price"] += [f"{chance.randint(-(10**10), 10**10):,}".replace(",", ".") + ",5" for _ in range(100)]
    texts["day"] += ["".join(chance.choices("0123/", k=10)) for _ in range(100)]
    frame = spark.createDataFrame([*zip(*texts.values(), strict=True)], "price string, day string")
    read = read_values(frame, contract_of(*(column for column, _, _ in GENERATED.values()))).collect()
    for name, (_, _, reading) in GENERATED.items():
        expected = [reading(text) for text in texts[name]]
        values = [REFUSED if row[f"{OUT_OF_RANGE}{name}"] is not None else row[name] for row in read]
        assert [
            (text, got, right) for text, got, right in zip(texts[name], values, expected, strict=True) if got != right
        ] == []
        assert 100 < sum(value is not REFUSED for value in values) < 1000 - 100


def test_json_lines_bring_numbers_flags_and_texts_as_typed_values(spark: Any) -> None:
    declared = contract_of(
        *(InputColumn(name, ColumnType(kind), "") for name, kind in {"n": "int", "p": "decimal(38,18)"}.items()),
        *(InputColumn("b", ColumnType("boolean"), ""), InputColumn("s", ColumnType("string"), "", null_values=("NA",))),
        InputColumn("d", ColumnType("date"), "", format=("dd/MM/yyyy", "yyyyMMdd")),
        form=SourceFormat.JSONL,
    )
    lines = {
        '{"n": 5, "p": 1.10, "b": true, "s": "NA", "d": "31/12/2025"}': (
            5,
            Decimal("1.10"),
            True,
            None,
            day("2025-12-31"),
        ),
        '{"n": "5", "p": "1", "b": "false", "s": "", "d": 20251231}': (5, Decimal(1), False, "", day("2025-12-31")),
        '{"n": null, "p": 1E-18, "d": ""}': (None, Decimal("1E-18"), None, None, None),
        '{"n": 5.0, "p": 1E-19, "b": 1, "s": 1.10, "d": "2025-12-31"}': (None, None, None, "1.10", None),
    }
    frame = spark.createDataFrame([(line,) for line in lines], f"{LINE} string")
    rows = json_reader.split_columns(frame, declared).collect()
    assert [tuple(row[name] for name in declared.names) for row in rows] == [*lines.values()]
    assert [row["_broken"] for row in rows] == [False] * 4
    beyond = {name: rows[3][f"{OUT_OF_RANGE}{name}"] for name in ("n", "p", "b", "d")}
    assert beyond == {"n": "5.0", "p": "1E-19", "b": "1", "d": "2025-12-31"}
    assert not [row for row in rows[:3] for name in beyond if row[f"{OUT_OF_RANGE}{name}"] is not None]


def test_one_look_at_a_line_proves_typed_columns_too() -> None:
    columns = (
        InputColumn("id", ColumnType("int"), "", null_values=("NA",)),
        InputColumn("on", ColumnType("date"), "", format=("dd/MM/yyyy",)),
        InputColumn("price", ColumnType("decimal(5,2)"), "", decimal=","),
    )
    plain = LinePrecompute.for_contracts(contract_of(*columns), contract_of()).line_regex
    assert {name for name, _ in plain.patterns} == {"id", "on"}  # a comma is no plain character of a field
    pattern = re.compile(plain.pattern.replace(r"\z", r"\Z"))
    assert [line for line in ("5,31/12/2025,", "NA,,5", ",31/12/2025,x") if not pattern.match(line)] == []
    assert [line for line in ("x,31/12/2025,", "5,31.12.2025,1", "5,1/12/2025,") if pattern.match(line)] == []


def declare(lake: Lake, stage: str, change: Callable[[dict[str, Any]], None]) -> None:
    key = f"contracts/{stage}.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    change(suite)
    lake.put_key(key, json.dumps(suite).encode())


OPTIONS: dict[str, dict[str, Any]] = {
    "quantity": {"type": "int", "group": "."},
    "unit_price": {"type": "decimal(10,2)", "decimal": ",", "strip": ["EUR"]},
    "transaction_date": {"type": "date", "format": "dd/MM/yyyy"},
}


@pytest.fixture
def typed(lake: Lake) -> Lake:
    """A lake whose input says how numbers and days are written."""

    def type_columns(suite: dict[str, Any]) -> None:
        for column in suite["meta"]["columns"]:
            column.update(OPTIONS.get(column["name"], {}))
        suite["expectations"] = [
            rule for rule in suite["expectations"] if rule["type"] != "expect_column_values_to_match_regex"
        ]

    declare(lake, "input", type_columns)
    return lake


def sale(number: int, quantity: str = "2", price: str = '"1,50 EUR"', day: str = "31/12/2024") -> str:
    return f"TXN{number},CUST1,PROD1,{quantity},{price},{day},US-EAST"


def test_a_run_publishes_what_the_texts_mean_and_sets_aside_and_replays_typed_rows(typed: Lake) -> None:
    make_warning(typed, "output", "trades.quantity.range")
    typed.put_files(a__csv=csv_bytes(sale(1, "1.000"), sale(2, "0"), sale(3, price='"0,05"')))
    verdict = typed.run()
    assert (verdict.state, verdict.rows_published, verdict.rows_quarantined) == ("SUCCEEDED", 2, 1), verdict.message
    published = [(row["quantity"], row["unit_price"], row["transaction_date"]) for row in typed.rows()]
    assert published == [(1000, Decimal("1.50"), day("2024-12-31")), (2, Decimal("0.05"), day("2024-12-31"))]
    [aside] = set_aside(typed)
    stored = json.loads(aside["source"], parse_float=Decimal)
    assert (stored["quantity"], stored["unit_price"], stored["transaction_date"]) == (0, Decimal("1.50"), "2024-12-31")
    mended = json.dumps({"row": aside["row"], "mended": aside["source"].replace('"quantity":0', '"quantity":7')})
    typed.put_key("mended.jsonl", mended.encode())
    again = typed.run(replay=verdict.run_id, mended=f"s3://{typed.bucket}/mended.jsonl")
    assert (again.state, again.rows_published) == ("SUCCEEDED", 1), again.message
    replayed = [row for row in typed.rows() if row["transaction_id"] == "TXN2"]
    assert [(row["quantity"], row["unit_price"], row["transaction_date"]) for row in replayed] == [
        (7, Decimal("1.50"), day("2024-12-31"))
    ]


def test_what_is_no_value_is_shown_as_it_stands_and_publishes_nothing(typed: Lake) -> None:
    def mark_personal(suite: dict[str, Any]) -> None:
        [column] = [column for column in suite["meta"]["columns"] if column["name"] == "unit_price"]
        column["pii"] = True

    declare(typed, "input", mark_personal)
    typed.put_files(
        a__csv=csv_bytes(sale(1, "1.00"), sale(2, price="1.50"), sale(3, day="12/31/2024"), sale(4, day=""), sale(5))
    )
    verdict = typed.run()
    broken = {result.rule: (result.unexpected, result.samples) for result in verdict.broken}
    assert (verdict.state, typed.rows() if verdict.rows_published else []) == ("FAILED", [])
    assert broken["trades.structure.cast.quantity"] == (1, ("***",))
    assert broken["trades.structure.cast.unit_price"] == (1, ("***",))
    assert broken["trades.structure.cast.transaction_date"] == (1, ("***",))
    assert [result.places[0].row for result in verdict.broken if "cast" in result.rule and result.places[0]] == [
        2,
        3,
        4,
    ]
