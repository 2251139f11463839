"""A run's lineage as OpenLineage events: whole, valid, without a value of a row, and never what a run hangs on."""

import http.server
import importlib
import json
import pkgutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from openlineage.client import event_v2, generated

from etl import reporting
from etl.contract.loading import parse_contract
from etl.contract.model import Contract
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.iceberg.current_snapshot import Head
from etl.messages.run_facts import RunFacts
from etl.results import lineage
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.verdict import ObjectVersion, RunState, Verdict
from etl.runtime import arguments
from etl.runtime.arguments import JobArguments
from etl.storage.clients import Clients
from etl.storage.raw_objects import S3Prefix
from tests.lake import LAKE
from tests.spark.lake import ROOT
from tests.unit.job.test_arguments import command_line

SECRET = "ada@example.com"
READ = [ObjectVersion("buyers/1.jsonl", "v1"), ObjectVersion("buyers/2.jsonl", "v2")]
FACETS: dict[str, type] = {}
for _, name, _ in pkgutil.iter_modules(generated.__path__):
    for member in vars(importlib.import_module(f"{generated.__name__}.{name}")).values():
        if isinstance(member, type) and hasattr(member, "_get_schema"):
            FACETS[member._get_schema()] = member


def load_contracts(dataset: str = "buyers") -> list[Contract]:
    paths = [LAKE / "expectations" / dataset / f"{stage}.json" for stage in ("input", "output")]
    return [parse_contract(path.read_text(), str(path)) for path in paths]


def job_arguments(**changes: Any) -> JobArguments:
    base_arguments = JobArguments(
        dataset="buyers",
        raw=S3Prefix("raw", "buyers/"),
        table="lake.sluice_dev.buyers",
        location="s3://processed/parquet/buyers",
        input_contract="",
        output_contract="",
        verdicts=S3Prefix("assets", "verdicts/buyers/"),
        code="c0de",
        raw_expire_days=0,
        run_date=date(2026, 1, 31),
        job="sluice-dev-buyers",
        run_id="jr_1",
        lineage="s3://assets/lineage/buyers/",
    )
    return replace(base_arguments, **changes)


def make_verdict(broken: str = "", **changes: Any) -> Verdict:
    """A run's verdict, in which every rule held but one, whose samples, like its message, quote a person."""
    run_verdict = Verdict("buyers", "jr_1", "sluice-dev-buyers", "2026-01-31T06:00:00+00:00", **changes)
    run_verdict.state = RunState.FAILED if broken else RunState.SUCCEEDED
    run_verdict.objects, run_verdict.snapshot_after = READ, "42"
    run_verdict.rows_read, run_verdict.rows_published = 7, 0 if broken else 7
    run_verdict.message = f"{broken} (1: {SECRET})" if broken else ""
    run_verdict.rules = [RuleResult("buyers.structure.header", Stage.STRUCTURE, Severity.CRITICAL, RuleState.HELD)]
    for contract in load_contracts():
        for rule in contract.rules:
            is_held = rule.rule != broken
            run_verdict.rules.append(
                RuleResult(
                    rule.rule,
                    contract.stage,
                    rule.severity,
                    RuleState.from_outcome(is_held),
                    int(not is_held),
                    () if is_held else (SECRET,),
                )
            )
    return run_verdict


def sent_events(
    run_verdict: Verdict, contract_list: list[Contract] | None = None, **changes: Any
) -> list[dict[str, Any]]:
    """The events as they are sent, each held against the library's own models."""
    every = {contract.stage: contract for contract in (load_contracts() if contract_list is None else contract_list)}
    sent = [
        lineage.Serde.to_dict(event)
        for event in lineage.build_events(job_arguments(**changes), run_verdict, every, "eu-west-1")
    ]
    for event in sent:
        assert_matches_models(event)
    return json.loads(json.dumps(sent))


def assert_matches_models(event: dict[str, Any]) -> None:
    """Build the event and each of its facets anew from JSON: the models refuse unknown and missing properties."""
    fields = json.loads(json.dumps(event))
    assert fields.pop("schemaURL") == event_v2.RunEvent._get_schema()
    run, job = event_v2.Run(**fields.pop("run")), event_v2.Job(**fields.pop("job"))
    datasets = [event_v2.InputDataset(**dataset) for dataset in fields.get("inputs", [])]
    datasets += [event_v2.OutputDataset(**dataset) for dataset in fields.get("outputs", [])]
    event_v2.RunEvent(run=run, job=job, **fields)
    groups = [
        run.facets,
        *(getattr(dataset, name, None) for dataset in datasets for name in ("facets", "inputFacets", "outputFacets")),
    ]
    for facet in (dict(facet) for group in groups for facet in (group or {}).values()):
        model = FACETS[facet.pop("_schemaURL")]
        assert facet.pop("_producer") == "urn:sluice:c0de"
        model(**facet)


