"""Days and times as people write them, as patterns of Spark: day first, month first, with names of months and offsets."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from etl.contract.types import ColumnType, TypeKind
from etl.contract.value_forms import BLANK
from sluice.contracts.profile.column_reading import ColumnReading, Options, ReadingHints
from sluice.contracts.profile.day_layouts import DAYS, DayLayout, Match, day_layout

CLOCK = (
    r"(?P<gap>T|[ ]|, )(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:(?P<point>[.,])(?P<fraction>\d{1,9}))?)?"
    r"(?P<half_gap>[ ]?)(?P<half>[AaPp][Mm])?(?P<zone_gap>[ ]?)(?P<zone>Z|UTC|GMT|[-+]\d{2}:\d{2}|[-+]\d{4}|[-+]\d{2})?"
)
FORMS = {kind: re.compile(rf"(?:{day})(?:{CLOCK})?") for kind, day in DAYS.items()}
DATED = re.compile(r"(^|_)(date|day|dt|datum|datetime|ymd|yyyymmdd|fecha|data|jour|tag|on|at)(_|$)")
EPOCH_NAMED = re.compile(
    r"(^|_)(epoch|ts|timestamp|time|at|unix|unixtime|datetime|date|millis|ms|seconds|created|updated|modified|expires|expiry)(_|$)"
)
EPOCH_UNITS = {"seconds": 1, "millis": 1000}
FIRST_EPOCH, LAST_EPOCH = 315_532_800, 4_102_444_800  # 1980 and 2100, in seconds
MOST_PATTERNS = 6
UNPADDED = ("", "")
MIDNIGHT = "days without a time of day among times are read as their midnight"
UNTYPED = {
    "times of a day or durations, for which there is no type; it stays text": re.compile(
        r"(\d+ days? )?\d{1,2}:[0-5]\d(:[0-5]\d([.,]\d+)?)?( ?[AaPp][Mm])?"
    ),
    "months, for which there is no type; it stays text": re.compile(r"\d{4}[-/](0[1-9]|1[0-2])|(0[1-9]|1[0-2])/\d{4}"),
    "days or times in more ways than one pattern reads; it stays text": re.compile(
        rf"(?:{DAYS['year first']}|{DAYS['numbers'].replace('mark', 'sign').replace('year', 'years')})(?:{CLOCK})?"
    ),
}
LOCAL = "times without an offset, kept as they stand (timestamp_ntz); write type timestamp and zone where they are of one place"


def read_times(name: str, values: Sequence[str], hints: ReadingHints) -> ColumnReading | None:
    """Return how different texts are read as days or times; None where they are none. `name` is the column's plain name.

    A reading of type string with a doubt is one that a person has to decide.
    """
    paddings = [*dict.fromkeys(map(_padding, values))]
    bare = values if paddings == [UNPADDED] else [value.strip(BLANK) for value in values]
    for kind, form in FORMS.items():
        if kind == "compact" and not DATED.search(name):
            continue
        matches = _match_all(form, bare)
        if matches:
            return _read_as(kind, name, matches, hints, paddings)
    return None


def _padding(value: str) -> tuple[str, str]:
    """Return the blanks before and after a text."""
    bare = value.strip(BLANK)
    before, _, after = value.partition(bare) if bare else (value, "", "")
    return before, after


def read_epoch(name: str, values: Sequence[str]) -> ColumnReading | None:
    """Return how whole numbers are read as seconds or milliseconds since 1970, where the column's name says so."""
    if not values or not EPOCH_NAMED.search(name) or not all(map(str.isdigit, values)):
        return None
    numbers = [int(value) for value in values]
    for unit, factor in EPOCH_UNITS.items():
        if all(FIRST_EPOCH * factor <= number <= LAST_EPOCH * factor for number in numbers):
            doubt = f"whole numbers read as {unit} since 1970, since its name says so"
            return ColumnReading(ColumnType(TypeKind.TIMESTAMP), {"epoch": unit}, (doubt,), _epoch_value(factor))
    return None


def time_doubts(values: Sequence[str]) -> tuple[str, ...]:
    """Return why different texts that are all days, months or times stay text; nothing where they are others."""
    return tuple(doubt for doubt, form in UNTYPED.items() if values and all(map(form.fullmatch, values)))[:1]


def _epoch_value(factor: int) -> Callable[[str], datetime]:
    return lambda text: datetime.fromtimestamp(int(text) / factor, UTC)


def _match_all(form: re.Pattern[str], values: Sequence[str]) -> list[Match]:
    """Return the matches of all values, none where one does not match."""
    matches: list[Match] = []
    for value in values:
        match = form.fullmatch(value)
        if match is None:
            return []
        matches.append(match)
    return matches


def _read_as(
    kind: str, name: str, matches: Sequence[Match], hints: ReadingHints, paddings: Sequence[tuple[str, str]]
) -> ColumnReading | None:
    layout = day_layout(kind, name, matches, hints)
    has_clock = {match["hour"] is not None for match in matches}
    if layout is None or (len(has_clock) > 1 and any(match["zone"] for match in matches)):
        return None
    if not layout.pattern:
        return ColumnReading(ColumnType(TypeKind.STRING), doubts=layout.doubts)
    if not all(_is_day(layout, match) for match in matches):
        return None
    if True in has_clock:
        return _read_clock(kind, layout, matches, paddings)
    is_plain = layout.pattern == "yyyy-MM-dd"
    options = _format_option([layout.pattern], paddings, is_plain=is_plain)
    return None if options is None else _days_reading(kind, layout, options)


