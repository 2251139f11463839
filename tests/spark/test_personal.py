"""No value of a person leaves a run: bad days of people, and each way out of what the gate found, looked through.

The dataset comes as CSV, and its output suite marks nothing: what the input's marks counts for both.
"""

import json
import traceback
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl import job, pipeline
from etl.contract.loading import parse_contract, with_shared_masking
from etl.contract.masking import Masking
from etl.contract.model import Contract
from etl.errors import ContractBroken, EngineFailed
from etl.results import data_docs, lineage
from etl.results.verdict import Verdict
from etl.run import Run
from sluice.operations import quarantined_rows
from sluice.site.personal_values import PersonalValues
from sluice.site.verdicts import RunSummary
from tests.lake import LAKE
from tests.spark.lake import Lake

NAME, MAIL, PHONE = "Lovelace", "ada@example.org", "+44 20 7946 0958"
UNKNOWN = "grace@example.org"
HEADER = "customer_id,name,email,country,signup_date"
GOOD = f"CUST1,{NAME},{MAIL},GB,2024-01-01"


def load_suites() -> dict[str, dict[str, Any]]:
    documents = {
        stage: json.loads((LAKE / f"expectations/buyers/{stage}.json").read_text()) for stage in ("input", "output")
    }
    documents["input"]["meta"]["format"] = "csv"
    for column in documents["output"]["meta"]["columns"]:
        column.pop("pii", None)
    documents["output"]["meta"]["on_conflict"] = "refuse"
    return documents


def load_contracts() -> tuple[Contract, Contract]:
    input_contract, output_contract = (
        parse_contract(json.dumps(suite), stage) for stage, suite in load_suites().items()
    )
    return with_shared_masking(input_contract, output_contract)


@pytest.fixture
def buyers(lake: Lake) -> Lake:
    dataset_lake = lake.sibling_lake("buyers")
    for stage, suite in load_suites().items():
        dataset_lake.put_key(f"contracts/{stage}.json", json.dumps(suite).encode())
    return dataset_lake


def ways_out(lake: Lake, verdict: Verdict) -> dict[str, str]:
    """Return what leaves a run, by its way."""
    pair, plain = load_contracts(), verdict.as_json()
    order, verdict = lake.job_arguments(), replace(verdict, started="2026-01-31T06:00:00+00:00")
    events = lineage.build_events(order, verdict, {contract.stage: contract for contract in pair}, "eu-west-1")
    page = RunSummary.from_verdict(json.loads(json.dumps({**plain, "run_id": "jr_1"}))).mask_personal(
        PersonalValues.from_contracts(pair)
    )
    return {
        "verdict": json.dumps(plain, ensure_ascii=False),
        "message": verdict.message,
        "lineage": "".join(lineage.Serde.to_json(event) for event in events),
        "site": repr(page),
        **{
            f"Data Docs, {contract.stage}": data_docs.render_page(contract, verdict, {"run_date": "2026-01-31"})
            for contract in pair
        },
    }


def csv_bytes(*rows: str, header: bool = True) -> bytes:
    return "\n".join([*([HEADER] if header else []), *rows, ""]).encode()


DAYS: dict[str, tuple[bytes, set[str]]] = {
    "no header": (csv_bytes(GOOD, header=False), {"structure.header"}),
    "a shifted row": (
        csv_bytes(GOOD, f"CUST2,GB,2024-01-01,{MAIL},{NAME}"),
        {"structure.cast.signup_date", "country.format"},
    ),
    "a row torn apart": (csv_bytes(GOOD, f"CUST2,{NAME},{MAIL},{PHONE},GB,2024-01-01"), {"structure.row"}),
    "a key twice": (csv_bytes(GOOD, GOOD), {"customer_id.unique"}),
}


@pytest.mark.parametrize("case", DAYS)
def test_no_value_of_a_person_leaves_a_bad_day(buyers: Lake, case: str) -> None:
    body, broken = DAYS[case]
    buyers.put_files(a__csv=body)
    verdict = buyers.run()
    assert verdict.state == "FAILED"
    rules = {result.rule.removeprefix("buyers.") for result in verdict.broken}
    assert broken & rules, rules
    for channel, text in ways_out(buyers, verdict).items():
        assert not [value for value in (NAME, MAIL, PHONE) if value in text], (channel, text)


REFERENCE_RULE, QUERY_RULE = "buyers.email.known", "buyers.email.asked"


@pytest.fixture
def watched(buyers: Lake) -> Lake:
    """The dataset with a query and a reference on persons' values, beside a published table of one known e-mail."""
    output = load_suites()["output"]
    contact = {"name": "known_contact", "column": "email", "dataset": "contacts", "key": "email"}
    output["meta"] |= {"references": [contact], "max_quarantined": 1}
    query = "SELECT customer_id, email AS country, name AS note FROM {batch} WHERE email LIKE 'ada%'"
    output["expectations"] += [
        {
            "type": "expect_column_pair_values_to_be_equal",
            "kwargs": {"column_A": "email", "column_B": contact["name"]},
            "severity": "warning",
            "meta": {"rule": REFERENCE_RULE, "why": "Only known people are buyers."},
        },
        {
            "type": "unexpected_rows_expectation",
            "kwargs": {"unexpected_rows_query": query},
            "meta": {"rule": QUERY_RULE, "why": "Nobody is called Ada."},
        },
    ]
    buyers.put_key("contracts/output.json", json.dumps(output).encode())
    contacts = f"lake.{buyers.database}.contacts"
    location = f"s3://{buyers.bucket}/parquet/contacts"
    buyers.spark.sql(f"CREATE TABLE {contacts} USING iceberg LOCATION '{location}' AS SELECT '{MAIL}' email")
    buyers.put_files(a__csv=csv_bytes(GOOD, f"CUST2,Hopper,{UNKNOWN},US,2024-01-01"))
    return buyers


