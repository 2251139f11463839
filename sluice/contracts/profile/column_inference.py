"""What the texts of a column are: flags, times, numbers, or texts; with what stands for null among them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, assert_never

from etl.contract.types import ColumnType, TypeKind
from etl.wording import count_noun
from sluice.contracts.profile.column_reading import ColumnReading, ReadingHints
from sluice.contracts.profile.flag_text import read_flags
from sluice.contracts.profile.null_markers import ALWAYS, MOST_MARKERS, is_marker
from sluice.contracts.profile.number_text import has_leading_zeros, read_numbers
from sluice.contracts.profile.plain_values import looks_typed
from sluice.contracts.profile.time_text import read_epoch, read_times, time_doubts

Reader = Callable[[str, Sequence[str], ReadingHints], ColumnReading | None]
TEXT = ColumnReading(ColumnType(TypeKind.STRING))
CODE_NAMED = re.compile(
    r"(^|_)(zip|zipcode|zip_code|postal|postcode|post_code|postal_code|plz|cap|fips|ean|ean13|gtin|isbn|issn|upc|barcode|sku|"
    r"phone|telephone|tel|fax|mobile|iban|bic|vat|ssn|siren|siret|naics|sic|hs_code|account_number|card_number|tax_id)(_|$)"
)
ID_NAMED = re.compile(r"(^|_)(id|key|code|no|nr|num|number|uuid|guid|ref|reference)$")
MEASURED = re.compile(
    r"(^|_)(amount|price|cost|weight|rate|score|ratio|lat|latitude|lon|lng|longitude|temperature|temp)(_|$)"
)
COUNTED = re.compile(
    r"(^|_)(id|key|code|no|nr|num|number|count|cnt|cents|minor|type|class|group|band|bin|rank|year|month|day)(_|$)"
)
LONGEST_MEASURE = 15  # digits that each double has
WHOLE_SO_FAR = "whole numbers alone, and by its name it may have decimals: it is double"
LONG_ID = 13  # digits from which on an identifier of one length is a code: GTIN, card and account numbers
LETTER_CODE = re.compile(r"[A-Z]{1,3}")
NEARLY = 0.95  # share of different values from which on a column is nearly of a type
FEWEST_VALUES = 20  # different ones, below which a share says nothing
DIGITS_OF_CODE = "digits of a code, which may start with zeros; it stays text"


def infer_reading(name: str, values: Sequence[str], hints: ReadingHints) -> ColumnReading:
    """Return how a column's different texts are read; `name` is its plain name."""
    if not values:
        return TEXT
    reading = _typed(name, values, hints)
    if reading:
        return _with_nulls_elsewhere(reading, hints)
    markers = sorted(filter(is_marker, values))
    rest = [value for value in values if not is_marker(value)]
    if markers and rest and len(markers) <= MOST_MARKERS and hints.allows("null_values"):
        reading = _typed(name, rest, hints)
        if reading and not reading.declared.is_text:
            return _with_nulls(reading, markers, hints)
    return _text(values, hints, reading)


def reader_of(kind: TypeKind) -> Reader | None:
    """Return what reads texts as values of a kind; None where a draft never declares it of texts."""
    match kind:
        case TypeKind.BOOLEAN:
            return _flags
        case TypeKind.DATE | TypeKind.TIMESTAMP | TypeKind.TIMESTAMP_NTZ:
            return _times
        case TypeKind.INT | TypeKind.BIGINT | TypeKind.DECIMAL | TypeKind.DOUBLE:
            return _numbers
        case (
            TypeKind.STRING
            | TypeKind.FLOAT
            | TypeKind.SMALLINT
            | TypeKind.TINYINT
            | TypeKind.BINARY
            | TypeKind.ARRAY
            | TypeKind.STRUCT
        ):
            return None
        case _:
            assert_never(kind)


def _typed(name: str, values: Sequence[str], hints: ReadingHints) -> ColumnReading | None:
    """Return the reading of a type other than string, or one with a doubt that keeps it text; None where there is none."""
    readers = dict.fromkeys(
        reader for kind in (TypeKind.BOOLEAN, TypeKind.DATE, *TypeKind) if (reader := reader_of(kind))
    )
    for read in readers:
        reading = read(name, values, hints)
        if reading and hints.allows(*reading.options):
            return reading
    return None


