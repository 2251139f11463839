"""Where a row stands in its object, found by reading that once more."""

from typing import Any

from etl.contract.model import Contract
from etl.sources import csv_reader, physical_lines, preflight
from etl.storage.object_streams import ObjectStreams
from etl.storage.raw_objects import RawObject, S3Prefix


def find_row(s3: Any, raw_prefix: S3Prefix, raw_object: RawObject, contract: Contract, line: str) -> int | None:
    """Return the number of an object's line, from 1; None where that cannot be told."""
    if contract.format.is_typed or contract.format.takes_whole_files:
        return None
    if not contract.has_lines:
        look = preflight.preflight_object(s3, raw_prefix, raw_object, contract)
        streams = ObjectStreams.from_client(s3, raw_prefix.bucket)
        return csv_reader.find_record_number(streams, look, contract.as_file_contents(), line)
    mark = physical_lines.mark_of_line(line.encode())
    place, encoding = (raw_object.key, raw_object.version), contract.dialect.encoding
    numbers = physical_lines.find_line_numbers(s3, raw_prefix.bucket, place, {mark: 1}, encoding)
    return next(iter(numbers[mark]), None)
