"""In which encoding the bytes of a sample are text."""

import codecs
import re
from collections.abc import Iterable

from etl.sources.encodings import wide_encoding_of

UTF_8, UTF_16, WINDOWS_1252 = "utf-8", "utf-16", "windows-1252"
ENCODINGS = (UTF_8, "iso-8859-1", WINDOWS_1252, UTF_16)
NO_WESTERN_TEXT = 0.3  # share of runs of letters beyond ASCII that are three and longer: other alphabets, not accents
HIGH_RUN = re.compile(rb"[\x80-\xff]+")
UNASSIGNED = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D))  # windows-1252 has no character there
SEEN_RUNS = 100_000


def detect_encoding(pieces: Iterable[bytes]) -> str | None:
    """Return the encoding of a text that comes in pieces; None where a contract knows none that it may be in.

    Of the single-byte encodings it is windows-1252, which reads what iso-8859-1 reads, and € and dashes too.
    """
    decoder = codecs.getincrementaldecoder(UTF_8)()
    runs: list[bytes] = []
    is_utf8 = True
    for number, piece in enumerate(pieces):
        if number == 0 and (wide := wide_encoding_of(piece)):
            return UTF_16 if wide == "UTF-16" else None
        if is_utf8:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                is_utf8 = False
        if len(runs) < SEEN_RUNS:
            runs.extend(HIGH_RUN.findall(piece))
    if is_utf8 and not _ends_within_character(decoder):
        return UTF_8
    return WINDOWS_1252 if _is_western(runs) else None


def _ends_within_character(decoder: codecs.IncrementalDecoder) -> bool:
    return bool(decoder.getstate()[0])


def _is_western(runs: list[bytes]) -> bool:
    if any(UNASSIGNED & set(run) for run in runs):
        return False
    return sum(len(run) > 2 for run in runs) <= NO_WESTERN_TEXT * len(runs)
