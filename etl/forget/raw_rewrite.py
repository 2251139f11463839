"""Raw objects written anew without some rows: on this machine first, and into the bucket once the ledger expects it."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import IO, Any, BinaryIO, assert_never, cast
from urllib.parse import urlencode

from botocore.exceptions import ClientError

from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.forget import binary_rewrite
from etl.forget.line_rewrite import LineCounts, open_packed, rewrite_lines
from etl.forget.raw_search import SearchedObjects, text_codec_of
from etl.forget.text_rewrite import rewrite_text
from etl.ledger.rewrites import Rewrite
from etl.ledger.skip_list import CONFLICT_CODES
from etl.sources.compression import codec_of, decompress_stream
from etl.storage.object_streams import ObjectStreams
from etl.storage.optional_objects import error_code
from etl.storage.raw_objects import RawObject

MAX_SINGLE_PUT_BYTES = 5 << 30
"""What one PutObject takes (Amazon S3, Multipart upload limits)."""
KEPT_HEADERS = ("ContentType", "ContentEncoding", "ContentDisposition", "ContentLanguage", "CacheControl", "Metadata")
"""What an object has beside its bytes, and its copy too."""


@dataclass(frozen=True)
class WrittenObject:
    """An object as it is to be, on this machine.

    Attributes:
        source: the version that it takes the place of.
        path: its bytes.
        rows: how many rows went, `by_text` of them found by text alone.
        is_emptied: whether no row is left, so that no run can read it.
        rewrite: what the ledger is to expect.
    """

    source: RawObject
    path: Path
    rows: int
    by_text: int
    is_emptied: bool
    rewrite: Rewrite


class CannotRewrite(Exception):
    """An object that cannot be written anew; the message says why, without a value."""


class ObjectReplaced(Exception):
    """An object that somebody put anew meanwhile."""


@dataclass(frozen=True)
class RawRewrite:
    """Writes objects anew: `folder` is where, on this machine."""

    s3: Any
    bucket: str
    contract: Contract
    folder: Path

    def write(self, searched: SearchedObjects, key: str, put: str) -> WrittenObject:
        """Write an object without the rows that a search showed; `put` is when it came.

        Raises:
            CannotRewrite: that cannot be done.
        """
        source, places = searched.objects[key], searched.matches.places[key]
        look = searched.preflights.get(key)
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as target:
            stream = cast(BinaryIO, target)
            try:
                if look is None:
                    rows, remaining = self._write_lines(source, places, stream)
                else:
                    rows, remaining = self._write_rows(source, look.layout, places, stream)
                    remaining -= len(look.lead)
            except CannotRewrite:
                raise
            except Exception as error:
                raise CannotRewrite(
                    f"its {self.contract.format} cannot be written again: {type(error).__name__}"
                ) from None
        path = Path(target.name)
        if rows < len(places):
            raise CannotRewrite(f"only {rows} of its {len(places)} rows were found again")
        rewrite = Rewrite(source.version, _digest(path), path.stat().st_size, put)
        return WrittenObject(source, path, rows, searched.matches.by_text[key], remaining <= 0, rewrite)

    def _chunks(self, source: RawObject, codec: str | None) -> Iterator[bytes]:
        chunks = ObjectStreams.from_client(self.s3, self.bucket).chunks(source)
        return decompress_stream(chunks, codec) if codec else chunks

    def _write_lines(self, source: RawObject, places: set[Any], target: BinaryIO) -> LineCounts:
        """Write a text that the contract does not read, without the lines of some numbers."""
        codec = text_codec_of(source.key)
        with _packing(target, codec) as packed:
            lines = self._chunks(source, codec)
            encoding = self.contract.dialect.encoding
            return rewrite_lines(lines, encoding, lambda number, _: number in places, packed)

    def _write_rows(
        self, source: RawObject, layout: Iterable[str | None], places: set[Any], target: BinaryIO
    ) -> tuple[int, int]:
        """Write a file without some rows; return how many went, and how many stay: of lines, with the header's."""
        contract = self.contract.as_file_contents()
        match contract.format:
            case SourceFormat.CSV | SourceFormat.JSONL:
                codec = codec_of(source.key)
                width = len([*layout]) or len(contract.names)
                with _packing(target, codec) as packed:
                    return rewrite_text(lambda: self._chunks(source, codec), contract, places, width, packed)
            case SourceFormat.PARQUET | SourceFormat.ORC | SourceFormat.AVRO | SourceFormat.EXCEL:
                data = b"".join(self._chunks(source, None))
                rewritten = binary_rewrite.rewrite_file(data, contract, places)
                target.write(rewritten.data)
                return rewritten.rows, rewritten.remaining
            case SourceFormat.TABLES:
                raise CannotRewrite("it is of no file format")
            case _:
                assert_never(contract.format)

    def delete(self, written: WrittenObject) -> None:
        """Delete an object of which no row is left.

        Raises:
            ObjectReplaced: its latest version is another by now; nothing was deleted.
        """
        names = {"Bucket": self.bucket, "Key": written.source.key}
        if self.s3.head_object(**names)["VersionId"] != written.source.version:
            raise ObjectReplaced(written.source.key)
        self.s3.delete_object(**names)

    def put(self, written: WrittenObject) -> str:
        """Put an object with all that it had beside its bytes; return its version.

        Raises:
            ObjectReplaced: its latest version is another by now; nothing was put.
        """
        source = written.source
        names = {"Bucket": self.bucket, "Key": source.key}
        head = self.s3.head_object(**names)
        if head["VersionId"] != source.version:
            raise ObjectReplaced(source.key)
        beside = {name: head[name] for name in KEPT_HEADERS if head.get(name)}
        if tags := self.s3.get_object_tagging(**names)["TagSet"]:
            beside["Tagging"] = _tagging(tags)
        with written.path.open("rb") as body:
            if written.rewrite.size > MAX_SINGLE_PUT_BYTES:
                self.s3.upload_fileobj(body, self.bucket, source.key, ExtraArgs=beside)
                return self.s3.head_object(**names)["VersionId"]
            try:
                return self.s3.put_object(**names, Body=body, IfMatch=head["ETag"], **beside)["VersionId"]
            except ClientError as fault:
                if error_code(fault) in CONFLICT_CODES:
                    raise ObjectReplaced(source.key) from fault
                raise


@contextmanager
def _packing(target: BinaryIO, codec: str | None) -> Iterator[IO[bytes]]:
    """Let what is written into a file be packed."""
    packed = open_packed(target, codec)
    try:
        yield packed
    finally:
        if packed is not target:
            packed.close()


def _tagging(tags: Iterable[dict[str, str]]) -> str:
    return urlencode({tag["Key"]: tag["Value"] for tag in tags})


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()
