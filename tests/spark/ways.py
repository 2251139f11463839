"""Both ways of judging a made-up case: computed by the library alone, and from what a pass over the rows observed."""

import json
import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pyarrow.parquet import ParquetFile
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from etl.gate import checks
from etl.gate.onepass.data_files import Files
from etl.gate.onepass.observations import Tally
from etl.gate.onepass.staged_metrics import Written
from etl.iceberg.manifests import DataFile
from etl.results.verdict import OBSERVED, RuleResult
from tests.spark.suites import SCHEMA, Case

ANSI = "spark.sql.ansi.enabled"
PASSING = re.compile(r"#\d+L?|0x[0-9a-f]+|Job aborted.*|\(TID \d+\)", re.DOTALL)  # what differs from query to query


def frame_of(spark: SparkSession, case: Case) -> DataFrame:
    """Return the case's rows, made by Spark alone: createDataFrame would start Python workers."""
    names = [one.split()[0] for one in SCHEMA.split(", ")]
    text = json.dumps([dict(zip(names, row, strict=True)) for row in case.rows], default=str)
    made = F.from_json(
        F.lit(text), f"array<struct<{SCHEMA.replace(' ', ': ').replace(',:', ',')}>>", {"mode": "FAILFAST"}
    )
    return spark.range(0, 1, 1, 1).select(F.inline(made))


def computed(frame: DataFrame, case: Case) -> list[RuleResult]:
    """Judge as the library does."""
    return [plain(one) for one in checks.check(frame, case.contract, list(case.contract.rules), {})]


def observed(frame: DataFrame, case: Case) -> list[RuleResult]:
    """Judge by what a pass over the rows observed, and what it wrote; where it fails, as a run does then."""
    contract, rules = case.contract, list(case.contract.rules)
    ask, tally = checks.ask(frame, contract, rules, {}), Tally()
    ask.add(tally, "output", None)
    with TemporaryDirectory() as folder:
        try:
            tally.on(frame).write.mode("overwrite").parquet(folder)
        except Exception:
            return computed(frame, case)
        seen = tally.read()
        values = ask.values(seen, "output", seen.rows)
        # A contract declares no floating-point column, which hashes cannot prove.
        asked = {key: one for key, one in values.asked.items() if "real" not in one.columns}
        written = Written(seen.rows, frame, lambda: _files(folder))
        return checks.judge(frame, contract, rules, {}, {**values.found, **written.answers(asked)})


def _files(folder: str) -> Files:
    paths = list(Path(folder).glob("*.parquet"))
    found = [DataFile(path.as_uri(), ParquetFile(path).metadata.num_rows, path.stat().st_size) for path in paths]
    return Files(found, None, sum(one.rows for one in found))


def plain(one: RuleResult) -> RuleResult:
    """Return a result without the way it went, and its samples without what differs from query to query."""
    samples = tuple(text and PASSING.sub("", text) for text in one.samples)
    return replace(one, samples=samples, way="")


def differences(spark: SparkSession, case: Case) -> tuple[list[Any], int]:
    """Return the results in which the two ways differ, and how many rules were observed."""
    spark.conf.set(ANSI, str(case.ansi).lower())
    try:
        frame = frame_of(spark, case)
        fast, stock = observed(frame, case), computed(frame, case)
    finally:
        spark.conf.unset(ANSI)
    told = [
        (rule, plain(one), other)
        for rule, one, other in zip(case.rules, fast, stock, strict=True)
        if plain(one) != other
    ]
    return told, sum(one.way == OBSERVED for one in fast)