def failing_cast(passage: pipeline.GateRun, staged: Any) -> Any:
    """Stand in for a step of the run: Spark fails for a value, as no rule foresees."""
    assert staged.rows.count() == 1
    staged.rows.selectExpr("CAST(email AS INT)").collect()


QUERY_AND_REFERENCE = "a query and an unknown reference"
FAULTS: dict[str, tuple[Any, type[Exception], str]] = {
    QUERY_AND_REFERENCE: (pipeline.GateRun._resolve_conflicts, ContractBroken, f"{QUERY_RULE} (1"),
    "Spark fails in the middle": (failing_cast, EngineFailed, "CAST_INVALID_INPUT"),
}


@pytest.mark.parametrize(
    "case", [case if case == QUERY_AND_REFERENCE else pytest.param(case, marks=pytest.mark.long) for case in FAULTS]
)
def test_no_value_of_a_person_leaves_the_whole_job(
    watched: Lake, case: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    step, kind, expected = FAULTS[case]
    order = watched.job_arguments(lineage=f"s3://{watched.bucket}/lineage/")
    monkeypatch.setattr(job.arguments, "parse_arguments", lambda _: order)
    monkeypatch.setattr(job.Clients, "connect", lambda: watched.aws)
    monkeypatch.setattr(job, "Run", partial(Run, start=lambda: watched.spark))
    monkeypatch.setattr(pipeline.GateRun, "_resolve_conflicts", step)
    with pytest.raises(kind) as raised:
        job.main([])
    printed, written = capfd.readouterr(), objects_by_key(watched, "verdicts/", "lineage/", "docs/")
    verdict = json.loads(written["verdicts/latest.json"])
    assert expected in verdict["message"]
    assert [violation["samples"] for violation in verdict["violations"] if violation["rule"] == REFERENCE_RULE] == [
        ["***"]
    ]
    assert len(written) >= 4, [*written]
    logged = {"log": printed.out, "errors": printed.err, "trace": "".join(traceback.format_exception(raised.value))}
    job_lines = [json.loads(line) for line in printed.out.splitlines()]
    assert {(line["run_id"], line["dataset"]) for line in job_lines} == {(order.run_id, "buyers")}
    assert [line["verdict"] for line in job_lines if line["message"] == "VERDICT"] == [verdict]
    for channel, text in {**written, **logged}.items():
        assert not [value for value in (NAME, MAIL, UNKNOWN, "Hopper") if value in text], (channel, text)


def objects_by_key(lake: Lake, *prefixes: str) -> dict[str, str]:
    """Return the objects of a bucket below prefixes, by key."""
    listed = (lake.aws.s3.list_objects_v2(Bucket=lake.bucket, Prefix=prefix) for prefix in prefixes)
    keys = [entry["Key"] for page in listed for entry in page.get("Contents", ())]
    return {key: lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read().decode() for key in keys}


@pytest.mark.parametrize("error", [ValueError(f"could not convert {MAIL}"), KeyError(NAME), RuntimeError(f"{PHONE}")])
def test_the_error_that_glue_shows_names_the_fault_and_no_person(lake: Lake, error: Exception) -> None:
    run = Run(lake.job_arguments(dataset="buyers"), lake.aws, Verdict("buyers", "jr_1", "job", "now"))
    assert job.mask_error(error, run) is error  # before its contracts are loaded nothing was read
    run.input, run.output = load_contracts()
    failure = job.mask_error(error, run)
    assert isinstance(failure, EngineFailed)
    assert type(error).__name__ in str(failure)
    assert not [value for value in (NAME, MAIL, PHONE) if value in str(failure)]


def test_what_spark_says_of_a_transform_that_fails_is_not_logged(
    buyers: Lake,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    def raise_on_email(frame: DataFrame) -> DataFrame:
        return frame.withColumn("name", F.raise_error(F.concat(F.lit("no name: "), "email")).cast("string"))

    monkeypatch.setattr(pipeline, "transform_of", lambda _: raise_on_email)
    levels: list[str] = []
    monkeypatch.setattr(type(buyers.spark.sparkContext), "setLogLevel", lambda _, level: levels.append(level))
    buyers.put_files(a__csv=csv_bytes(GOOD))
    run = Run(buyers.job_arguments(), buyers.aws, Verdict("buyers", "jr_1", "job", "now"), lambda: buyers.spark)
    with pytest.raises(Exception, match=r"structure\.transform") as raised:
        run.run()
    assert levels == ["OFF"]
    printed = capsys.readouterr()
    error_message = str(job.mask_error(raised.value, run))
    texts = [printed.out, printed.err, caplog.text, error_message, json.dumps(run.verdict.as_json())]
    assert "buyers.structure.transform" in error_message
    assert not [value for value in (NAME, MAIL) for text in texts if value in text]


def test_an_operator_who_lists_rows_aside_sees_no_person_even_in_a_shifted_row() -> None:
    masking = load_contracts()[0].masking
    row = {"customer_id": "7", "name": "GB", "email": "2024-01-01", "country": MAIL, "signup_date": NAME}
    assert quarantined_rows.mask_source(row, masking) == {**dict.fromkeys(row, "***"), "customer_id": "7"}
    assert quarantined_rows.mask_source(f"{row}", masking) == "***"
    assert quarantined_rows.mask_source(row, Masking()) == row
