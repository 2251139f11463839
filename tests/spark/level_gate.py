"""Made-up files whose broken lines go aside, through the gate and replayed: what is published, and what stays aside."""

import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from etl.contract.table_names import quarantine_of
from etl.errors import SluiceError
from etl.results.verdict import RunState, Verdict
from etl.run import Run
from sluice.contracts.check.contracts import days_to_publish
from sluice.contracts.check.local_lake import LocalLake
from tests.made_files.broken_lines import BrokenFile
from tests.made_files.made_file import DATASET, MadeFile
from tests.spark.file_gate import comparable
from tests.spark.lake import TODAY


def find_level_fault(spark: Any, case: BrokenFile) -> str | None:
    """Take a file through the gate, and then the lines that it set aside once more under the mended contract.

    Returns:
        what is wrong about the rows that were published or the lines that were set aside; None where all is as it must be.
    """
    with TemporaryDirectory(prefix="made-") as name, _session_restored(spark):
        folder = Path(name)
        path = case.file.write(folder)
        [(dataset, _)] = days_to_publish(folder / "contracts", DATASET, (path,), {})
        lake = LocalLake(folder, lambda: spark, TODAY)
        first = lake.run_day(dataset, [path]).verdict
        aside = case.mendable | case.broken
        fault = _fault_of(lake, first, case.file, case.file.rows, aside)
        if fault or not aside:
            return fault
        second = _replay(lake, first.run_id, case.mended_file)
        if not case.mendable:
            is_told = "every row of the replay is set aside as before" in second.message
            return None if is_told else f"a replay that mends nothing: {second.state} {second.message}"
        fault = _fault_of(lake, second, case.file, [*case.file.rows, *case.replayed], case.broken)
        return fault and f"replay: {fault}"


def _replay(lake: LocalLake, run_id: str, mended: MadeFile) -> Verdict:
    key, body = f"contracts/{DATASET}/input.json", json.dumps(mended.suites["input"]).encode()
    lake.aws.s3.put_object(Bucket=lake.bucket, Key=key, Body=body)
    arguments = replace(lake._job_arguments(DATASET), run_id="replayed", replay=run_id)
    verdict = Verdict(DATASET, arguments.run_id, arguments.job, "now")
    with _transform_unchanged():
        try:
            Run(arguments, lake.aws, verdict, lake.spark).run()
            verdict.state = RunState.SUCCEEDED
        except SluiceError as error:
            verdict.message = str(error)
    return verdict


def _fault_of(
    lake: LocalLake, verdict: Verdict, file: MadeFile, rows: list[tuple[Any, ...]], aside: dict[str, str]
) -> str | None:
    if verdict.state != RunState.SUCCEEDED:
        return f"refused: {[result.rule for result in verdict.broken]} {verdict.message}"
    spark, table = lake.spark(), lake.table_name(DATASET)
    names = [column["name"] for column in file.columns]
    published = spark.table(table).select(*(f"`{name}`" for name in names)).toArrow().to_pylist()
    expected = sorted(map(comparable, rows))
    actual = sorted(comparable(tuple(row.values())) for row in published)
    if expected != actual:
        differing = [(old, new) for old, new in zip(expected, actual, strict=False) if old != new]
        return f"{len(expected)} rows meant, {len(actual)} published; {differing[:2]}"
    texts = _texts_aside(spark, lake.table_name(quarantine_of(DATASET)), verdict.run_id) if aside else {}
    if texts.keys() != aside.keys():
        return f"aside are {[*texts]}, not {[*aside]}"
    wrong = {text: rules for text, rules in texts.items() if aside[text] not in rules}
    return f"set aside for other rules: {wrong}, not {aside}" if wrong else None


def _texts_aside(spark: Any, table: str, run_id: str) -> dict[str, list[str]]:
    """Return the raw texts that a run set aside, each with the last parts of its rules."""
    rows = spark.table(table).where(f"_run_id = '{run_id}'").collect()
    return {row["raw"]: [rule.removeprefix(f"{DATASET}.structure.") for rule in row["rules"]] for row in rows}


@contextmanager
def _session_restored(spark: Any) -> Generator[None]:
    try:
        yield
    finally:
        spark.conf.unset("fs.s3.impl")


@contextmanager
def _transform_unchanged() -> Generator[None]:
    module: Any = ModuleType(f"etl.datasets.{DATASET}")
    module.ADDS, module.transform = (), lambda rows: rows
    sys.modules[module.__name__] = module
    try:
        yield
    finally:
        sys.modules.pop(module.__name__, None)
