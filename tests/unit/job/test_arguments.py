"""What the job is told, as the job definition and Glue write it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from etl.maintenance import arguments as maintenance
from etl.runtime import arguments
from etl.runtime.withdraw_request import WithdrawRequest

GIVEN = {
    "--job-language": "python",
    "--enable-metrics": "true",
    "--conf": "a=b --conf c=d",
    "--dataset": "trades",
    "--raw": "s3://raw/trades/",
    "--table": "lake.sluice_dev.trades",
    "--location": "s3://processed/parquet/trades",
    "--input-contract": "s3://assets/contracts/trades/input-1.json",
    "--output-contract": "s3://assets/contracts/trades/output-1.json",
    "--verdicts": "s3://assets/verdicts/trades/",
    "--code": "abc",
    "--raw-expire-days": "30",
    "--JOB_NAME": "sluice-dev-trades",
    "--JOB_ID": "j_1",
    "--JOB_RUN_ID": "jr_1",
}


def command_line(**changes: str | None) -> list[str]:
    options = {**GIVEN, **{f"--{name.replace('_', '-')}": value for name, value in changes.items()}}
    return [token for name, value in options.items() if value is not None for token in (name, value)]


def test_what_the_job_definition_and_glue_pass_is_an_order() -> None:
    order = arguments.parse_arguments(command_line(run_date="2026-01-31"))
    assert (order.dataset, order.raw.bucket, order.raw.prefix) == ("trades", "raw", "trades/")
    assert (order.job, order.run_id, order.code, order.raw_expire_days) == ("sluice-dev-trades", "jr_1", "abc", 30)
    assert order.run_date == date(2026, 1, 31)
    assert order.branch == "run_jr_1"
    assert order.ledger_uri == "s3://processed/ledger/trades/jr_1.json"
    assert order.verdicts.uri(order.verdict_key) == "s3://assets/verdicts/trades/jr_1.json"


def test_the_day_of_the_run_is_ahead_of_no_shop() -> None:
    ahead = (datetime.now(UTC) + timedelta(hours=14)).date()
    assert arguments.parse_arguments(command_line()).run_date in {ahead, ahead - timedelta(days=1)}


def test_people_know_a_run_by_the_utc_day_of_its_start_or_by_the_day_that_it_was_given() -> None:
    order = arguments.parse_arguments(command_line())
    assert order.calendar_day == order.started.date()
    assert arguments.parse_arguments(command_line(run_date="2026-01-31")).calendar_day == date(2026, 1, 31)


@pytest.mark.parametrize("missing", ["dataset", "table", "input-contract", "verdicts"])
def test_a_missing_argument_is_named(missing: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit):
        arguments.parse_arguments(command_line(**{missing: None}))
    assert f"--{missing}" in caplog.text


def test_what_is_built_from_tables_is_told_of_no_files() -> None:
    assert arguments.parse_arguments(command_line(raw=None)).raw == arguments.NO_PREFIX


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("raw", "/tmp/trades"),
        ("run_date", "31.1.2026"),
        ("raw_expire_days", "x"),
        ("location", "s3://processed/trades"),
    ],
)
def test_a_malformed_argument_is_named(name: str, value: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit):
        arguments.parse_arguments(command_line(**{name: value}))
    assert f"--{name.replace('_', '-')}" in caplog.text


def test_an_abbreviated_argument_is_not_taken_for_the_whole() -> None:
    assert arguments.parse_arguments([*command_line(), "--raw-exp", "7"]).raw_expire_days == 30


# AWS Glue developer guide, "Using job parameters" and "Parameters used by AWS Glue internally"; workflows add the last two.
GLUE = """
additional-python-modules auto-scale-within-microbatch auto-tune class conf connection-names
continuous-log-conversionPattern continuous-log-logGroup continuous-log-logStreamPrefix custom-logGroup-prefix
custom-logStream-prefix customer-driver-env-vars customer-executor-env-vars datalake-formats debug disable-proxy-v2
enable-auto-scaling enable-continuous-cloudwatch-log enable-continuous-log-filter enable-glue-datacatalog
enable-job-insights enable-lakeformation-fine-grained-access enable-metrics enable-observability-metrics
enable-rename-algorithm-v2 enable-s3-parquet-optimized-committer enable-spark-ui encryption-type endpoint executor-cores
extra-files extra-jars extra-py-files job-bookmark-from job-bookmark-option job-bookmark-to job-insights-byo-rules
job-language library-set mode python-modules-installer-option python-virtual-env redshift-tmp-dir RedshiftTempDir
scriptLocation spark-event-logs-path TempDir use-postgres-driver user-jars-first write-shuffle-files-to-s3
write-shuffle-spills-to-s3 JOB_ID JOB_NAME JOB_RUN_ID SECURITY_CONFIGURATION WORKFLOW_NAME WORKFLOW_RUN_ID
"""
MAINTENANCE = [
    "--maintain",
    "trades",
    "--publisher",
    "sluice-dev-trades",
    "--snapshot-days",
    "7",
    "--quarantine-days",
    "0",
]
MAINTENANCE += [
    token
    for name in ("table", "location", "verdicts", "JOB_NAME", "JOB_RUN_ID")
    for token in (f"--{name}", GIVEN[f"--{name}"])
]


@pytest.mark.parametrize("name", GLUE.split())
def test_what_glue_passes_for_itself_is_no_misspelling(name: str) -> None:
    passed = [f"--{name}", GIVEN.get(f"--{name}", "x")]
    assert arguments.parse_arguments([*command_line(), *passed]).dataset == "trades"
    assert maintenance.parse_arguments([*MAINTENANCE, *passed]).dataset == "trades"


@pytest.mark.parametrize(
    ("name", "intended"),
    [
        ("--run_date", "--run-date"),
        ("--RUN-DATE", "--run-date"),
        ("--run-dat", "--run-date"),
        ("--runDate", "--run-date"),
        ("--rnu-date", "--run-date"),
        ("-run-date", "--run-date"),
        ("--reply", "--replay"),
        ("--re-run", "--rerun"),
        ("--raw_expire_days", "--raw-expire-days"),
        ("--job_run_id", "--JOB_RUN_ID"),
        ("--maintian", "--maintain"),
    ],
)
def test_a_misspelt_argument_is_refused_with_the_one_that_was_meant(
    name: str, intended: str, caplog: pytest.LogCaptureFixture
) -> None:
    for misspelt in ([name, "2026-01-31"], [f"{name}=2026-01-31"]):
        with pytest.raises(SystemExit) as ended:
            arguments.parse_arguments([*command_line(), *misspelt])
        message = f"{name} is no argument of this job, did you mean {intended}?"
        assert message in caplog.text
        assert message in str(ended.value)  # what Glue shows as the run's error


def test_a_misspelling_is_told_before_what_is_missing_for_it(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit):
        arguments.parse_arguments([*command_line(dataset=None), "--datset", "trades"])
    assert "did you mean --dataset?" in caplog.text


@pytest.mark.parametrize("name", ["--snapshot_days", "--quarantine-day", "--publsher"])
def test_a_misspelt_argument_of_a_maintenance_is_refused_too(name: str) -> None:
    with pytest.raises(SystemExit, match=f"{name} is no argument of this job, did you mean --"):
        maintenance.parse_arguments([*MAINTENANCE, name, "1"])


@pytest.mark.parametrize("value", ["-1", "a--run_date", "--conf", "s3://bucket/--raw"])
def test_a_value_is_no_misspelt_argument(value: str) -> None:
    assert arguments.parse_arguments([*command_line(), "--customer-driver-env-vars", value]).dataset == "trades"


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [("", "", 0), ("ab", "", 2), ("conf", "code", 2), ("kitten", "sitting", 3), ("ab", "ba", 2)],
)
def test_edits_are_counted_letter_by_letter(first: str, second: str, count: int) -> None:
    assert (arguments.edit_distance(first, second), arguments.edit_distance(second, first)) == (count, count)


def test_an_object_to_withdraw_is_told_whole() -> None:
    request = WithdrawRequest("trades/ä.csv", "v1", 'of "another" shop', "ada", ("trades/b.csv",))
    order = arguments.parse_arguments(command_line(withdraw=request.as_argument()))
    assert (order.withdraw, order.kind) == (request, arguments.RunKind.WITHDRAW)


@pytest.mark.parametrize(
    "text",
    ["trades/a.csv", "[]", "{}", '{"key": ""}', '{"key": 1}', '{"key": "a", "without": "b"}', '{"key": "a", "x": 1}'],
)
def test_what_is_no_object_to_withdraw_is_refused_with_its_form(text: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(SystemExit):
        arguments.parse_arguments(command_line(withdraw=text))
    assert 'write {"key": "orders/a.csv"' in caplog.text