def test_a_run_is_told_from_its_start_to_its_end() -> None:
    start, end = sent_events(make_verdict())
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == end["run"]["runId"]
    assert start["job"] == end["job"] == {"namespace": "aws.glue.eu-west-1", "name": "sluice-dev-buyers", "facets": {}}
    assert start["eventTime"] == "2026-01-31T06:00:00+00:00" < end["eventTime"]
    tags = {tag["key"]: tag["value"] for tag in end["run"]["facets"]["tags"]["tags"]}
    assert tags == {"glue_run_id": "jr_1", "verdict": "s3://assets/verdicts/buyers/jr_1.json"}


def test_another_run_has_another_id() -> None:
    variants: list[dict[str, Any]] = [{}, {"run_id": "jr_2"}, {"job": "other"}]
    ids = {sent_events(make_verdict(), None, **changes)[0]["run"]["runId"] for changes in variants}
    assert len(ids) == 3


def test_what_was_read_is_the_folder_and_each_object_with_version_and_columns() -> None:
    folder, *objects = sent_events(make_verdict())[1]["inputs"]
    assert (folder["namespace"], folder["name"]) == ("s3://raw", "buyers")
    assert folder["inputFacets"]["inputStatistics"].items() >= {"rowCount": 7, "fileCount": 2}.items()
    versions = [(dataset["name"], dataset["facets"]["version"]["datasetVersion"]) for dataset in objects]
    assert versions == [("buyers/1.jsonl", "v1"), ("buyers/2.jsonl", "v2")]
    for dataset in (folder, *objects):
        assert [column["name"] for column in dataset["facets"]["schema"]["fields"]] == load_contracts()[0].names


def test_what_was_published_has_its_columns_its_rows_and_its_snapshot() -> None:
    [table] = sent_events(make_verdict())[1]["outputs"]
    assert (table["namespace"], table["name"]) == ("s3://processed", "parquet/buyers")
    columns = {field["name"]: field["type"] for field in table["facets"]["schema"]["fields"]}
    assert columns == {column.name: column.type for column in load_contracts()[1].columns}
    assert table["facets"]["version"]["datasetVersion"] == "42"
    assert table["outputFacets"]["outputStatistics"]["rowCount"] == 7


def test_every_rule_that_was_judged_is_an_assertion_where_it_was_judged() -> None:
    run_verdict = make_verdict("buyers.email.format")
    run_verdict.rules[-1] = replace(run_verdict.rules[-1], state=RuleState.NOT_EVALUATED)
    end = sent_events(run_verdict)[1]
    asserted = [
        *end["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"],
        *end["outputs"][0]["facets"]["dataQualityAssertions"]["assertions"],
    ]
    assert [assertion["name"] for assertion in asserted] == [rule.rule for rule in run_verdict.rules[:-1]]
    broken = [assertion for assertion in asserted if not assertion["success"]]
    assert [
        (assertion["name"], assertion["column"], assertion["actual"], assertion["severity"]) for assertion in broken
    ] == [("buyers.email.format", "email", "1 unexpected", "error")]


