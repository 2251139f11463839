"""Columns of days and times as text: in patterns, with an offset, of a time zone, as numbers since 1970."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.made_files.text_columns import Pair, TextColumn

FIRST_YEAR, LAST_YEAR = datetime(1, 1, 2), datetime(9999, 12, 30)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
Writer = Callable[[Any], str]
DAYS: tuple[tuple[str | list[str], list[Writer], tuple[str, ...]], ...] = (
    (
        "",
        [lambda day: day.isoformat()],
        ("2023-02-29", "01/02/2023", "2023-1-2", "20230102", "0000-01-01", "2023-01-02x"),
    ),
    (
        "dd/MM/yyyy",
        [lambda day: f"{day.day:02}/{day.month:02}/{day.year:04}"],
        ("31/02/2023", "1/2/2023", "12/31/2023"),
    ),
    (
        "MM/dd/yyyy",
        [lambda day: f"{day.month:02}/{day.day:02}/{day.year:04}"],
        ("31/12/2023", "02/30/2023", "1/2/2023"),
    ),
    (
        "d.M.yyyy",
        [lambda day: f"{day.day}.{day.month}.{day.year:04}"],
        ("31.2.2023", "1.13.2023", "1.1.23", "1-1-2023"),
    ),
    ("yyyyMMdd", [lambda day: f"{day.year:04}{day.month:02}{day.day:02}"], ("20230230", "2023-01-02", "2023102")),
    (
        ["dd-MMM-yyyy", "dd/MM/yyyy"],
        [
            lambda day: f"{day.day:02}-{MONTHS[day.month - 1]}-{day.year:04}",
            lambda day: f"{day.day:02}/{day.month:02}/{day.year:04}",
            lambda day: f"{day.day:02}-{MONTHS[day.month - 1].upper()}-{day.year:04}",
        ],
        ("31-Feb-2023", "05-Foo-2023", "05-January-2023", "5-Jan-2023"),
    ),
    (
        "d MMMM yyyy",
        [lambda day: f"{day.day} {LONG_MONTHS[day.month - 1]} {day.year:04}"],
        ("5 Jan 2023", "31 June 2023"),
    ),
)
LONG_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October")
LONG_MONTHS += ("November", "December")
MONTHS = tuple(month[:3] for month in LONG_MONTHS)


@st.composite
def days(draw: st.DrawFn) -> TextColumn:
    """Make columns of dates: ISO, the day first, the month first, by the month's name."""
    patterns, writers, wrong = draw(st.sampled_from(DAYS))
    values = st.dates(FIRST_YEAR.date(), LAST_YEAR.date()) | st.sampled_from(
        [date(1, 1, 1), date(1582, 10, 10), date(1969, 12, 31), date(2024, 2, 29), date(9999, 12, 31)]
    )
    pairs = st.tuples(values, st.sampled_from(writers)).map(lambda drawn: (drawn[1](drawn[0]), drawn[0]))
    return TextColumn("date", pairs, {"format": patterns} if patterns else {}, wrong)


def offset_text(offset: timedelta, colon: bool = True) -> str:
    """Return an offset as ISO has it."""
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02}{':' if colon else ''}{abs(minutes) % 60:02}"


def is_a_moment(local: datetime, zone: ZoneInfo) -> bool:
    """Say whether a local time is there once in a time zone."""
    offsets = {local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}
    return len(offsets) == 1


OFFSETS = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timedelta(minutes=15 * quarters))
MOMENTS = st.datetimes(FIRST_YEAR, LAST_YEAR) | st.sampled_from(
    [datetime(1969, 12, 31, 23, 59, 59, 999_999), datetime(1970, 1, 1)]
)


