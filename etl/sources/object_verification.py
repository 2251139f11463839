"""Raw objects read to their end, for the rare run in which Spark could not read: a good day never gets here."""

from collections import deque
from typing import Any

from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.sources.avro_container import verify_avro
from etl.sources.compression import BrokenStream, codec_of, decompress_stream
from etl.sources.json_records import BrokenRecords, iterate_json_records
from etl.sources.object_head import HEAD_BYTES, stream_rule
from etl.sources.preflight import FilePreflight
from etl.storage.byte_streams import buffered_stream
from etl.storage.raw_objects import S3Prefix

CHUNK_BYTES = 1024 * 1024


def verify_object(s3: Any, raw_prefix: S3Prefix, preflight: FilePreflight, contract: Contract) -> FilePreflight:
    """Read an object of text or of Avro to its end; what is broken further down is a fault."""
    verified = preflight if contract.format.takes_whole_files else verify_stream(s3, raw_prefix, preflight)
    return verify_records(s3, raw_prefix, verified, contract)


def verify_records(s3: Any, raw_prefix: S3Prefix, preflight: FilePreflight, contract: Contract) -> FilePreflight:
    """Read a file to its end whose records one task reads; where one's end cannot be told, it is a fault."""
    raw_object, is_avro = preflight.object, contract.format is SourceFormat.AVRO
    if preflight.fault or not (is_avro or (contract.format.is_text and contract.record_form.takes_whole_files)):
        return preflight
    body = s3.get_object(Bucket=raw_prefix.bucket, Key=raw_object.key, VersionId=raw_object.version)["Body"]
    chunks, codec = body.iter_chunks(CHUNK_BYTES), None if is_avro else codec_of(raw_object.key)
    stream = buffered_stream(decompress_stream(chunks, codec) if codec else chunks)
    try:
        if is_avro:
            verify_avro(stream)
        else:
            deque(iterate_json_records(stream, contract.records), maxlen=0)
    except BrokenRecords as error:
        return FilePreflight(raw_object, fault=error.rule, detail=f"{raw_object.key}: {error.why}")
    return preflight


def verify_stream(s3: Any, raw_prefix: S3Prefix, preflight: FilePreflight) -> FilePreflight:
    """Read a packed object to its end, in constant memory; a stream that is not whole is a fault."""
    raw_object, codec = preflight.object, codec_of(preflight.object.key)
    if preflight.fault or codec is None:
        return preflight
    body = s3.get_object(Bucket=raw_prefix.bucket, Key=raw_object.key, VersionId=raw_object.version)["Body"]
    try:
        for _ in decompress_stream(body.iter_chunks(CHUNK_BYTES), codec):
            pass
    except BrokenStream:
        detail = f"{raw_object.key}: its {codec} stream is broken or cut off beyond its first {HEAD_BYTES} bytes"
        return FilePreflight(raw_object, fault=stream_rule(codec), detail=detail)
    return preflight
