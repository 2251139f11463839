"""What the job that forgets is told."""

import pytest

from etl.forget.arguments import parse_arguments
from etl.runtime.arguments import NO_PREFIX
from etl.storage.raw_objects import S3Prefix

ARGUMENTS = {
    "--forget": "trades",
    "--publisher": "lake-dev-trades",
    "--table": "lake.lake_dev.trades",
    "--location": "s3://processed/parquet/trades",
    "--input-contract": "s3://assets/contracts/trades/input.json",
    "--output-contract": "s3://assets/contracts/trades/output.json",
    "--verdicts": "s3://assets/verdicts/trades/",
    "--assets": "s3://assets/",
    "--keys": "s3://assets/forget/f1.jsonl",
    "--JOB_NAME": "lake-dev-forget",
    "--JOB_RUN_ID": "jr_1",
}


def argv_of(**changes: str) -> list[str]:
    named = ARGUMENTS | {f"--{name.replace('_', '-')}": value for name, value in changes.items()}
    return [text for argument in named.items() for text in argument]


def test_what_is_not_said_is_left_out_and_the_report_is_named_as_the_keys_are() -> None:
    arguments = parse_arguments(argv_of())
    assert (arguments.raw, arguments.answers, arguments.derived, arguments.now) == (NO_PREFIX, (), (), False)
    assert arguments.report_key == "forget/f1.report.json"
    assert arguments.branch == "forget_jr_1"


def test_answers_and_derived_datasets_are_several() -> None:
    arguments = parse_arguments(argv_of(answers="s3://a/x/, s3://b/y/", derived="one,two", now="true"))
    assert arguments.answers == (S3Prefix("a", "x/"), S3Prefix("b", "y/"))
    assert arguments.derived == ("one", "two")
    assert arguments.now


def test_now_is_true_or_false_and_nothing_else() -> None:
    with pytest.raises(SystemExit, match="--now"):
        parse_arguments(argv_of(now="yes"))
