"""What the job is told, as the job definition and Glue write it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from etl import arguments

GIVEN = {
    "--job-language": "python",
    "--enable-metrics": "true",
    "--conf": "a=b --conf c=d",
    "--dataset": "sales",
    "--raw": "s3://raw/sales/",
    "--table": "lake.sluice_dev.sales",
    "--location": "s3://processed/parquet/sales",
    "--input-contract": "s3://assets/contracts/sales/input-1.json",
    "--output-contract": "s3://assets/contracts/sales/output-1.json",
    "--verdicts": "s3://assets/verdicts/sales/",
    "--code": "abc",
    "--raw-expire-days": "30",
    "--JOB_NAME": "sluice-dev-sales",
    "--JOB_ID": "j_1",
    "--JOB_RUN_ID": "jr_1",
}


def words(**changes: str | None) -> list[str]:
    given = {**GIVEN, **{f"--{name.replace('_', '-')}": value for name, value in changes.items()}}
    return [word for name, value in given.items() if value is not None for word in (name, value)]


def test_what_the_job_definition_and_glue_pass_is_an_order() -> None:
    order = arguments.parse(words(run_date="2026-01-31"))
    assert (order.dataset, order.raw.bucket, order.raw.prefix) == ("sales", "raw", "sales/")
    assert (order.job, order.run_id, order.code, order.raw_expire_days) == ("sluice-dev-sales", "jr_1", "abc", 30)
    assert order.run_date == date(2026, 1, 31)
    assert order.branch == "run_jr_1"
    assert order.ledger == "s3://processed/parquet/sales/ledger/jr_1.json"
    assert order.verdicts.uri(order.verdict_key) == "s3://assets/verdicts/sales/jr_1.json"


def test_the_day_of_the_run_is_ahead_of_no_shop() -> None:
    ahead = (datetime.now(UTC) + timedelta(hours=14)).date()
    assert arguments.parse(words()).run_date in {ahead, ahead - timedelta(days=1)}


@pytest.mark.parametrize("missing", ["dataset", "table", "input-contract", "verdicts"])
def test_a_missing_argument_is_named(missing: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments.parse(words(**{missing: None}))
    assert f"--{missing}" in capsys.readouterr().err


def test_what_is_built_from_tables_is_told_of_no_files() -> None:
    assert arguments.parse(words(raw=None)).raw == arguments.NOWHERE


@pytest.mark.parametrize(
    ("name", "value"), [("raw", "/tmp/sales"), ("run_date", "31.1.2026"), ("raw_expire_days", "x")]
)
def test_a_malformed_argument_is_named(name: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments.parse(words(**{name: value}))
    assert f"--{name.replace('_', '-')}" in capsys.readouterr().err


def test_an_abbreviated_argument_is_not_taken_for_the_whole() -> None:
    assert arguments.parse([*words(), "--raw-exp", "7"]).raw_expire_days == 30
