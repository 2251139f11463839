"""The header of an Avro file held against the contract: its codec, and the schema that wrote it."""

import io
from collections.abc import Callable

from etl.contract.model import Contract
from etl.contract.structure_rules import StructureRule
from etl.sources.avro_container import AvroHeader, ShortHeader, read_header
from etl.sources.file_schema import schema_differences
from etl.sources.json_records import BrokenRecords

MAX_HEADER_BYTES = 16 * 1024 * 1024  # bytes, in which the largest header ends


def header_fault(
    head: bytes, read_first: Callable[[int], bytes], contract: Contract
) -> tuple[StructureRule, str] | None:
    """Return the rule that a file breaks, and why; None where it has the declared columns.

    Args:
        head: its first bytes.
        read_first: reads so many of its first bytes, for a larger header.
        contract: the input's.
    """
    try:
        header = _read_whole_header(head, read_first)
    except ShortHeader:
        return StructureRule.FORMAT, "it ends within its header"
    except BrokenRecords as error:
        return error.rule, error.why
    types = {name: field.type for name, field in header.schema.fields.items()}
    differences = schema_differences(types, contract)
    return (StructureRule.SCHEMA, differences) if differences else None


def _read_whole_header(head: bytes, read_first: Callable[[int], bytes]) -> AvroHeader:
    try:
        return read_header(io.BytesIO(head))
    except ShortHeader:
        return read_header(io.BytesIO(read_first(MAX_HEADER_BYTES)))
