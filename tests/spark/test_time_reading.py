"""Times of an input's texts: what Python's own zones and dates make of them, or refused as they stand."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from etl.contract.input_column import Epoch, InputColumn
from etl.contract.types import ColumnType
from etl.sources.casting import OUT_OF_RANGE
from etl.sources.value_reading import read_values
from tests.spark.test_value_reading import REFUSED, Texts, contract_of

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo", "UTC")
CHANGES = (
    *(datetime(2025, 3, 30, 2), datetime(2025, 10, 26, 2), datetime(2025, 3, 9, 2), datetime(2025, 11, 2, 1)),
    *(datetime(2025, 4, 6, 1, 30), datetime(2025, 10, 5, 2), datetime(2018, 11, 4), datetime(2018, 2, 17, 23)),
)
"""Local times at which an offset changes somewhere: Berlin, New York, Lord Howe (half an hour), São Paulo (at midnight)."""


def times_of(kind: str, values: dict[str, Any], *refused: str, **options: Any) -> Texts:
    column = InputColumn("x", ColumnType(kind), "", **options)
    read = {text: datetime.fromisoformat(value) if isinstance(value, str) else value for text, value in values.items()}
    return Texts(column, {**read, **dict.fromkeys(refused, REFUSED)})


CASES = {
    "plain": times_of(
        "timestamp",
        {"2025-01-02 03:04:05": "2025-01-02T03:04:05+00:00", "2025-01-02T03:04:05.25+02:00": "2025-01-02T01:04:05.25+00:00"},
        *("2025-01-02 24:00:00", "2025-01-02 03:04:60", "2025-02-30 00:00:00", "0000-01-01 00:00:00", "2025-01-02 03:04:05 "),
    ),
    "berlin": times_of(
        "timestamp",
        {"2025-07-01 12:00:00": "2025-07-01T10:00:00+00:00", "2025-07-01 12:00:00Z": "2025-07-01T12:00:00+00:00",
         "2025-10-26 02:30:00+01:00": "2025-10-26T01:30:00+00:00", "": None},
        "2025-03-30 02:30:00", "2025-10-26 02:30:00", zone="Europe/Berlin",
    ),
    "day_first": times_of(
        "timestamp",
        {"01.07.2025 12:00": "2025-07-01T10:00:00+00:00", "01.01.2025 12:00:30,5": "2025-01-01T11:00:30.5+00:00"},
        *("30.03.2025 02:00", "26.10.2025 02:59", "31.06.2025 12:00", "01.07.2025 24:00"),
        *("01.07.2025 12:00:60,0", "1.7.2025 12:00"),
        format=("dd.MM.yyyy HH:mm[:ss,SSS]",), zone="Europe/Berlin",
    ),
    "american": times_of(
        "timestamp",
        {"1/2/2025 12:05 AM": "2025-01-02T00:05:00+00:00", "01/02/2025 12:05 pm": "2025-01-02T12:05:00+00:00",
         "12/31/2025 11:59 PM": "2025-12-31T23:59:00+00:00", "1/2/2025 9:00 AM": "2025-01-02T09:00:00+00:00"},
        "1/2/2025 13:00 PM", "1/2/2025 0:30 AM", "13/2/2025 9:00 AM", "1/2/2025 9:00", format=("M/d/yyyy h:mm a",),
    ),
    "offset": times_of(
        "timestamp",
        {"2025-01-02T03:04:05+0100": "2025-01-02T02:04:05+00:00", "2025-01-02T03:04:05.1Z": "2025-01-02T03:04:05.1+00:00",
         "2025-01-02T03:04:05-03": "2025-01-02T06:04:05+00:00"},
        "2025-01-02T03:04:05", "2025-01-02T03:04:05+01:00", "2025-01-02T03:04:05+99",
        format=("yyyy-MM-dd'T'HH:mm:ss[.SSSSSS]X",),
    ),
    "days": times_of("timestamp", {"31/12/2024": "2024-12-30T23:00:00+00:00"}, format=("dd/MM/yyyy",), zone="Africa/Lagos"),
    "clock": times_of(
        "timestamp_ntz",
        {"20251026023000": "2025-10-26T02:30:00"}, "20251026243000", "2025102602300", format=("yyyyMMddHHmmss",),
    ),
    "seconds": times_of(
        "timestamp",
        {"0": "1970-01-01T00:00:00+00:00", "1735689600.000001": "2025-01-01T00:00:00.000001+00:00",
         "-1.5": "1969-12-31T23:59:58.5+00:00",
         "253402300799": "9999-12-31T23:59:59+00:00"},
        *("253402300800", "-62135596801", "1.0000001", "1e9", "9" * 30, "1,5", "2025-01-01"), epoch=Epoch.SECONDS,
    ),
    "millis": times_of(
        "timestamp",
        {"1735689600123": "2025-01-01T00:00:00.123+00:00", "1735689600123.456": "2025-01-01T00:00:00.123456+00:00"},
        "1735689600123.4567", "1.7e12", "253402300800000", epoch=Epoch.MILLIS,
    ),
}  # fmt: skip


def test_each_text_is_the_time_that_it_says_or_is_refused_as_it_stands(spark: Any) -> None:
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    columns = [InputColumn(**{**vars(case.column), "name": name}) for name, case in CASES.items()]
    texts = {name: list(case.values) for name, case in CASES.items()}
    longest = max(map(len, texts.values()))
    rows = [tuple(dict(enumerate(texts[name])).get(place) for name in texts) for place in range(longest)]
    frame = spark.createDataFrame(rows, ", ".join(f"{name} string" for name in texts))
    read = in_iso(read_values(frame, contract_of(*columns)), [*CASES]).collect()
    for name, case in CASES.items():
        for place, (text, expected) in enumerate(case.values.items()):
            beyond = read[place][f"{OUT_OF_RANGE}{name}"]
            value = read[place][name] and datetime.fromisoformat(read[place][name])
            clock = expected if expected in (None, REFUSED) else expected.replace(tzinfo=None)
            assert (value, beyond) == ((None, text) if expected is REFUSED else (clock, None)), (name, text)


def in_iso(frame: Any, names: list[str]) -> Any:
    """Return times as text: to Python they would come in its machine's zone."""
    return frame.withColumns({name: frame[name].cast("string") for name in names})


