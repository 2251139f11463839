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
from etl.gate.onepass.observations import FrameObserver
from etl.gate.onepass.staged_metrics import StagedMetrics
from etl.iceberg.manifests import DataFile
from etl.results.rule_result import RuleResult
from etl.results.rule_state import OBSERVED, Evaluation
from tests.spark.suites import SCHEMA, SuiteCase

ANSI = "spark.sql.ansi.enabled"
PASSING = re.compile(r"#\d+L?|0x[0-9a-f]+|Job aborted.*|\(TID \d+\)", re.DOTALL)  # what differs from query to query


def frame_of(spark: SparkSession, case: SuiteCase) -> DataFrame:
    """Return the case's rows, made by Spark alone: createDataFrame would start Python workers."""
    names = [column.split()[0] for column in SCHEMA.split(", ")]
    text = json.dumps([dict(zip(names, row, strict=True)) for row in case.rows], default=str)
    rows = F.from_json(
        F.lit(text), f"array<struct<{SCHEMA.replace(' ', ': ').replace(',:', ',')}>>", {"mode": "FAILFAST"}
    )
    return spark.range(0, 1, 1, 1).select(F.inline(rows))


def judge_computed(frame: DataFrame, case: SuiteCase) -> list[RuleResult]:
    """Judge as the library does."""
    return [
        comparable_result(result) for result in checks.check_frame(frame, case.contract, list(case.contract.rules), {})
    ]


def judge_observed(frame: DataFrame, case: SuiteCase) -> list[RuleResult]:
    """Judge by what a pass over the rows observed, and what it wrote; where it fails, as a run does then."""
    contract, rules = case.contract, list(case.contract.rules)
    ask, tally = checks.request_metrics(frame, contract, rules, {}), FrameObserver()
    ask.add_to(tally, "output", None)
    with TemporaryDirectory() as folder:
        try:
            tally.attach_to(frame).write.mode("overwrite").parquet(folder)
        except Exception:
            return judge_computed(frame, case)
        tallied = tally.read_values()
        values = ask.read_values(tallied, "output", tallied.rows)
        written = StagedMetrics(tallied.rows, frame, lambda: _written_files(folder))
        return checks.judge_frame(
            frame,
            contract,
            rules,
            {},
            {**values.with_counts(lambda: frame), **written.answer_questions(values.questions)},
        )


def _written_files(folder: str) -> Files:
    paths = list(Path(folder).glob("*.parquet"))
    data_files = [DataFile(path.as_uri(), ParquetFile(path).metadata.num_rows, path.stat().st_size) for path in paths]
    return Files(data_files, None, sum(data_file.rows for data_file in data_files))


def comparable_result(result: RuleResult) -> RuleResult:
    """Return a result without the way it went, and its samples without what differs from query to query."""
    samples = tuple(text and PASSING.sub("", text) for text in result.samples)
    return replace(result, samples=samples, way=Evaluation.COMPUTED)


def find_differences(spark: SparkSession, case: SuiteCase) -> tuple[list[Any], int]:
    """Return the results in which the two ways differ, and how many rules were observed."""
    spark.conf.set(ANSI, str(case.ansi).lower())
    try:
        frame = frame_of(spark, case)
        fast, stock = judge_observed(frame, case), judge_computed(frame, case)
    finally:
        spark.conf.unset(ANSI)
    differing = [
        (rule, comparable_result(observed_result), computed_result)
        for rule, observed_result, computed_result in zip(case.rules, fast, stock, strict=True)
        if comparable_result(observed_result) != computed_result
    ]
    return differing, sum(observed_result.way == OBSERVED for observed_result in fast)
