"""A line is taken apart as its dialect has it; what the dialect does not allow is no record."""

import pytest

from etl.contract.dialect import Dialect, Encoding
from etl.sources.csv_syntax import CsvSyntax
from etl.sources.encodings import decode_text, likely_encoding

COMMAS = Dialect()
LINES: list[tuple[Dialect, str, list[str | None] | None]] = [
    (COMMAS, 'a,"b,""c""",', ["a", 'b,"c"', None]),
    (COMMAS, 'a,b"c', None),
    (COMMAS, '"a"b,c', None),
    (COMMAS, '"a', None),
    (Dialect(delimiter=";"), '1,5;"a;b";c', ["1,5", "a;b", "c"]),
    (Dialect(delimiter="|"), 'a|"b|c"|', ["a", "b|c", None]),
    (Dialect(delimiter="\t"), 'a\t"b\tc"\t"d"', ["a", "b\tc", "d"]),
    (Dialect(delimiter="\x01"), "a\x01b,\x01", ["a", "b,", None]),
    (Dialect(quote="'"), "a,'b,''c''',\"", ["a", "b,'c'", '"']),
    (Dialect(quote=""), 'a,"b,c"', ["a", '"b', 'c"']),
    (Dialect(escape="\\"), r'"a\"b","c\\",d\,e', ['a"b', "c\\", "d,e"]),
    (Dialect(escape="\\"), r'"a\\""b"', ['a\\"b']),
    (Dialect(escape="\\"), r'"a""\"b"', ['a""b']),
    (Dialect(escape="\\"), r"a\nb,c", None),
    (Dialect(escape="\\"), "a,b\\", None),
    (Dialect(escape='"'), '"a""b",c', ['a"b', "c"]),
    (Dialect(quote="", escape="\\"), r'a\,b,"c', ["a,b", '"c']),
]


@pytest.mark.parametrize(("dialect", "line", "fields"), LINES)
def test_a_line_is_taken_apart_as_its_dialect_has_it(
    dialect: Dialect, line: str, fields: list[str | None] | None
) -> None:
    assert CsvSyntax.from_dialect(dialect).split_fields(line) == fields


def test_a_control_character_is_text_only_as_the_delimiter() -> None:
    assert CsvSyntax.from_dialect(Dialect(delimiter="\x01")).is_text("a\x01é")
    assert not CsvSyntax.from_dialect(Dialect(delimiter="\x01")).is_text("a\x01\x02")
    assert not CsvSyntax.from_dialect(COMMAS).is_text("a\x01é")


def test_bytes_are_the_characters_of_their_encoding_and_undefined_ones_are_no_text() -> None:
    every_byte = bytes(byte for byte in range(256) if byte not in b"\x81\x8d\x8f\x90\x9d")
    assert decode_text(every_byte, Encoding.WINDOWS_1252) == every_byte.decode("cp1252")
    for undefined in (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d"):
        assert not CsvSyntax().is_text(decode_text(undefined, Encoding.WINDOWS_1252))
    assert not any(CsvSyntax().is_text(decode_text(bytes([byte]), Encoding.ISO_8859_1)) for byte in range(0x80, 0xA0))
    assert (likely_encoding(b"caf\xe9"), likely_encoding(b"5 \x80")) == (Encoding.ISO_8859_1, Encoding.WINDOWS_1252)