def _iso_times(draw: st.DrawFn) -> TextColumn:
    def written(drawn: tuple[datetime, timedelta | None, str, int, bool]) -> Pair:
        moment, offset, separator, digits, colon = drawn
        moment = moment.replace(microsecond=moment.microsecond // 10 ** (6 - digits) * 10 ** (6 - digits))
        fraction = f".{moment.microsecond:06}"[: digits + 1] if digits else ""
        text = f"{moment.strftime('%m-%d')}{separator}{moment.strftime('%H:%M:%S')}{fraction}"
        text = f"{moment.year:04}-{text}"
        if offset is None:
            return text + ("Z" if colon else ""), moment.replace(tzinfo=UTC)
        return text + offset_text(offset, colon), moment.replace(tzinfo=timezone(offset)).astimezone(UTC)

    parts = (MOMENTS, st.none() | OFFSETS, st.sampled_from("T "), st.integers(0, 6), st.booleans())
    wrong = (
        "2023-01-01T24:00:00Z",
        "2023-01-01T00:00:60Z",
        "2023-02-30T00:00:00Z",
        "01/02/2023 00:00",
        "2023-01-01T00:00:00.1234567Z",
    )
    wrong = (*wrong, "2023-01-01T00:00:00 Europe/Berlin", "1700000000", "2023-01-01T25:00:00")
    return TextColumn("timestamp", st.tuples(*parts).map(written), {}, wrong)


def _zone_times(draw: st.DrawFn) -> TextColumn:
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    recent = st.datetimes(datetime(1975, 1, 1), datetime(2036, 12, 31))
    near = st.sampled_from([datetime(2024, 3, 31, 1, 59, 59), datetime(2024, 3, 31, 3), datetime(2024, 10, 27, 3)])
    moments = (recent | near).filter(lambda local: is_a_moment(local, zone))
    style = draw(st.sampled_from(["iso", "german", "half"]))
    formats = {"iso": "", "german": "dd.MM.yyyy HH:mm:ss[.SSSSSS]", "half": "MM/dd/yyyy hh:mm:ss a"}

    def written(local: datetime) -> Pair:
        if style == "half":
            local = local.replace(microsecond=0)
            text = local.strftime("%m/%d/%Y %I:%M:%S %p")
        elif style == "german":
            text = local.strftime("%d.%m.%Y %H:%M:%S") + (f".{local.microsecond:06}" if local.microsecond else "")
        else:
            text = local.isoformat(sep=" ")
        return text, local.replace(tzinfo=zone).astimezone(UTC)

    options = {"zone": zone.key} | ({"format": formats[style]} if formats[style] else {})
    skipped = {"iso": "2024-03-31 02:30:00", "german": "31.03.2024 02:30:00", "half": "03/31/2024 02:30:00 AM"}
    doubled = {"iso": "2024-10-27 02:30:00", "german": "27.10.2024 02:30:00", "half": "10/27/2024 02:30:00 AM"}
    wrong = (skipped[style], doubled[style]) if zone.key == "Europe/Berlin" else ("2024-13-01 00:00:00",)
    return TextColumn("timestamp", moments.map(written), options, wrong)


def _epoch_times(draw: st.DrawFn) -> TextColumn:
    unit = draw(st.sampled_from(["seconds", "millis"]))
    per_unit = 1_000_000 if unit == "seconds" else 1000
    digits = 6 if unit == "seconds" else 3

    def written(drawn: tuple[int, bool]) -> Pair:
        micros, whole = drawn
        micros = micros // per_unit * per_unit if whole else micros
        value = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
        if whole:
            return str(micros // per_unit), value
        text = f"{abs(micros) // per_unit}.{abs(micros) % per_unit:0{digits}}"
        return f"{'-' if micros < 0 else ''}{text}", value

    micros = st.integers(-2_000_000_000_000_000, 200_000_000_000_000_000)
    pairs = st.tuples(micros, st.booleans()).map(written)
    return TextColumn("timestamp", pairs, {"epoch": unit}, (f"1.{'0' * digits}1", "9" * 30, "2024-01-01", "1e9", "1,5"))


@st.composite
def times(draw: st.DrawFn) -> TextColumn:
    """Make columns of times: with an offset, of a time zone, as numbers since 1970, as a clock shows it."""
    kind = draw(st.sampled_from(["iso", "zone", "epoch", "local", "offset"]))
    if kind == "iso":
        return _iso_times(draw)
    if kind == "zone":
        return _zone_times(draw)
    if kind == "epoch":
        return _epoch_times(draw)
    if kind == "offset":
        pairs = st.tuples(MOMENTS, OFFSETS).map(
            lambda drawn: (
                f"{drawn[0].day:02}/{drawn[0].month:02}/{drawn[0].year:04} {drawn[0]:%H:%M:%S} {offset_text(drawn[1])}",
                drawn[0].replace(microsecond=0, tzinfo=timezone(drawn[1])).astimezone(UTC),
            )
        )
        return TextColumn(
            "timestamp", pairs, {"format": "dd/MM/yyyy HH:mm:ss xxx"}, ("01/02/2023 00:00:00", "01/02/2023 00:00:00 +1")
        )
    pairs = MOMENTS.map(lambda moment: (f"{moment.year:04}-{moment:%m-%d %H:%M:%S}.{moment.microsecond:06}", moment))
    return TextColumn(
        "timestamp_ntz", pairs, {}, ("2023-01-01 00:00:00Z", "2023-01-01 24:00:00", "2023-02-29 00:00:00")
    )