def _days_reading(kind: str, layout: DayLayout, options: Options) -> ColumnReading:
    return ColumnReading(
        ColumnType(TypeKind.DATE),
        options,
        layout.doubts,
        lambda text: layout.day_of(_match(kind, text)),
        _decides(layout),
    )


def _format_option(patterns: Sequence[str], paddings: Sequence[tuple[str, str]], *, is_plain: bool) -> Options | None:
    """Return what a contract says of texts in these patterns, with blanks around them; None where there are too many ways."""
    if is_plain and paddings == [UNPADDED]:
        return {}
    padded = [f"{before}{pattern}{after}" for pattern in patterns for before, after in paddings]
    if len(padded) > MOST_PATTERNS:
        return None
    return {"format": padded[0] if len(padded) == 1 else padded}


def _decides(layout: DayLayout) -> dict[str, bool]:
    return {} if layout.day_first is None else {"day_first": layout.day_first}


def _match(kind: str, text: str) -> Match:
    match = FORMS[kind].fullmatch(text.strip(BLANK))
    assert match is not None  # noqa: S101  each text of the column matched
    return match


def _is_day(layout: DayLayout, match: Match) -> bool:
    try:
        return bool(layout.day_of(match))
    except ValueError:
        return False


def _read_clock(
    kind: str, layout: DayLayout, matches: Sequence[Match], paddings: Sequence[tuple[str, str]]
) -> ColumnReading | None:
    clocks = _clock_patterns(matches)
    if clocks is None:
        return None
    has_zone = all(match["zone"] for match in matches)
    declared = ColumnType(TypeKind.TIMESTAMP if has_zone else TypeKind.TIMESTAMP_NTZ)
    patterns = [f"{layout.pattern}{clock}" for clock in clocks]
    options = _format_option(patterns, paddings, is_plain=_is_plain(declared, matches))
    if options is None or not all(_is_moment(layout, match) for match in matches):
        return None
    doubts = layout.doubts if has_zone else (*layout.doubts, LOCAL)
    doubts = doubts if all(match["hour"] for match in matches) else (*doubts, MIDNIGHT)
    return ColumnReading(declared, options, doubts, lambda text: _moment(layout, _match(kind, text)), _decides(layout))


def _is_plain(declared: ColumnType, matches: Sequence[Match]) -> bool:
    """Say whether the texts are plain forms of their type, which need no pattern."""
    form = re.compile(str(declared.plain_form))
    return all(form.fullmatch(match[0]) for match in matches)


def _clock_patterns(matches: Sequence[Match]) -> list[str] | None:
    """Return Spark's patterns of the times of day; None where there is none."""
    shapes: dict[str, None] = {}
    for match in matches:
        shapes[_one_clock(match)] = None
    if (
        len({match["zone"] is None for match in matches}) > 1
        or any("?" in shape for shape in shapes)
        or len(shapes) > MOST_PATTERNS
    ):
        return None
    if {len(match["hour"]) for match in matches if match["hour"]} == {1, 2}:
        return list(dict.fromkeys(re.sub(r"HH|H", "H", re.sub(r"hh|h", "h", shape)) for shape in shapes))
    return list(shapes)


def _one_clock(match: Match) -> str:
    if match["hour"] is None:
        return ""
    gap = {"T": "'T'", " ": " ", ", ": ", "}[match["gap"]]
    hour = ("h" if match["half"] else "H") * len(match["hour"])
    second = "" if match["second"] is None else ":ss"
    fraction = f"{match['point']}SSSSSS" if match["fraction"] else ""
    half = f"{match['half_gap']}a" if match["half"] else ""
    if len(match["fraction"] or "") > 6:
        return "?"
    zone_gap = (match["zone_gap"] if match["half"] else match["half_gap"] or match["zone_gap"]) if match["zone"] else ""
    return f"{gap}{hour}:mm{second}{fraction}{half}{zone_gap}{_zone_letters(match['zone'])}"


def _zone_letters(zone: str | None) -> str:
    if zone is None:
        return ""
    if zone in ("UTC", "GMT"):
        return f"'{zone}'"
    return "XXX" if zone == "Z" or len(zone) == 6 else "xx" if len(zone) == 5 else "x"


def _is_moment(layout: DayLayout, match: Match) -> bool:
    try:
        return bool(_moment(layout, match))
    except ValueError:
        return False


def _moment(layout: DayLayout, match: Match) -> datetime:
    hour = int(match["hour"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no hour of half a day")
        hour = hour % 12 + (12 if match["half"].upper() == "PM" else 0)
    day = layout.day_of(match)
    micros = int((match["fraction"] or "0")[:6].ljust(6, "0"))
    moment = datetime(day.year, day.month, day.day, hour, int(match["minute"] or 0), int(match["second"] or 0), micros)
    return moment if match["zone"] is None else moment.replace(tzinfo=UTC) - _offset(match["zone"])


def _offset(zone: str) -> timedelta:
    if zone[0] not in "+-":
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    distance = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -distance if zone[0] == "-" else distance
