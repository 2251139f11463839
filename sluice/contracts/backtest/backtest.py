"""`backtest`: what a changed contract would have refused of given data, next to the published one."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from pyspark.errors import AnalysisException
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from etl.contract.sample_values import SAMPLES
from etl.contract.table_names import OBJECT
from etl.gate.quarantine_routing import Unjudged
from etl.transform_errors import in_words, is_of_rows
from sluice.contracts.backtest import rows, run_rules, tables
from sluice.contracts.backtest.comparison import groups, samples, together
from sluice.contracts.backtest.contract_pair import Pair
from sluice.contracts.backtest.data import Table
from sluice.contracts.backtest.files import name_of, objects
from sluice.contracts.backtest.outcome import (
    ALL,
    DAY,
    FILE,
    Errors,
    Group,
    Name,
    Outcome,
    broken_by,
    is_row,
    is_unit,
    unit_of,
)
from sluice.contracts.backtest.report import Report, Samples
from sluice.contracts.backtest.row_outcomes import Broken
from sluice.contracts.backtest.rows import DAY as DAY_OF_ROW
from sluice.contracts.backtest.rows import Judged
from sluice.contracts.suite_files import WrongUse

COLUMNS = {FILE: OBJECT, DAY: DAY_OF_ROW}


@dataclass(frozen=True)
class Given:
    """What is judged: `data` are raw files or a table, `day` the column that says a row's day or None, `run_date` ISO."""

    spark: SparkSession
    data: list[Path] | Table
    day: str | None
    run_date: str

    @property
    def parameters(self) -> dict[str, str]:
        """What rules may ask a run for."""
        return {"run_date": self.run_date}

    def judged(self, pair: Pair) -> Judged:
        """Return the rows as a pair's suite judges them; Spark reads and judges them once.

        Raises:
            WrongUse: Spark cannot read the table, the transform does not fit the pair, a rule cannot be judged on rows,
                or the dataset is built from no files.
        """
        try:
            found = self._judged(pair)
        except Unjudged as error:
            raise WrongUse(
                f"{pair.contract.dataset}.{pair.contract.stage} {pair.contract.version} has rules that the engine cannot "
                "judge, with which every run fails; mend them, or name another commit with --base, where the published suite "
                f"has them. In error: {error}"
            ) from None
        except AnalysisException as error:
            told = f"{pair.contract.dataset}.{pair.contract.stage} {pair.contract.version}"
            raise WrongUse(
                f"the working tree's transform and {told} do not fit: {str(error).splitlines()[0]}"
            ) from error
        return replace(found, frame=found.frame.persist())

    def _judged(self, pair: Pair) -> Judged:
        if isinstance(self.data, Table):
            table = tables.read(self.spark, self.data)
            return tables.of_table(table, pair, self.day, self.parameters)
        if any(one.sources for one in (pair.contract, pair.twin) if one):
            raise WrongUse(f"{pair.contract.dataset} is built from tables and has no files: give its published table")
        return rows.of_files(self.spark, objects(self.data), pair, self.day, self.parameters)

    @cached_property
    def _keys(self) -> dict[Name, str]:
        """The keys of raw files, by the name that their user knows them by."""
        return {} if isinstance(self.data, Table) else {name_of(one.key): one.key for one in objects(self.data)}

    def named(self, found: list[Group]) -> list[Group]:
        """Return rows with the names of their files in the place of keys."""
        if isinstance(self.data, Table):
            return found
        if any(group.file is None for group in found):
            raise RuntimeError("Spark read a file by another name than it was given; report this with the files' paths")
        return [replace(group, file=name_of(group.file or "")) for group in found]

    def within(self, kind: str, name: Name) -> Column:
        """Return where a row is of a unit."""
        if kind not in COLUMNS:
            return F.lit(True)
        value, column = self._keys.get(name, name) if kind == FILE else name, F.col(COLUMNS[kind])
        # Not null-safe: only an equation lets Spark skip what it keeps of other units.
        return column.isNull() if value is None else column == value

    def kinds(self, found: list[Group]) -> tuple[str, ...]:
        """Return how the rows fall into runs, and beside that into days: a run is a file, else a day, else all there is."""
        by_file = (FILE,) if not isinstance(self.data, Table) or any(group.file for group in found) else ()
        return (*by_file, *((DAY,) if self.day else ())) or (ALL,)


def backtest(given: Given, before: Pair | None, after: Pair) -> Report:
    """Judge what is given by the published pair, None where there was none, and by the changed one."""
    now, was = given.judged(after), given.judged(before) if before else None
    lines = together(was, now).persist()
    with _transformed(after):
        found = given.named(groups(lines))
    report = Report(
        found,
        _outcome(given, was, "before", found) if was else None,
        _outcome(given, now, "after", found),
        {
            **samples(lines, [side.contract.masking for side in (before, after) if side]),
            **_of_files([now, *([was] if was else [])]),
        },
    )
    for frame in (lines, now.frame, *([was.frame] if was else [])):
        frame.unpersist()
    return report


@contextmanager
def _transformed(pair: Pair) -> Iterator[None]:
    """Let an error that a row makes in the transform be told in a line.

    Raises:
        WrongUse: in place of that error.
    """
    try:
        yield
    except Exception as error:
        if not is_of_rows(error):
            raise
        personal = any(one.pii for one in (pair.contract, pair.twin) if one)
        told = in_words(error, personal)
        raise WrongUse(f"the working tree's transform fails on a row: {told}; a run names the row") from None


def _outcome(given: Given, judged: Judged, which: str, found: list[Group]) -> Outcome:
    """Judge each file, day or table as a run, where it has rows that the rules see."""
    seen = [group for group in found if is_row(group) and judged.terms.judges(broken_by(group, which))]
    failing: dict[str, dict[Name, Broken]] = {kind: {} for kind in given.kinds(found)}
    errors: dict[str, dict[Name, Errors]] = {kind: {} for kind in failing}
    for kind, units in failing.items():
        for name in {unit_of(kind, group) for group in seen if is_unit(kind, group) or len(failing) == 1}:
            result = run_rules.failing(judged, given.within(kind, name), given.parameters)
            units[name], errors[kind][name] = result.broken, result.errors
    faults: dict[Name, str] = {file: rule for file, (rule, _) in judged.faults.items()}
    return Outcome(judged.terms, which, faults, judged.headers, found, failing, errors)


def _of_files(sides: list[Judged]) -> Samples:
    """Return what the files showed that are refused unread, by rule."""
    shown: dict[str, dict[str, None]] = defaultdict(dict)
    for judged in sides:
        for rule, text in judged.faults.values():
            shown[rule][text] = None
    return {rule: tuple(texts)[:SAMPLES] for rule, texts in shown.items()}
