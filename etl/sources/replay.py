"""Rows that an earlier run set aside, through the gate again: mended by an operator, or under a mended contract.

Each row of the run is published or set aside again under the replay's own id, and the commit moves the ledger with it: the
earlier run's rows count no longer, so a second replay finds none and no row is published twice. A line that broke a rule on
its structure is read from its raw text, unless an operator wrote what it means under `source`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import assert_never

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.contract.key_folders import FolderRefused
from etl.contract.model import Contract
from etl.contract.source_format import SourceFormat
from etl.contract.table_names import FILE_HEADER, LINE, OBJECT, ORDINAL, VERSION, quarantine_of
from etl.errors import NothingToReplay
from etl.ledger.ledger import Ledger
from etl.ledger.quarantine_table import counted_rows, source_expression
from etl.ledger.skip_list import Skip
from etl.results.rule_result import RuleResult
from etl.runtime.arguments import JobArguments
from etl.sources import csv_header, csv_reader, json_reader
from etl.sources.casting import OUT_OF_RANGE, columns_beside_texts
from etl.sources.csv_header import Layout
from etl.sources.folder_columns import add_folder_columns
from etl.sources.line_faults import LineFaults
from etl.sources.line_regex import LineRegex
from etl.sources.preflight import FilePreflight
from etl.sources.provenance import BROKEN, FIRST, HEADER, PLACE, PROVENANCE
from etl.storage.raw_objects import RawObject

IS_RAW = "_is_raw"
"""Whether a row was read from the raw text of a line; only a replay of such lines has it, null for others."""


@dataclass(frozen=True)
class Replay:
    """The rows that run `order.replay` set aside; those in the file `order.mended` take the place of theirs.

    Attributes:
        contract: by which rows that were set aside are read.
        file_contract: by which lines that were set aside unread are read, as their objects' are.
        output: the output's.
    """

    arguments: JobArguments
    contract: Contract
    ledger: Ledger
    file_contract: Contract
    output: Contract

    @classmethod
    def from_ledger(cls, arguments: JobArguments, contract: Contract, output: Contract, ledger: Ledger) -> "Replay":
        """Hold the run against the ledger.

        Raises:
            NothingToReplay: no rows of it count: it is unknown, set nothing aside, or was replayed before.
        """
        if arguments.replay not in ledger.quarantined:
            raise NothingToReplay(f"{arguments.dataset}: {ledger.replay_refusal(arguments.replay)}")
        # What was set aside is JSON text, whatever the rows came as.
        return cls(arguments, contract.as_stored_rows(), ledger, contract, output)

    nothing_to_read = ""
    preflights: tuple[FilePreflight, ...] = ()
    corrected: tuple[str, ...] = ()
    unread: tuple[RawObject, ...] = ()
    expects_rows = False
    skips: tuple[Skip, ...] = ()
    leaving_objects: tuple[str, ...] = ()

    @property
    def read_summary(self) -> str:
        """What was read, in words."""
        return f"what {self.arguments.replay} set aside"

    def read_rows(self, spark: SparkSession, _looks: list[FilePreflight], _plain: LineRegex) -> DataFrame:
        """Return the rows that were set aside as `extract` has them, each with the object that it came from.

        Raises:
            NothingToReplay: the mended rows name one that the run did not set aside, or one twice.
        """
        quarantined_rows = counted_rows(spark, quarantine_of(self.arguments.table), self.ledger, self.arguments.replay)
        if self.arguments.mended:
            quarantined_rows = self._replace_mended(spark, quarantined_rows)
        names = {"object": OBJECT, "version": VERSION, "ordinal": ORDINAL, "header": FILE_HEADER}
        quarantined_rows = quarantined_rows.withColumnsRenamed(names)
        raw_lines = quarantined_rows.where(F.col("source").isNull())
        headers = [row[0] for row in raw_lines.groupBy(FILE_HEADER).count().collect()]
        stored = quarantined_rows.where(F.col("source").isNotNull()) if headers else quarantined_rows
        rows = self._as_read(json_reader.split_columns(stored.withColumnRenamed("source", LINE), self.contract))
        if not headers:
            return rows
        raw_lines = raw_lines.drop("source").withColumnRenamed("raw", LINE)
        rows = LineFaults(self.contract, self.output).set_aside(rows)
        frames = [self._read_raw(raw_lines.where(F.col(FILE_HEADER).eqNullSafe(header)), header) for header in headers]
        return reduce(lambda first, second: first.unionByName(second, allowMissingColumns=True), [rows, *frames])

    def _as_read(self, rows: DataFrame, *further: Column) -> DataFrame:
        """Return rows with the columns that a reader gives."""
        beyond = [f"{OUT_OF_RANGE}{name}" for name in columns_beside_texts(self.contract)]
        source_columns = (LINE, BROKEN, F.lit(False).alias(HEADER), ORDINAL, *PROVENANCE, *further)
        return rows.select(*self.contract.names, *beyond, *source_columns)

    def _read_raw(self, raw_lines: DataFrame, header: str | None) -> DataFrame:
        """Read lines that were set aside unread, as those of a file with this header, None for none; a row that is sound
        gets its JSON text, as if it had been set aside for what it holds.

        Raises:
            NothingToReplay: the header is no longer one of the contract.
        """
        contract, contents = self.file_contract, self.file_contract.as_file_contents()
        match contract.format:
            case SourceFormat.CSV:
                layout = self._layout_of(header)
                placed = raw_lines.withColumns({FIRST: F.lit(None).cast("string"), PLACE: F.lit(None).cast("int")})
                rows = csv_reader.split_lines(placed, contents, layout, LineRegex())
            case SourceFormat.JSONL:
                rows = json_reader.split_columns(raw_lines, contents)
            case SourceFormat.PARQUET | SourceFormat.ORC | SourceFormat.AVRO | SourceFormat.EXCEL | SourceFormat.TABLES:
                contract = self.contract  # what such a file holds was set aside as JSON text
                rows = json_reader.split_columns(raw_lines, contract)
            case _:
                assert_never(contract.format)
        if contract.folder_columns:
            rows = self._with_folders(rows, contract)
        rows = self._as_read(rows, F.lit(header).cast("string").alias(FILE_HEADER))
        rows = LineFaults(contract, self.output).set_aside(rows)
        stored = F.expr(source_expression(contract))
        return rows.withColumns({LINE: F.when(~F.col(BROKEN), stored).otherwise(F.col(LINE)), IS_RAW: F.lit(True)})

    def _with_folders(self, rows: DataFrame, contract: Contract) -> DataFrame:
        """Return lines with the columns that come from the keys of their objects.

        Raises:
            NothingToReplay: a key lacks a folder that today's contract demands.
        """
        keys = [row[0] for row in rows.select(OBJECT).distinct().collect()]
        try:
            return add_folder_columns(rows, self.arguments.raw, {key: key for key in keys}, OBJECT, contract)
        except FolderRefused as refused:
            raise NothingToReplay(
                f"{self.arguments.dataset}: lines that {self.arguments.replay} set aside have {refused}, which today's "
                "contract demands; write what they mean under `source`, and replay with --rows"
            ) from None

    def _layout_of(self, header: str | None) -> Layout:
        """Return which field of a line is which column's, by the header of its file.

        Raises:
            NothingToReplay: the header is none of the contract.
        """
        contract = self.file_contract.as_file_contents()
        contract = replace(contract, dialect=replace(contract.dialect, skip_rows=0))
        if header is None or not contract.dialect.header:
            return csv_header.declared_layout(contract)
        head = csv_header.check_head(f"{header}\n", False, contract)
        if head.fault:
            raise NothingToReplay(
                f"{self.arguments.dataset}: lines that {self.arguments.replay} set aside stand below a header that is none of "
                f"today's contract: {head.detail}; write what they mean under `source`, and replay with --rows"
            )
        return head.layout

    def _replace_mended(self, spark: SparkSession, quarantined_rows: DataFrame) -> DataFrame:
        rows = spark.read.text(self.arguments.mended).withColumnRenamed("value", LINE)
        rows = json_reader.parse_texts(rows.where(F.trim(LINE) != ""), {"row": "row", "mended": "mended"})
        if unread := rows.where(F.col(BROKEN)).count():
            raise NothingToReplay(
                f"{self.arguments.mended}: {unread} lines are no JSON object of two texts, `row` and `mended`; "
                "write the row's JSON text under `mended`"
            )
        mended = rows.select("row", "mended")
        unknown = mended.join(quarantined_rows, "row", "left_anti").select("row")
        twice = mended.groupBy("row").count().where("count > 1").select("row")
        if wrong := [row["row"] for row in unknown.union(twice).limit(5).collect()]:
            raise NothingToReplay(
                f"{self.arguments.mended}: {', '.join(map(str, wrong))} names no row that {self.arguments.replay} set aside, "
                "or one twice; keep each line's row as it was listed"
            )
        source = F.coalesce("mended", "source").alias("source")
        columns = ("raw", "header", "object", "version", "ordinal")
        return quarantined_rows.join(mended, "row", "left").select("row", source, *columns)

    def reread_rows(self, spark: SparkSession, preflights: list[FilePreflight], plain: LineRegex) -> DataFrame:
        """Return all rows again: there are no objects to tell them by."""
        return self.read_rows(spark, preflights, plain)

    def row_of(self, key: str, line: str) -> int | None:
        """Return no number: the rows are not an object's lines."""
        return None

    def assert_unchanged(self) -> None:
        """Nothing to hold: rows that were set aside do not change."""

    def diagnose_read_failure(self, preflights: list[FilePreflight]) -> None:
        """Nothing to name: no object is read."""

    def reconcile_sums(self, rows: DataFrame) -> list[RuleResult]:
        """Nothing to reconcile: each row is one that was read."""
        return []

    def judge_rows(self, counts: Mapping[str, int]) -> list[RuleResult]:
        """No manifest to hold rows against: they are not all of their objects."""
        return []

    def updated_ledger(self, ledger: Ledger, has_quarantined: bool) -> Ledger:
        """Return the ledger by which the earlier run's rows count no longer, and what is aside still does."""
        return ledger.with_replay(self.arguments.replay, self.arguments.run_id, has_quarantined)
