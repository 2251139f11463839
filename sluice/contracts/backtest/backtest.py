"""`backtest`: what a changed contract would have refused of given data, next to the published one."""

from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

from pyspark.errors import AnalysisException
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from etl.contract.run_parameters import rule_parameters
from etl.contract.sample_values import MAX_SAMPLES
from etl.contract.table_names import OBJECT
from etl.gate.quarantine_routing import WarningsUnjudged
from etl.transform_errors import describe_error, may_come_from_rows
from sluice.cli.errors import WrongUse
from sluice.contracts.backtest import rows, run_rules, tables
from sluice.contracts.backtest.comparison import count_groups, join_judgements, sample_values
from sluice.contracts.backtest.contract_pair import ContractPair
from sluice.contracts.backtest.data import Table
from sluice.contracts.backtest.files import file_name, list_objects
from sluice.contracts.backtest.history_days import walk_days
from sluice.contracts.backtest.outcome import (
    ALL,
    DAY,
    FILE,
    Errors,
    Group,
    Outcome,
    UnitName,
    broken_by,
    is_row,
    is_unit,
    unit_of,
)
from sluice.contracts.backtest.report import BacktestReport, Samples
from sluice.contracts.backtest.row_outcomes import BrokenRules
from sluice.contracts.backtest.rows import DAY as DAY_OF_ROW
from sluice.contracts.backtest.rows import JudgedRows

UNIT_COLUMNS = {FILE: OBJECT, DAY: DAY_OF_ROW}


@dataclass(frozen=True)
class BacktestInput:
    """What is judged: `data` are raw files or a table, `day_column` the column that says a row's day or None,
    `run_date` ISO. `is_copy` says that all rows came in one run, however many objects and days they are of.
    """

    spark: SparkSession
    data: list[Path] | Table
    day_column: str | None
    run_date: str
    is_copy: bool = False

    @cached_property
    def parameters(self) -> dict[str, str]:
        """What rules may ask a run for."""
        return rule_parameters(date.fromisoformat(self.run_date), datetime.now(UTC))

    def judge_rows(self, pair: ContractPair) -> JudgedRows:
        """Return the rows as a pair's suite judges them; Spark reads and judges them once.

        Raises:
            WrongUse: Spark cannot read the table, the transform does not fit the pair, a rule cannot be judged on rows,
                or the dataset is built from no files.
        """
        try:
            judged_rows = self._judge_source(pair)
        except WarningsUnjudged as error:
            raise WrongUse(
                f"{pair.contract.dataset}.{pair.contract.stage} {pair.contract.version} has rules that the engine cannot "
                "judge, with which every run fails; mend them, or name another commit with --base, where the published suite "
                f"has them. In error: {error}"
            ) from None
        except AnalysisException as error:
            suite_name = f"{pair.contract.dataset}.{pair.contract.stage} {pair.contract.version}"
            raise WrongUse(
                f"the working tree's transform and {suite_name} do not fit: {str(error).splitlines()[0]}"
            ) from error
        return replace(judged_rows, frame=judged_rows.frame.persist())

    def _judge_source(self, pair: ContractPair) -> JudgedRows:
        if isinstance(self.data, Table):
            table = tables.read_table(self.spark, self.data)
            return tables.judge_table(table, pair, self.day_column, self.parameters)
        if any(contract.sources for contract in (pair.contract, pair.twin) if contract):
            raise WrongUse(f"{pair.contract.dataset} is built from tables and has no files: give its published table")
        return rows.judge_files(self.spark, list_objects(self.data), pair, self.day_column, self.parameters)

    @cached_property
    def _keys_by_name(self) -> dict[UnitName, str]:
        """The keys of raw files, by the name that their user knows them by."""
        return (
            {}
            if isinstance(self.data, Table)
            else {file_name(raw_object.key): raw_object.key for raw_object in list_objects(self.data)}
        )

    def name_files(self, row_groups: list[Group]) -> list[Group]:
        """Return rows with the names of their files in the place of keys."""
        if isinstance(self.data, Table):
            return row_groups
        if any(group.file is None for group in row_groups):
            raise RuntimeError("Spark read a file by another name than it was given; report this with the files' paths")
        return [replace(group, file=file_name(group.file or "")) for group in row_groups]

    def unit_condition(self, kind: str, name: UnitName) -> Column:
        """Return where a row is of a unit."""
        if kind not in UNIT_COLUMNS:
            return F.lit(True)
        value, column = self._keys_by_name.get(name, name) if kind == FILE else name, F.col(UNIT_COLUMNS[kind])
        # Not null-safe: only an equation lets Spark skip what it keeps of other units.
        return column.isNull() if value is None else column == value

    def unit_kinds(self, row_groups: list[Group]) -> tuple[str, ...]:
        """Return how the rows fall into runs, and beside that into days: a run is a file, else a day, else all there is.

        A table that is a snapshot is one copy: its rows are judged together.
        """
        if self.is_copy:
            return (ALL,)
        by_file = (FILE,) if not isinstance(self.data, Table) or any(group.file for group in row_groups) else ()
        return (*by_file, *((DAY,) if self.day_column else ())) or (ALL,)


