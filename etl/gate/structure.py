"""What no expectation can state: broken rows, text that is no text, casts that would change a value.

Each has an id, `<dataset>.structure.<what>`, and appears in the verdict like the contract's own rules.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.contract.sample_values import SAMPLES, shown
from etl.contract.table_names import LINE, OBJECT
from etl.contract.types import plain_form
from etl.gate.onepass import object_marks
from etl.gate.onepass.fallback_pass import Doubt
from etl.gate.onepass.line_precompute import Beside
from etl.gate.onepass.observations import Seen
from etl.results.row_origin import Origin
from etl.results.structure_rules import STAGE, structure_result
from etl.results.verdict import COMPUTED, OBSERVED, RuleResult
from etl.sources import json_reader
from etl.sources.casting import BEYOND, dates, lost, typed, unformed
from etl.sources.preflight import Look
from etl.sources.provenance import BROKEN, HEADER, PLACE
from etl.sources.text_lines import TEXT

STRANGE = "strange"


def row() -> Column:
    """Return where a line is no header."""
    return ~F.col(HEADER)


def sound() -> Column:
    """Return where a line is a row whose columns could be read."""
    return ~F.col(BROKEN) & row()


def of_transform(dataset: str, samples: Iterable[str] = ()) -> RuleResult:
    """Return the rule that the dataset's transform takes its rows, broken where there are samples of what it failed on.

    The pass that wrote the rows tells that it holds.
    """
    found = list(samples)
    return replace(
        structure_result(dataset, "transform", len(found), shown(found)), way=COMPUTED if found else OBSERVED
    )


class Structure:
    """The structure rules of a dataset's rows, seen in the pass that writes, or counted in one over what was read."""

    def __init__(self, contract: Contract, output: Contract) -> None:
        """Find the rules."""
        self.dataset = contract.dataset
        self.masking = contract.masking | output.masking
        self.headers = 1 if contract.format == "csv" else 0
        types = {column.name: column.type for column in output.columns}
        text = [column.name for column in contract.columns if column.type == "string"]
        forms = {name: (types[name], plain_form(types[name])) for name in text if name in types}
        self.forms = {name: (declared, form) for name, (declared, form) in forms.items() if form}
        self.beyond = {name: F.col(f"{BEYOND}{name}").isNotNull() for name in dates(contract)}
        self.lines = {"row": F.col(BROKEN), "text": ~_readable(contract.format, text).rlike(TEXT)}
        if contract.format == "jsonl":
            halved = F.col(BROKEN) & json_reader.is_halved()
            self.lines = {"row": self.lines["row"] & ~halved, "text": self.lines["text"] | halved}
        self.names = [*self.lines, *(f"cast.{name}" for name in (*self.forms, *self.beyond))]

    @cached_property
    def marks(self) -> dict[str, tuple[str, Column]]:
        """Where a line breaks a rule, and the column to show of it."""
        casts = {
            name: unformed(name, form) | lost(name, declared, typed(name, declared))
            for name, (declared, form) in self.forms.items()
        }
        return {
            **{name: (LINE, row() & mark) for name, mark in self.lines.items()},
            **{f"cast.{name}": (name, sound() & mark) for name, mark in casts.items()},
            **{f"cast.{name}": (f"{BEYOND}{name}", sound() & mark) for name, mark in self.beyond.items()},
        }

    def add(self, doubt: Doubt, beside: Beside, frame: DataFrame, looks: list[Look]) -> None:
        """Have the lines looked at for what `held` needs; `beside` is what stands beside them."""
        tally = doubt.reading
        tally.mark(None, {(STAGE, STRANGE): F.col(OBJECT).isNull()})
        doubt.mark(row(), {(STAGE, name): mark for name, mark in self.lines.items()})
        doubt.mark(sound(), {(STAGE, name, form): unformed(name, form) for name, (_, form) in self.forms.items()})
        typed_here = {name: lost(name, declared, beside.value(name)) for name, (declared, _) in self.forms.items()}
        tally.mark(sound(), {(STAGE, name): mark for name, mark in typed_here.items()})
        tally.mark(sound(), {(STAGE, name): mark for name, mark in self.beyond.items()})
        if self.headers:
            tally.counts[STAGE, HEADER] = F.col(HEADER)
        if PLACE in frame.columns and len(looks) <= object_marks.MOST:
            tally.words |= object_marks.words(len(looks))

    def rows(self, seen: Seen) -> int:
        """Return the number of data rows that a tally saw."""
        return seen.rows - (seen.values[STAGE, HEADER] if self.headers else 0)

    def held(self, seen: Seen, looks: list[Look]) -> list[RuleResult] | None:
        """Return the results of a day on which every rule holds; None where one may not: then `check` tells which."""
        broken = [
            key for key, is_there in seen.marks.items() if is_there and isinstance(key, tuple) and key[0] == STAGE
        ]
        if broken or not self._is_whole(seen, len(looks)):
            return None
        return [
            replace(structure_result(self.dataset, name, 0), way=OBSERVED) for name in ("header", "rows", *self.names)
        ]

    def _is_whole(self, seen: Seen, count: int) -> bool:
        """Say whether each object has its one header and a row."""
        if count and not seen.words:
            return False
        headers, rows = object_marks.seen(seen.words, count)
        once = not self.headers or (all(headers) and seen.values[STAGE, HEADER] == count)
        return all(rows) and once

    def check(self, frame: DataFrame, looks: list[Look]) -> tuple[int, list[RuleResult]]:
        """Return the number of data rows and each rule's result; costs one pass, and one more a broken rule."""
        counts = [F.sum(mark.cast("long")).alias(name) for name, (_, mark) in self.marks.items()]
        headers = F.sum(F.col(HEADER).cast("long")).alias("headers")
        rows = F.count(F.lit(1)).alias("rows")
        found = frame.groupBy(OBJECT).agg(rows, headers, *counts).collect()
        total = sum(row["rows"] - row["headers"] for row in found)
        return total, [*self._objects(found, looks), *(self._rule(name, found, frame) for name in self.marks)]

    def _objects(self, found: list[Any], looks: list[Look]) -> list[RuleResult]:
        """Hold each object's lines against its first look: one header, at least one row."""
        seen = {row[OBJECT]: row for row in found}
        if None in seen:
            raise RuntimeError("Spark read a file that was not listed: report this with the keys of the raw objects")
        versions = {look.object.key: look.object.version for look in looks}
        again = {
            key: f"{key}: the header stands {row['headers']} times"
            for key, row in seen.items()
            if row["headers"] != self.headers
        }
        empty = {
            look.object.key: f"{look.object.key}: a header and no rows"
            for look in looks
            if look.object.key not in seen or seen[look.object.key]["rows"] == seen[look.object.key]["headers"]
        }
        results: list[RuleResult] = []
        for what, texts in (("header", again), ("rows", empty)):
            places = tuple(Origin(key, versions.get(key, "")) for key in texts)
            results.append(
                replace(structure_result(self.dataset, what, len(texts), shown([*texts.values()])), places=places)
            )
        return results

    def _rule(self, name: str, found: list[Any], frame: DataFrame) -> RuleResult:
        unexpected = sum(row[name] or 0 for row in found)
        if not unexpected:
            return structure_result(self.dataset, name, 0)
        column, mark = self.marks[name]
        values = [row[0] for row in frame.where(mark).select(column).limit(SAMPLES).collect()]
        name_of = column.removeprefix(BEYOND)
        samples = self.masking.lines(values) if column == LINE else self.masking.samples(values, [name_of])
        return structure_result(self.dataset, name, unexpected, samples)


def _readable(form: str, text: list[str]) -> Column:
    """Return what must be clean: a CSV line holds its values as they are, other formats may have escaped them."""
    # Apart, or half a character at one value's end would be whole with the next one's first bytes.
    return F.col(LINE) if form == "csv" else F.concat_ws("\n", *text)
