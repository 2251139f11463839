"""Whether bytes are text, and in which encoding; and bytes as the text that a declared encoding makes of them."""

import codecs
import re
from typing import assert_never

from etl.contract.dialect import Encoding

BOMS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)  # that of UTF-32 starts with that of UTF-16
WIDE_ENCODINGS = (("UTF-32", "utf-32-le"), ("UTF-32", "utf-32-be"), ("UTF-16", "utf-16-le"), ("UTF-16", "utf-16-be"))
SNIFFED_BYTES = 256  # bytes; a multiple of what a character has
MIN_NUL_SHARE = 0.04  # of the bytes: what a line of any language has, by its commas, quotes and digits
MIN_LETTERS = 3
"""Beyond ASCII: two bytes that are a letter of UTF-8 may be two letters of another encoding, but seldom three times."""
UNDEFINED_1252 = frozenset("\x81\x8d\x8f\x90\x9d")
CONTROLS_1252 = "".join(chr(code) for code in range(0x80, 0xA0) if chr(code) not in UNDEFINED_1252)
"""What ISO-8859-1 makes of the bytes that have another character in windows-1252."""
CHARACTERS_1252 = CONTROLS_1252.encode("latin-1").decode("cp1252")
_TABLE_1252 = str.maketrans(CONTROLS_1252, CHARACTERS_1252)
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffe\uffff\U00030000-\U0010ffff]")


def wide_encoding_of(head: bytes) -> str | None:
    """Return UTF-16 or UTF-32 where the first bytes are that: by their mark, or by zero bytes between the letters."""
    for mark, name in BOMS:
        if head.startswith(mark):
            return name
    sample = head[:SNIFFED_BYTES]
    if sample.count(0) < max(1, MIN_NUL_SHARE * len(sample)):
        return None
    return next((name for name, encoding in WIDE_ENCODINGS if _decodes_as(sample, encoding)), None)


def _decodes_as(sample: bytes, encoding: str) -> bool:
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return bool(text) and not CONTROL.search(text)


def is_text(head: bytes) -> bool:
    """Say whether bytes are UTF-8 without control characters; the last character may be cut off."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return not CONTROL.search(text)


def decode_text(data: bytes, encoding: Encoding) -> str:
    """Return bytes as text; a byte that is no character there becomes one that is no text (`text_lines.TEXT`)."""
    match encoding:
        case Encoding.UTF_8:
            return data.decode("utf-8", errors="replace")
        case Encoding.ISO_8859_1:
            return data.decode("latin-1")
        case Encoding.WINDOWS_1252:
            return data.decode("latin-1").translate(_TABLE_1252)
        case Encoding.UTF_16:
            return codecs.getincrementaldecoder(utf_16_codec(data))(errors="replace").decode(data)
        case _:
            assert_never(encoding)


def utf_16_codec(head: bytes) -> str:
    """Return Python's name for how the first bytes of UTF-16 are ordered: by their mark, else by where the zero bytes stand."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:SNIFFED_BYTES]
    return "utf-16-be" if sample[::2].count(0) > sample[1::2].count(0) else "utf-16-le"


def looks_like_utf_8(data: bytes) -> bool:
    """Say whether bytes have letters beyond ASCII, and all of them are UTF-8: of other encodings that is no chance.

    The last letter may be cut off.
    """
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return sum(not letter.isascii() for letter in text) >= MIN_LETTERS


def likely_encoding(data: bytes) -> Encoding:
    """Return which single-byte encoding bytes are that are no UTF-8: windows-1252 has characters where the other has none."""
    has_1252 = any(0x80 <= byte < 0xA0 for byte in data)
    return Encoding.WINDOWS_1252 if has_1252 else Encoding.ISO_8859_1
