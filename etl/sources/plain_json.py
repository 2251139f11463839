"""Lines of JSON that are plain: one regular expression proves an object and takes its values out, in one look.

Most exporters write the keys of each object in one order and with one space at most between. Where a line matches, it is an
object of declared keys, each there once; all that it holds is text; each value is null or matches its column's patterns; and
those that must be there are. Where it does not match nothing is known: it is parsed (`json_reader.py`), and each rule looks
for itself.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import pairwise
from re import escape

from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.contract.dialect import ExtraColumns
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.table_names import LINE
from etl.sources.csv_syntax import CsvSyntax
from etl.sources.field_alphabet import FieldAlphabet, character_class
from etl.sources.json_syntax import NUMBER, WHOLE
from etl.sources.line_regex import PRESENT, LineRegex, minimal_cores, parse_core
from etl.sources.text_lines import FURTHER

STRINGS = CsvSyntax(delimiter='"', quote="", escape="\\")
"""What ends a string and what stands before an escape, as a syntax of fields: a pattern is looked for in other characters."""
SEPARATOR, EMPTY = "\x00", '""'
"""What stands before each value that was taken out, which no sound line has; and what stands for an empty text."""
GROUPS = 3  # of a value: an empty text with its quotes, a text without, and what stands bare
# Of what escapes stand for, no text are control characters but three, separators of lines, U+FEFF and U+FFFD (TEXT).
NO_TEXT = "00[01]|007[Ff]|00[89]|202[89]|[Ff][Ee][Ff][Ff]|[Ff]{3}[Dd]"
CODE = rf"u(?!{NO_TEXT}){WHOLE}"
SIMPLE = r"\A[^\\]*+(?:\\[\"\\/][^\\]*+)*+\z"
"""Each escape stands for the character behind the backslash."""
SAMPLE_LINES = 100  # of a file's beginning, whose keys are looked at


def json_line_regex(
    contract: Contract, forms: Sequence[tuple[str, str]], patterns: Iterable[tuple[str, str]]
) -> LineRegex:
    """Return what a plain line of JSON proves: the forms of all texts that are published with a type, and of the patterns
    those that can be looked for in a line; nothing where a form cannot.
    """
    alphabet = FieldAlphabet(STRINGS)
    proven = {pair for pair in (*forms, *patterns) if parse_core(pair[1], alphabet) is not None}
    is_whole = takes_plain_lines(contract) and proven.issuperset(forms)
    return LineRegex(patterns=frozenset(proven), syntax=STRINGS) if is_whole else LineRegex()


def takes_plain_lines(contract: Contract) -> bool:
    """Say whether a contract's records may be plain: one a line, flat, and of no keys but the declared ones."""
    return (
        contract.format is SourceFormat.JSONL
        and not contract.record_form.takes_whole_files
        and contract.extra_columns is ExtraColumns.REFUSE
        and not any(column.type.is_nested for column in contract.columns)
    )


def plain_pattern(keys: Mapping[str, str], patterns: Iterable[tuple[str, str]] = ()) -> str:
    """Return the pattern of a plain line, with GROUPS groups for each value, of which at most one holds a text.

    Args:
        keys: by column what stands in the line, in the line's order.
        patterns: pairs of column and pattern, each of which `parse_core` knows.
    """
    members = [
        _member(name, key, [pattern for owner, pattern in patterns if owner == name]) for name, key in keys.items()
    ]
    return rf"\A\{{ ?+{''.join(members)}\}}\z"


