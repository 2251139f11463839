"""A day that a seed draws: 8 to 40 columns, texts of several alphabets, nulls, and 20 to 80 rules that hold on it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bench.drawn_columns import Drawn, DrawnColumn, draw_column, key_column
from bench.lake import Suites
from bench.readings import joined, pc
from etl.contract.stage import Stage
from etl.contract.type_kinds import TypeKind

FILES, AT_ONCE = 4, 250_000  # rows in memory
WARNINGS, MOSTLY, CONDITIONS = 0.2, 0.1, 0.1  # of the rules, where one may be a warning, have `mostly` or a condition
NAMES = [
    "depot",
    "route",
    "parcel",
    "driver",
    "weight",
    "colour",
    "status",
    "origin",
    "target",
    "channel",
    "season",
    "batch",
]
WHOLE_NUMBERS = (TypeKind.INT, TypeKind.BIGINT)
Rule = tuple[str | None, Drawn]
"""A rule, with its column where it has one."""


@dataclass(frozen=True)
class DrawnDay:
    """The day of a seed: the same each time."""

    seed: int

    @cached_property
    def columns(self) -> list[DrawnColumn]:
        """Its columns, the key first."""
        random = np.random.default_rng(self.seed)
        width = int(random.integers(8, 41))
        names = [f"{NAMES[number % len(NAMES)]}_{number}" for number in range(1, width)]
        return [key_column(random, "reference"), *(draw_column(random, name) for name in names)]

    @cached_property
    def rules(self) -> list[Rule]:
        """Its rules, but for those that every contract has."""
        random = np.random.default_rng(self.seed + 10**6)
        possible = [(column.name, rule) for column in self.columns for rule in column.rules] + self._rules_on_several()
        number = min(int(random.integers(20, 81)), len(possible) + 4) - 4
        return [possible[index] for index in sorted(random.choice(len(possible), number, replace=False))]

    def _rules_on_several(self) -> list[Rule]:
        whole = [column.name for column in self.columns if column.type in WHOLE_NUMBERS][1:]
        texts = [column.name for column in self.columns if column.type == TypeKind.STRING]
        several: list[Rule] = []
        if len(texts) > 1:
            unlike = {"column_list": ["reference", texts[-1]]}
            several.append((None, (Stage.INPUT, "select_column_values_to_be_unique_within_record", unlike)))
            with_key = {"column_list": ["reference", texts[-1]]}
            several.append((None, (Stage.OUTPUT, "compound_columns_to_be_unique", with_key)))
        for first, second in pairwise(whole[:4]):
            pair = {"column_A": first, "column_B": second, "mostly": 0.0001, "or_equal": True}
            several.append((None, (Stage.OUTPUT, "column_pair_values_a_to_be_greater_than_b", pair)))
        for name in whole[:2]:
            query = f"SELECT * FROM {{batch}} WHERE `{name}` > 100000000"  # noqa: S608
            several.append((None, (Stage.OUTPUT, "unexpected_rows", {"unexpected_rows_query": query})))
        return several

    @property
    def suites(self) -> Suites:
        """Its contracts."""
        inputs = [{"name": column.name, "type": "string", "description": "Drawn."} for column in self.columns]
        outputs = [{"name": column.name, "type": column.type, "description": "Drawn."} for column in self.columns]
        of_key = [("reference", (stage, "column_values_to_not_be_null", {})) for stage in (Stage.INPUT, Stage.OUTPUT)]
        needed: list[Rule] = [
            (None, (stage, "table_row_count_to_be_between", {"min_value": 1})) for stage in (Stage.INPUT, Stage.OUTPUT)
        ]
        needed.append(("reference", (Stage.OUTPUT, "column_values_to_be_unique", {})))
        rules = [self._rule(number, rule) for number, rule in enumerate([*needed, *of_key[:1], *self.rules])]
        about = {"version": "1.0.0", "owner": "bench", "description": f"Drawn by the seed {self.seed}."}

        def suite(stage: Stage, **meta: Any) -> str:
            expectations = [expectation for rule_stage, expectation in rules if rule_stage is stage]
            return json.dumps({"name": f"drawn.{stage}", "meta": {**about, **meta}, "expectations": expectations})

        output = suite(Stage.OUTPUT, columns=outputs, key=["reference"], freshness_hours=26)
        return Suites("drawn", suite(Stage.INPUT, columns=inputs, format="csv"), output)

    def _rule(self, number: int, rule: Rule) -> tuple[Stage, dict[str, Any]]:
        column, (stage, kind, arguments) = rule
        random = np.random.default_rng([self.seed, number])
        is_row = kind.startswith(("column_values_", "column_value_lengths_")) and "unique" not in kind
        is_warning = is_row and random.random() < WARNINGS
        name = "unexpected_rows_expectation" if kind == "unexpected_rows" else f"expect_{kind}"
        meta = {"rule": f"drawn.{column or 'rows'}.r{number}", "why": "Drawn."}
        kwargs = {**({"column": column} if column else {}), **arguments}
        if is_row:
            kwargs |= {"mostly": 0.9} if random.random() < MOSTLY else {}
            kwargs |= self._condition(random, stage) if random.random() < CONDITIONS else {}
        severity = "warning" if is_warning else "critical"
        return stage, {"type": name, "kwargs": kwargs, "severity": severity, "meta": meta}

    def _condition(self, random: np.random.Generator, stage: Stage) -> dict[str, Any]:
        """Return arguments by which a rule is one of the rows that have a value, or a large one, of another column."""
        whole = [column.name for column in self.columns if column.type in WHOLE_NUMBERS and stage is Stage.OUTPUT]
        if whole and random.random() < 0.5:
            comparison = {"type": "comparison", "column": {"name": str(random.choice(whole))}, "operator": ">"}
            return {"row_condition": {**comparison, "parameter": 5}}
        other = self.columns[int(random.integers(len(self.columns)))].name
        return {"row_condition": {"type": "nullity", "column": {"name": other}, "is_null": False}}

    def write_files(self, rows: int, folder: Path) -> list[Path]:
        """Write `rows` rows into four files of a folder, once; return these."""
        folder.mkdir(parents=True, exist_ok=True)
        done, files = folder / "done", [folder / f"part-{number}.csv" for number in range(FILES)]
        if not done.exists():
            random = np.random.default_rng(self.seed + 2 * 10**6)
            for file, (first, end) in zip(
                files, pairwise(rows * part // FILES for part in range(FILES + 1)), strict=True
            ):
                with file.open("wb") as out:
                    out.write(f"{','.join(column.name for column in self.columns)}\n".encode())
                    out.writelines(self._lines(random, first, end))
            done.touch()
        return files

    def _lines(self, random: np.random.Generator, first: int, end: int) -> Iterator[bytes]:
        for start in range(first, end, AT_ONCE):
            numbers = np.arange(start, min(start + AT_ONCE, end))
            columns = [column.draw_texts(random, numbers) for column in self.columns]
            lines = pc.binary_join_element_wise(*columns[:-1], joined(columns[-1], "\n"), ",")
            yield "".join(lines.to_pylist()).encode()