def test_a_failed_run_names_the_rules_and_where_its_verdict_lies() -> None:
    end = sent_events(make_verdict("buyers.email.format"))[1]
    assert end["eventType"] == "FAIL"
    message = end["run"]["facets"]["errorMessage"]["message"]
    assert "buyers.email.format" in message
    assert "s3://assets/verdicts/buyers/jr_1.json" in message
    assert end["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 0


def test_no_value_of_a_row_is_in_an_event() -> None:
    assert SECRET not in json.dumps(sent_events(make_verdict("buyers.email.format")))


def test_a_table_that_rows_are_compared_with_is_read_unless_it_is_not_there() -> None:
    contract_list = load_contracts("trades")
    run_verdict = make_verdict()
    judged = {rule.rule: rule.references for rule in contract_list[1].rules if rule.references}
    assert {reference.dataset for references in judged.values() for reference in references} == {
        "buyers",
        "goods",
    }
    run_verdict.rules = [RuleResult(rule, Stage.OUTPUT, Severity.WARNING, RuleState.HELD) for rule in judged]
    names = [dataset["name"] for dataset in sent_events(run_verdict, contract_list)[1]["inputs"]]
    assert names[-2:] == ["parquet/buyers", "parquet/goods"]
    run_verdict.rules = [
        replace(result, state=RuleState.HELD if "product" not in result.rule else RuleState.NOT_EVALUATED)
        for result in run_verdict.rules
    ]
    names = [dataset["name"] for dataset in sent_events(run_verdict, contract_list)[1]["inputs"]]
    assert (names[-1], "parquet/goods" in names) == ("parquet/buyers", False)


def test_a_table_that_is_built_from_tables_read_these() -> None:
    gold = {"dataset": "trades_daily", "location": "s3://processed/parquet/trades_daily", "raw": arguments.NO_PREFIX}
    run_verdict = make_verdict()
    run_verdict.objects = [ObjectVersion("2025-01-15", "42"), ObjectVersion("2025-01-16", "42")]
    trades, goods = sent_events(run_verdict, load_contracts("trades_daily"), **gold)[1]["inputs"]
    assert (trades["name"], goods["name"]) == ("parquet/trades", "parquet/goods")
    assert trades["facets"]["version"]["datasetVersion"] == "42"
    assert [field["name"] for field in goods["facets"]["schema"]["fields"]] == ["product_id", "category"]
    assert trades["inputFacets"]["inputStatistics"]["rowCount"] == 7


def test_a_replay_read_what_was_set_aside() -> None:
    run_verdict = make_verdict(replay="jr_0")
    run_verdict.objects = []
    assert [dataset["name"] for dataset in sent_events(run_verdict)[1]["inputs"]] == ["quarantine/buyers"]


def test_a_run_that_read_nothing_has_no_input_and_one_without_contracts_no_columns() -> None:
    run_verdict = make_verdict()
    run_verdict.objects = []
    assert sent_events(run_verdict)[1].get("inputs", []) == []
    assert "schema" not in sent_events(make_verdict(), [])[1]["outputs"][0]["facets"]


def test_a_thousand_objects_are_told_as_their_folder() -> None:
    run_verdict = make_verdict()
    run_verdict.objects = [ObjectVersion(f"buyers/{number}.jsonl", "v") for number in range(1000)]
    [folder] = sent_events(run_verdict)[1]["inputs"]
    assert folder["inputFacets"]["inputStatistics"]["fileCount"] == 1000
    assert len(json.dumps(folder)) < 20_000


def make_unjudged_verdict() -> Verdict:
    """A run that no stage judged has no Data Docs, whose making takes seconds."""
    run_verdict = make_verdict()
    run_verdict.rules = run_verdict.rules[:1]
    return run_verdict


@pytest.fixture
def bucket(aws: Clients) -> str:
    aws.s3.create_bucket(Bucket="lineage", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return "lineage"


def publish_report(aws: Clients, order: arguments.JobArguments, verdict: Verdict) -> None:
    reporting.publish_report(aws, RunFacts(order, verdict, tuple(load_contracts()), Head(), "eu-west-1"))


def test_a_run_leaves_its_events_as_lines_beside_its_verdict(aws: Clients, bucket: str) -> None:
    to = job_arguments(lineage=f"s3://{bucket}/lineage/buyers/", verdicts=S3Prefix(bucket, "verdicts/buyers/"))
    publish_report(aws, to, make_unjudged_verdict())
    body = aws.s3.get_object(Bucket=bucket, Key="lineage/buyers/jr_1.jsonl")["Body"].read().decode()
    assert [json.loads(line)["eventType"] for line in body.splitlines()] == ["START", "COMPLETE"]
    publish_report(aws, replace(to, run_id="jr_2", lineage=""), make_unjudged_verdict())
    contents = aws.s3.list_objects_v2(Bucket=bucket, Prefix="lineage/")["Contents"]
    assert [entry["Key"] for entry in contents] == ["lineage/buyers/jr_1.jsonl"]


class _Server(http.server.BaseHTTPRequestHandler):
    got: list[tuple[str, dict[str, Any]]]
    status = 201

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.path, json.loads(body)))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[tuple[str, type[_Server]]]:
    """A lineage server on loopback: its URL, and what it got."""
    kind = type("Server", (_Server,), {"got": []})
    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}", kind
    listening.shutdown()
    listening.server_close()


def test_a_server_is_sent_both_events(aws: Clients, server: tuple[str, type[_Server]]) -> None:
    url, kind = server
    lineage.send_events(aws, job_arguments(lineage=url), make_verdict(), load_contracts())
    assert [(path, event["eventType"]) for path, event in kind.got] == [
        ("/api/v1/lineage", "START"),
        ("/api/v1/lineage", "COMPLETE"),
    ]


@pytest.mark.parametrize("to", ["http://127.0.0.1:9", "s3://no-such-bucket/lineage/", "s3://", "nonsense"])
def test_a_lineage_that_fails_is_told_and_changes_nothing(
    aws: Clients, to: str, caplog: pytest.LogCaptureFixture
) -> None:
    run_verdict = make_unjudged_verdict()
    publish_report(aws, job_arguments(lineage=to), run_verdict)
    assert f"could not tell the lineage to {to}: " in caplog.text
    assert run_verdict.state == "SUCCEEDED"


def test_a_server_that_refuses_is_told(
    aws: Clients, server: tuple[str, type[_Server]], caplog: pytest.LogCaptureFixture
) -> None:
    url, kind = server
    kind.status = 400
    publish_report(aws, job_arguments(lineage=url), make_unjudged_verdict())
    assert "could not tell the lineage" in caplog.text


def test_a_job_that_starts_does_not_wait_for_the_library() -> None:
    script = "import sys, etl.job; print('openlineage' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def test_where_the_lineage_goes_is_an_argument() -> None:
    assert arguments.parse_arguments(command_line()).lineage == ""
    assert (
        arguments.parse_arguments(command_line(lineage="https://lineage.example.com")).lineage
        == "https://lineage.example.com"
    )
