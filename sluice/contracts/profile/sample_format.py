"""The format of a sample: told by its bytes where they are of one format alone, else by the ending of its name."""

from pathlib import Path

from etl.contract.source_format import SourceFormat
from etl.sources.compression import codec_of, packing_of
from etl.sources.other_formats import describe_document, likely_json
from sluice.cli.errors import WrongUse

FORMATS = {
    **{ending: source_format for source_format in SourceFormat for ending in source_format.endings},
    **dict.fromkeys((".tsv", ".tab", ".psv", ".txt", ".dat"), SourceFormat.CSV),
    **dict.fromkeys((".geojson",), SourceFormat.JSONL),
}
SNIFFED_BYTES = 64 * 1024
KNOWN = ".csv, .tsv and .jsonl, also as .gz or .bz2, .parquet, .orc, .avro or .xlsx"


def detect_format(path: Path) -> SourceFormat:
    """Return the format of a file.

    Raises:
        WrongUse: it is none that a contract knows, such as a page of HTML.
    """
    codec = codec_of(path.name)
    source_format = FORMATS.get((path.with_suffix("") if codec else path).suffix.lower())
    if codec is None and path.is_file():
        source_format = _sniff_format(path, source_format)
    if source_format is None or (codec and not source_format.may_be_packed):
        raise WrongUse(f"{path.name} has no suffix that tells its format; name it {KNOWN}, which the gate reads")
    return source_format


def _sniff_format(path: Path, by_name: SourceFormat | None) -> SourceFormat | None:
    """Return the format of a file's first bytes, `by_name` where they may be of that; None where they are of none."""
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
    packing = packing_of(head)
    if packing in tuple(SourceFormat):
        return SourceFormat(packing)
    text = head.decode("utf-8-sig", errors="replace")
    if document := describe_document(text):
        raise WrongUse(f"{path} is {document}")
    if by_name is not None and by_name is not SourceFormat.CSV:
        return by_name
    if likely_json(text, len(head) < SNIFFED_BYTES, []):
        return SourceFormat.JSONL
    is_strange = packing or b"\x00" in head or head.startswith(b"<")
    return by_name or (None if is_strange else SourceFormat.CSV)