def run_backtest(backtest_input: BacktestInput, before: ContractPair | None, after: ContractPair) -> BacktestReport:
    """Judge what is given by the published pair, None where there was none, and by the changed one."""
    judged_after, judged_before = (
        backtest_input.judge_rows(after),
        backtest_input.judge_rows(before) if before else None,
    )
    lines = join_judgements(judged_before, judged_after).persist()
    with _reporting_row_errors(after):
        row_groups = backtest_input.name_files(count_groups(lines))
    changed = _judge_units(backtest_input, judged_after, "after", row_groups)
    report = BacktestReport(
        row_groups,
        _judge_units(backtest_input, judged_before, "before", row_groups) if judged_before else None,
        changed,
        {
            **sample_values(lines, [side.contract.masking for side in (before, after) if side]),
            **_file_samples([judged_after, *([judged_before] if judged_before else [])]),
        },
        walk_days(judged_after, changed, backtest_input.parameters, backtest_input.unit_condition),
    )
    for frame in (lines, judged_after.frame, *([judged_before.frame] if judged_before else [])):
        frame.unpersist()
    return report


@contextmanager
def _reporting_row_errors(pair: ContractPair) -> Generator[None]:
    """Let an error that a row makes in the transform be told in a line.

    Raises:
        WrongUse: in place of that error.
    """
    try:
        yield
    except Exception as error:
        if not may_come_from_rows(error):
            raise
        personal = any(contract.pii for contract in (pair.contract, pair.twin) if contract)
        reason = describe_error(error, personal)
        raise WrongUse(f"the working tree's transform fails on a row: {reason}; a run names the row") from None


def _judge_units(backtest_input: BacktestInput, judged: JudgedRows, side: str, row_groups: list[Group]) -> Outcome:
    """Judge each file, day or table as a run, where it has rows that the rules see."""
    judged_groups = [
        group for group in row_groups if is_row(group) and judged.contract_rules.judges_row(broken_by(group, side))
    ]
    failing: dict[str, dict[UnitName, BrokenRules]] = {kind: {} for kind in backtest_input.unit_kinds(row_groups)}
    errors: dict[str, dict[UnitName, Errors]] = {kind: {} for kind in failing}
    for kind, units in failing.items():
        for name in {unit_of(kind, group) for group in judged_groups if is_unit(kind, group) or len(failing) == 1}:
            result = run_rules.find_failing_rules(
                judged, backtest_input.unit_condition(kind, name), backtest_input.parameters
            )
            units[name], errors[kind][name] = result.broken, result.errors
    faults: dict[UnitName, str] = {file: rule for file, (rule, _) in judged.faults.items()}
    return Outcome(judged.contract_rules, side, faults, judged.headers, row_groups, failing, errors)


def _file_samples(sides: list[JudgedRows]) -> Samples:
    """Return what the files showed that are refused unread, by rule."""
    texts_by_rule: dict[str, dict[str, None]] = defaultdict(dict)
    for judged in sides:
        for rule, text in judged.faults.values():
            texts_by_rule[rule][text] = None
    return {rule: tuple(texts)[:MAX_SAMPLES] for rule, texts in texts_by_rule.items()}