def _member(name: str, key: str, patterns: Sequence[str]) -> str:
    """Return the pattern of a key, its value and what ends both; one that need not be there may be missing."""
    alphabet = FieldAlphabet(STRINGS)
    parsed = [core for pattern in patterns if pattern != PRESENT and (core := parse_core(pattern, alphabet))]
    cores = minimal_cores(parsed)
    texts = [f"(?:{core.text})" if "|" in core.parts else core.text for core in cores]
    looks = "".join(f'(?={text}")' for text in texts[:-1])
    string = f'"(?!")({looks}{texts[-1] if texts else _any_text(alphabet)})"'
    string = string if not cores or cores[-1].is_single else f"(?>{string})"
    empty = "(?!)()" if any(core.is_nullable is not True for core in cores) else '("")'
    bare = "".join(rf"(?={text}(?:,| ?\}}))" for text in texts) + rf"({NUMBER}|true|false)"
    null = "" if PRESENT in patterns else "|null"
    literal = escape(json.dumps(key, ensure_ascii=False))
    member = rf'{literal}: ?+(?:{empty}|{string}|{bare}{null})(?:, ?+(?=")| ?+(?=\}}))'
    # As one step that is never taken back: Java's matcher would otherwise use stack frames for each part of each column.
    return f"(?>{member})" if PRESENT in patterns else f"(?:{member})?+"


def _any_text(alphabet: FieldAlphabet) -> str:
    plain = character_class(alphabet.plain)
    return rf'{plain}*+(?:(?:[{FURTHER.replace(chr(9), "")}]++|\\(?:["\\/nrt]|{CODE})){plain}*+)*+'


def taken_out(pattern: str, values: int) -> Column:
    """Return a plain line's values, each behind a SEPARATOR; another line as it is.

    A value is its text, nothing for null, and EMPTY for an empty text.
    """
    places = range(1, values * GROUPS + 1, GROUPS)
    groups = ("".join(f"${place + number}" for number in range(GROUPS)) for place in places)
    return F.regexp_replace(LINE, pattern, "".join(f"{SEPARATOR}{group}" for group in groups))


def is_taken_out(values: Column) -> Column:
    """Return where `taken_out` found a plain line; none begins with SEPARATOR, but a strange one may."""
    return F.coalesce(values.startswith(SEPARATOR) & ~F.col(LINE).startswith(SEPARATOR), F.lit(False))


def unescaped(values: Column) -> Column:
    """Return what `taken_out` did without its escapes; null where one of them stands for more than its own character."""
    is_simple = values.rlike(SIMPLE) & ~values.contains(f'{SEPARATOR}\\"\\"')  # which would look like EMPTY
    return F.when(~values.contains("\\"), values).when(is_simple, F.regexp_replace(values, r"\\(.)", "$1"))


def text_of(values: Column, place: int) -> Column:
    """Return one of a line's values, counted from 1: as it stands where the first of them is null, else as it was taken out."""
    value = F.get(values, F.lit(place))
    return F.when(F.get(values, F.lit(0)).isNull(), value).when(value == EMPTY, "").when(value != "", value)


def key_order(text: str, is_whole: bool, contract: Contract) -> tuple[str, ...]:
    """Return the columns in the order of their keys in the first lines of a file; () where these have none in common.

    A column that they lack stands behind the one that the contract has before it.
    """
    columns = {key: name for name, key in contract.file_names.items()}
    lines = text.split("\n")[: SAMPLE_LINES + 1]
    samples: list[list[str]] = []
    for line in lines if is_whole else lines[:-1]:
        with suppress(ValueError, RecursionError):
            keys = json.loads(line, object_pairs_hook=lambda pairs: tuple(key for key, _ in pairs), parse_int=str)
            if isinstance(keys, tuple) and all(key in columns for key in keys):
                samples.append([columns[key] for key in keys])
    order = _merged_order([*samples, contract.names])
    places = {name: place for place, name in enumerate(order)}
    in_order = all(places[first] < places[second] for names in samples for first, second in pairwise(names))
    return tuple(order) if samples and in_order else ()


def _merged_order(samples: Iterable[Sequence[str]]) -> list[str]:
    """Return all names, each new one behind the one that stands before it where it is seen first."""
    order: list[str] = []
    for names in samples:
        place = 0
        for name in names:
            if name in order:
                place = order.index(name) + 1
            else:
                order.insert(place, name)
                place += 1
    return order