def _flags(name: str, values: Sequence[str], _: ReadingHints) -> ColumnReading | None:
    return read_flags(name, values)


def _times(name: str, values: Sequence[str], hints: ReadingHints) -> ColumnReading | None:
    return read_times(name, values, hints) or read_epoch(name, values)


def _numbers(name: str, values: Sequence[str], hints: ReadingHints) -> ColumnReading | None:
    if has_leading_zeros(values):
        return None
    if all(map(str.isdigit, values)) and (CODE_NAMED.search(name) or _are_long_ids(name, values)):
        return replace(TEXT, doubts=(DIGITS_OF_CODE,))
    reading = read_numbers(values, hints)
    return _with_room_for_decimals(name, values, reading, hints) if reading else None


def _with_room_for_decimals(
    name: str, values: Sequence[str], reading: ColumnReading, hints: ReadingHints
) -> ColumnReading:
    """Return a reading as double of whole numbers whose name says that they are measured: the next file may have decimals."""
    is_whole = reading.declared.kind in (TypeKind.INT, TypeKind.BIGINT)
    if not is_whole or COUNTED.search(name) or not MEASURED.search(name):
        return reading
    if max(sum(map(str.isdigit, value)) for value in values) > LONGEST_MEASURE:
        return reading
    options = {"decimal": hints.decimal} if hints.decimal == "," and hints.allows("decimal") else {}
    declared = ColumnType(TypeKind.DOUBLE)
    return replace(reading, declared=declared, options={**options, **reading.options}).with_doubt(WHOLE_SO_FAR)


def _are_long_ids(name: str, values: Sequence[str]) -> bool:
    lengths = {len(value) for value in values}
    return len(lengths) == 1 and min(lengths) >= LONG_ID and bool(ID_NAMED.search(name)) and len(values) > 1


def _nearly_typed(values: Sequence[str]) -> tuple[str, ...]:
    """Return the doubt that a few values alone keep a column from a type."""
    if len(values) < FEWEST_VALUES:
        return ()
    typed = sum(map(looks_typed, values))
    if not NEARLY * len(values) <= typed < len(values):
        return ()
    others = count_noun(len(values) - typed, "different text")
    return (f"all but {others} of {len(values):,} look like numbers, days or flags; it stays text",)


def _with_nulls(reading: ColumnReading, markers: Sequence[str], hints: ReadingHints) -> ColumnReading:
    options = {**reading.options, "null_values": sorted({*markers} | hints.markers)}
    value_of = reading.value_of

    def value_or_none(text: str) -> Any:
        return None if text in markers or value_of is None else value_of(text)

    listed = ", ".join(map(repr, markers))
    return replace(
        reading,
        options=options,
        doubts=(*reading.doubts, f"{listed} read as null"),
        value_of=value_of and value_or_none,
        decides={**reading.decides, "markers": [*markers]},
    )


def _with_nulls_elsewhere(reading: ColumnReading, hints: ReadingHints) -> ColumnReading:
    """Return the reading of a typed column with what stands for null in others of the file: the next file may have it here."""
    if reading.declared.is_text or not hints.markers or not hints.allows("null_values"):
        return reading
    return replace(reading, options={**reading.options, "null_values": sorted(hints.markers)})


def _text(values: Sequence[str], hints: ReadingHints, doubtful: ColumnReading | None) -> ColumnReading:
    nulls = [value for value in values if value in ALWAYS or value in hints.markers]
    rest = [value for value in values if value not in nulls]
    doubts = doubtful.doubts if doubtful else time_doubts(rest) or _nearly_typed(values)
    if not nulls or not hints.allows("null_values"):
        return replace(TEXT, doubts=doubts)
    listed = ", ".join(map(repr, nulls))
    if {*nulls} <= ALWAYS or not all(map(LETTER_CODE.fullmatch, rest)):
        return replace(TEXT, options={"null_values": nulls}, doubts=(*doubts, f"{listed} read as null"))
    return replace(TEXT, doubts=(*doubts, f"{listed} stands for null elsewhere, and may be a code here; it stays text"))
