"""Lists and objects within JSON records: proven of the text, then read with each value as the text that stands there.

A pattern follows from the declared type, so it proves which keys there are, and that a list or an object stands where one is
declared. It cannot tell that a key stands once: for that an object is read once more, as a map that keeps all its keys.
"""

import json
import re
from collections.abc import Mapping
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.types import ColumnType, TypeKind
from etl.sources.casting import OUT_OF_RANGE, holds_within, is_not_finite, is_out_of_range, value_of_text
from etl.sources.json_syntax import NUMBER, SPACE, WHOLE, string_pattern
from etl.sources.provenance import BROKEN
from etl.sources.value_reading import SCIENTIFIC

STRING = string_pattern(WHOLE)
SCALAR = rf"(?:{STRING}|{NUMBER}|true|false|null)"
# A declared name is matched in each way that it can be written but one: an escape of a character of ASCII would hide it.
NAME = r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u(?!00[0-7])[0-9A-Fa-f]{4})*+"'
IGNORED_LEVELS = 5
"""Lists and objects within one another, in a value that nobody reads; each level doubles the pattern."""
PLAIN_NAME = r'[^"\\\\/\x00-\x1f]*'
"""A name that each writer of JSON writes alike, but for escapes that NAME leaves out."""
RAW, ESCAPE = "_raw_", "\\u"


def record_pattern(types: Mapping[str, ColumnType], *, ignores_others: bool = False) -> str:
    """Return the pattern of a record with values of these columns' types; texts, numbers and flags stand for one another.

    Other keys have such a value too, which is refused by its key; or, where others are ignored, any value.
    """
    nested = {
        name: declared
        for name, declared in types.items()
        if declared.is_nested or ignores_others or not re.fullmatch(PLAIN_NAME, name)
    }
    ignored = _any_value() if ignores_others else ""
    return rf"{SPACE}{_sequence('{', _pairs(nested, ignored or SCALAR, ignored), '}')}{SPACE}"


def _any_value() -> str:
    value = SCALAR
    for _ in range(IGNORED_LEVELS):
        entry, pair = rf"{SPACE}{value}{SPACE}", rf"{SPACE}{STRING}{SPACE}:{SPACE}{value}{SPACE}"
        value = rf"(?:{SCALAR}|{_sequence('[', entry, ']')}|{_sequence('{', pair, '}')})"
    return value


def _sequence(opening: str, entry: str, closing: str) -> str:
    """Return the pattern of entries with commas between; the entry stands in it once, for it may hold many more."""
    ending = rf"(?:,(?!{SPACE}\{closing})|(?=\{closing}))"
    return rf"\{opening}(?:{SPACE}\{closing}|(?:{entry}{ending})++\{closing})"


def _shape(declared: ColumnType, ignored: str) -> str:
    """Return the pattern of a value of a type; a value within it may be any text, number or flag.

    `ignored` is what other keys of an object hold, "" where it has no others.
    """
    if not declared.is_nested:
        return SCALAR
    if declared.kind is TypeKind.ARRAY:
        entry = rf"{SPACE}{_shape(declared.parts[''], ignored)}{SPACE}"
        return rf"(?:null|{_sequence('[', entry, ']')})"
    return rf"(?:null|{_sequence('{', _pairs(declared.parts, ignored, ignored), '}')})"


def _pairs(types: Mapping[str, ColumnType], other_value: str, ignored: str) -> str:
    """Return the pattern of a key and its value; a key of another name has `other_value`, "" where there is none."""
    pairs = [rf"{_name_literal(name)}{SPACE}:{SPACE}{_shape(declared, ignored)}" for name, declared in types.items()]
    if other_value:
        names = "|".join(map(_name_literal, types))
        pairs.append(rf"(?!{names}){NAME}{SPACE}:{SPACE}{other_value}")
    return rf"{SPACE}(?:{'|'.join(pairs)}){SPACE}"


def _name_literal(name: str) -> str:
    """Return the pattern of a name as writers of JSON have it: a letter beyond ASCII as it is or as an escape."""
    return f'"{"".join(map(_character_pattern, name))}"'


def _character_pattern(character: str) -> str:
    escaped = json.dumps(character)[1:-1]
    if character.isascii():
        return re.escape(escaped).replace("/", r"\\?/")  # some writers have a backslash before a slash
    digits = "".join(f"[{digit}{digit.upper()}]" if digit in "abcdef" else digit for digit in escaped)
    return f"(?:{character}|{digits.replace(ESCAPE, re.escape(ESCAPE))})"


