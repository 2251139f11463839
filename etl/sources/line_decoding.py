"""Lines as Spark's text reader has them, which are bytes, as the text that a declared encoding makes of them."""

from typing import assert_never

from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.contract.dialect import Encoding
from etl.sources.encodings import CHARACTERS_1252, CONTROLS_1252


def decoded_line(value: Column, encoding: Encoding) -> Column:
    """Return a line's text: what `encodings.decode_text` makes of its bytes; bytes that are no UTF-8 stay as they are.

    Only the characters of windows-1252 that ISO-8859-1 lacks are looked up, in lines that have a byte beyond ASCII: to look
    each character up takes longer than all the rest.

    Raises:
        ValueError: lines of this encoding do not end at a byte.
    """
    match encoding:
        case Encoding.UTF_8:
            return value
        case Encoding.UTF_16:
            raise ValueError("a line of UTF-16 does not end at a byte; such files are read whole")
        case Encoding.ISO_8859_1:
            return _latin_1(value)
        case Encoding.WINDOWS_1252:
            text = _latin_1(value)
            is_ascii = F.octet_length(text) == F.octet_length(value)
            return F.when(is_ascii, value).otherwise(F.translate(text, CONTROLS_1252, CHARACTERS_1252))
        case _:
            assert_never(encoding)


def _latin_1(value: Column) -> Column:
    return F.decode(value.cast("binary"), "ISO-8859-1")
