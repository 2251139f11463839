"""Every raw object of a dataset that has a row to forget: what runs read, what they pass over, and what they could not read."""

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.table_names import ORDINAL
from etl.forget.arguments import ForgetArguments
from etl.forget.line_rewrite import rewrite_lines
from etl.forget.report import PlaceLeft
from etl.forget.row_finder import FoundRows, RowFinder
from etl.sources import columnar_reader, preflight, readers
from etl.sources.compression import READ_EXTENSIONS, BrokenStream, codec_of, decompress_stream, packing_of
from etl.sources.line_regex import LineRegex
from etl.sources.preflight import FilePreflight
from etl.storage.many_objects import map_objects
from etl.storage.object_streams import ObjectStreams
from etl.storage.raw_objects import RawObject, is_data_key, list_all_latest

logger = logging.getLogger(__name__)
SNIFFED_BYTES = 4096
UNDIVIDED = {"spark.sql.files.maxPartitionBytes": str(1 << 50), "spark.sql.files.openCostInBytes": "0"}
"""Settings by which one task reads a file whole."""


@dataclass
class SearchedObjects:
    """What a search of raw shows.

    Attributes:
        objects: the latest version of every object below the prefix, by key.
        preflights: what those showed that the contract reads, by key; the others are searched as text.
        matches: the rows to remove, by object.
        left: objects that could not be searched, and why.
    """

    objects: dict[str, RawObject]
    preflights: dict[str, FilePreflight] = field(default_factory=dict[str, FilePreflight])
    matches: FoundRows = field(default_factory=FoundRows)
    left: list[PlaceLeft] = field(default_factory=list[PlaceLeft])


@dataclass(frozen=True)
class RawSearch:
    """Searches a dataset's raw prefix for rows of keys.

    Attributes:
        spark, s3: what it reads with.
        arguments: where the objects are.
        contract: by which they are read.
        finder: tells which rows are meant.
    """

    spark: SparkSession
    s3: Any
    arguments: ForgetArguments
    contract: Contract
    finder: RowFinder

    def search(self) -> SearchedObjects:
        """Search every object's latest version."""
        listed = list_all_latest(self.s3, self.arguments.raw)
        searched = SearchedObjects({entry.key: entry for entry in listed})
        data = [entry for entry in listed if is_data_key(entry.key, self.arguments.raw, self.contract.files)]
        preflights = self._preflights([entry for entry in data if entry.size])
        self._search_rows([look for look in preflights if not look.fault], searched)
        if not self.contract.format.has_row_numbers:
            self._number_rows(searched)
        for entry in listed:
            if entry.key not in searched.preflights and entry.size:
                self._search_text(entry, searched)
        return searched

    def _preflights(self, data: Sequence[RawObject]) -> list[FilePreflight]:
        """Look at each object; of a columnar file also at its schema."""
        raw = self.arguments.raw
        looks = map_objects(lambda entry: preflight.preflight_object(self.s3, raw, entry, self.contract), data)
        if not self.contract.format.is_columnar:
            return looks
        sound = [look for look in looks if not look.fault]
        return columnar_reader.check_file_schemas(self.spark, raw, sound, self.contract)

    def _search_rows(self, looks: list[FilePreflight], searched: SearchedObjects) -> None:
        """Search objects by what the contract reads in them: all at once, and where that fails one by one."""
        if not looks:
            return
        try:
            matches = FoundRows()
            self.finder.find_rows(self._read(looks), matches)
            searched.matches = matches
            searched.preflights.update({look.object.key: look for look in looks})
        except Exception as error:
            # What fails names a value, so only its class is told.
            logger.warning("objects are searched one by one, since together they fail: %s", type(error).__name__)
            for look in looks:
                self._search_alone(look, searched)

    def _search_alone(self, look: FilePreflight, searched: SearchedObjects) -> None:
        for find in (self.finder.find_rows, self.finder.find_typed_rows):
            matches = FoundRows()
            try:
                find(self._read([look]), matches)
            except Exception as error:
                logger.warning("%s could not be read: %s", look.object.key, type(error).__name__)
                continue
            for key, places in matches.places.items():
                searched.matches.places[key] |= places
                searched.matches.by_text[key] += matches.by_text[key]
            searched.preflights[look.object.key] = look
            return

    def _number_rows(self, searched: SearchedObjects) -> None:
        """Tell which rows of a file are meant whose format counts none: it is read once more, by one task and so in order."""
        looks = [searched.preflights[key] for key, places in searched.matches.places.items() if places]
        searched.matches = FoundRows()
        conf = self.spark.conf
        before = {name: str(conf.get(name)) for name in UNDIVIDED}
        for name, value in UNDIVIDED.items():
            conf.set(name, value)
        try:
            for look in looks:
                lines = self._read([look]).withColumn(ORDINAL, F.monotonically_increasing_id())
                self.finder.find_rows(lines, searched.matches)
        finally:
            for name, value in before.items():
                conf.set(name, value)

    def _read(self, looks: list[FilePreflight]) -> Any:
        streams = ObjectStreams.from_client(self.s3, self.arguments.raw.bucket)
        return readers.read_objects(self.spark, self.arguments.raw, looks, self.contract, LineRegex(), streams)

    def _search_text(self, entry: RawObject, searched: SearchedObjects) -> None:
        """Search an object that the contract does not read, line by line."""
        uri = self.arguments.raw.uri(entry.key)
        matches = FoundRows()

        def search_line(number: int, text: bytes) -> bool:
            if self.finder.search.finds(text.decode(errors="replace")):
                matches.add(entry.key, number, by_text=True)
            return False

        try:
            with Path(os.devnull).open("wb") as sink:
                rewrite_lines(self.unpacked_text(entry), self.contract.dialect.encoding, search_line, sink)
        except NoText as fault:
            searched.left.append(PlaceLeft(uri, f"{fault}, so its rows cannot be told; delete the object"))
        except (BrokenStream, UnicodeDecodeError):
            searched.left.append(PlaceLeft(uri, "its bytes are broken, so its rows cannot be told; delete the object"))
        else:
            for key, places in matches.places.items():
                searched.matches.places[key], searched.matches.by_text[key] = places, matches.by_text[key]

    def unpacked_text(self, entry: RawObject) -> Iterator[bytes]:
        """Yield the bytes of an object of text, unpacked.

        Raises:
            NoText: it is none.
            BrokenStream: what is packed is broken.
        """
        codec = text_codec_of(entry.key)
        chunks = ObjectStreams.from_client(self.s3, self.arguments.raw.bucket).chunks(entry)
        is_first = True
        for chunk in decompress_stream(chunks, codec) if codec else chunks:
            if is_first and (packing := packing_of(chunk[:SNIFFED_BYTES])):
                raise NoText(f"it is {packing}")
            is_first = False
            yield chunk


def text_codec_of(key: str) -> str | None:
    """Return what a text of that name is packed by, where it can be unpacked and packed again; else None."""
    codec = codec_of(key)
    return codec if codec in READ_EXTENSIONS else None


class NoText(Exception):
    """An object that is no text."""