def read_nested(frame: DataFrame, nested: Mapping[str, ColumnType]) -> DataFrame:
    """Return a frame with lists and objects in place of their texts, and under OUT_OF_RANGE the text of one that holds a value
    that is none of its type. A record in which an object has a key twice is broken.
    """
    raw = {f"{RAW}{name}": F.col(f"`{name}`") for name in nested}
    texts = {name: _texts_of(F.col(f"`{RAW}{name}`"), declared) for name, declared in nested.items()}
    repeats = [F.col(f"`{RAW}{name}`").isNotNull() & F.col(f"`{name}`").isNull() for name in nested]
    read = frame.withColumns(raw).withColumns(texts).withColumn(BROKEN, reduce(or_, repeats, F.col(BROKEN)))
    lost = {
        f"{OUT_OF_RANGE}{name}": F.when(holds_within(F.col(f"`{name}`"), declared, _is_lost), F.col(f"`{RAW}{name}`"))
        for name, declared in nested.items()
    }
    values = {
        name: F.when(F.col(f"`{OUT_OF_RANGE}{name}`").isNull(), _typed(F.col(f"`{name}`"), declared))
        for name, declared in nested.items()
    }
    return read.withColumns(lost).withColumns(values).drop(*raw)


def _texts_of(text: Column, declared: ColumnType) -> Column:
    """Return a list or an object of a record, with each value within it as a text; null where a key stands twice in it."""
    return F.when(~_repeats_key(text, declared), values_as_texts(text, declared))


def values_as_texts(text: Column, declared: ColumnType) -> Column:
    """Return a list or an object, which a text is, with each value within it as a text."""
    return F.from_json(text, _text_schema(declared))


def _text_schema(declared: ColumnType) -> str:
    if not declared.is_nested:
        return "string"
    if declared.kind is TypeKind.ARRAY:
        return f"array<{_text_schema(declared.parts[''])}>"
    return f"struct<{','.join(f'{name}:{_text_schema(part)}' for name, part in declared.parts.items())}>"


def _repeats_key(text: Column, declared: ColumnType) -> Column:
    """Return where an object within a text, or the object that it is, has a key twice."""
    if not any(leaf.kind is TypeKind.STRUCT for leaf in _containers(declared)):
        return F.lit(False)
    if declared.kind is TypeKind.ARRAY:
        repeats = F.exists(F.from_json(text, "array<string>"), lambda entry: _repeats_key(entry, declared.parts[""]))
        return F.coalesce(repeats, F.lit(False))

    def repeats_in(members: Column) -> Column:
        keys = F.map_keys(members)
        marks = F.size(F.array_distinct(keys)) < F.size(keys)
        for name, part in declared.parts.items():
            if part.is_nested:
                marks |= _repeats_key(F.try_element_at(members, F.lit(name)), part)
        return marks

    # In a list of one, so that it is read once for all that is asked of it.
    return F.coalesce(F.exists(F.array(F.from_json(text, "map<string,string>")), repeats_in), F.lit(False))


def _containers(declared: ColumnType) -> list[ColumnType]:
    inner = [container for part in declared.parts.values() for container in _containers(part)]
    return [declared, *inner] if declared.is_nested else []


def _typed(value: Column, declared: ColumnType) -> Column:
    """Return a list or an object with the texts within it as values of their types."""
    if not declared.is_nested:
        return value if declared.is_text else _cast_exactly(value, declared)
    if declared.kind is TypeKind.ARRAY:
        return F.transform(value, lambda entry: _typed(entry, declared.parts[""]))
    fields = [_typed(value.getField(name), part).alias(name) for name, part in declared.parts.items()]
    return F.when(value.isNotNull(), F.struct(*fields))


def _is_lost(text: Column, declared: ColumnType) -> Column:
    """Return where a text is no value of its type, or one that not every reader takes."""
    if declared.is_text:
        return F.lit(False)
    value = _cast_exactly(text, declared)
    lost = text.isNotNull() & (text != "") & value.isNull()
    if declared.kind.is_floating:
        return lost | is_not_finite(value)
    return lost | is_out_of_range(value, declared) if declared.has_years else lost


def _cast_exactly(text: Column, declared: ColumnType) -> Column:
    """Return a text as a value of the type; null where it is not one as it stands: nothing is rounded or cut."""
    if declared.kind is not TypeKind.DECIMAL:
        return F.when(text.rlike(str(declared.plain_form)), value_of_text(text, declared))
    exponent = F.regexp_extract(text, SCIENTIFIC, 2).try_cast("int")
    decimals = F.length(F.regexp_extract(text, SCIENTIFIC, 1)) - exponent
    form = text.rlike(str(declared.plain_form)) | F.coalesce(decimals <= declared.scale, F.lit(False))
    return F.when(form, text.try_cast(declared))


def texts_within(value: Column, declared: ColumnType) -> list[Column]:
    """Return the texts within a list or an object, each as a text or a list of texts; those of other types are left out."""
    if declared.is_text:
        return [value]
    if declared.kind is TypeKind.STRUCT:
        return [text for name, part in declared.parts.items() for text in texts_within(value.getField(name), part)]
    if declared.kind is TypeKind.ARRAY:
        element = declared.parts[""]
        if not any(leaf.is_text for leaf in element.leaves()):
            return []
        return [F.transform(value, lambda entry: F.concat_ws("\n", *texts_within(entry, element)))]
    return []
