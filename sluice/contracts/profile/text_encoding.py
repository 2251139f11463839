"""In which encoding the bytes of a sample are text."""

import codecs
import re
from collections.abc import Iterable

from etl.contract.dialect import Encoding
from etl.sources.encodings import UNDEFINED_1252, wide_encoding_of

NO_WESTERN_TEXT = 0.3  # share of runs of letters beyond ASCII that are three and longer: other alphabets, not accents
HIGH_RUN = re.compile(rb"[\x80-\xff]+")
UNASSIGNED = frozenset(map(ord, UNDEFINED_1252))
SEEN_RUNS = 100_000


def detect_encoding(pieces: Iterable[bytes]) -> Encoding | None:
    """Return the encoding of a text that comes in pieces; None where a contract knows none that it may be in.

    Of the single-byte encodings it is windows-1252, which reads what iso-8859-1 reads, and € and dashes too.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    runs: list[bytes] = []
    is_utf8 = True
    for number, piece in enumerate(pieces):
        if number == 0 and (wide := wide_encoding_of(piece)):
            return Encoding.UTF_16 if wide == "UTF-16" else None
        if is_utf8:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                is_utf8 = False
        if len(runs) < SEEN_RUNS:
            runs.extend(HIGH_RUN.findall(piece))
    if is_utf8 and not _ends_within_character(decoder):
        return Encoding.UTF_8
    return Encoding.WINDOWS_1252 if _is_western(runs) else None


def _ends_within_character(decoder: codecs.IncrementalDecoder) -> bool:
    return bool(decoder.getstate()[0])


def _is_western(runs: list[bytes]) -> bool:
    if any(UNASSIGNED & {*run} for run in runs):
        return False
    return sum(len(run) > 2 for run in runs) <= NO_WESTERN_TEXT * len(runs)