def moment_of(clock: datetime, zone: str) -> Any:
    """Return the one moment with a local time by Python's zones, REFUSED where there is none, or two."""
    moments = {clock.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
    there = {moment for moment in moments if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == clock}
    return there.pop().replace(tzinfo=None) if len(there) == 1 else REFUSED


def test_a_local_time_around_each_change_of_an_offset_is_what_pythons_zones_say(spark: Any) -> None:
    clocks = [change + timedelta(minutes=10 * step) for change in CHANGES for step in range(-20, 20)]
    columns = [InputColumn(f"z{number}", ColumnType("timestamp"), "", zone=zone) for number, zone in enumerate(ZONES)]
    frame = spark.createDataFrame([(str(clock),) for clock in clocks], "text string")
    frame = frame.selectExpr(*(f"text AS {column.name}" for column in columns))
    read = in_iso(read_values(frame, contract_of(*columns)), [column.name for column in columns]).collect()
    for column in columns:
        expected = [moment_of(clock, column.zone) for clock in clocks]
        values = [
            REFUSED if row[f"{OUT_OF_RANGE}{column.name}"] else datetime.fromisoformat(row[column.name]) for row in read
        ]
        wrong = [(column.zone, *case) for case in zip(clocks, values, expected, strict=True) if case[1] != case[2]]
        assert wrong == []
        assert (REFUSED in expected) is (column.zone not in ("UTC", "Asia/Kolkata"))
