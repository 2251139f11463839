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
from etl.contract.model import Contract, load
from etl.iceberg.current_snapshot import Head
from etl.results import lineage
from etl.results.verdict import RuleResult, RuleState, Verdict
from etl.runtime import arguments
from etl.runtime.arguments import Order
from etl.storage.clients import Clients
from etl.storage.raw_objects import Place
from tests.spark.lake import ROOT
from tests.unit.job.test_arguments import words

SECRET = "ada@example.com"
READ = [{"key": "customers/1.jsonl", "version": "v1"}, {"key": "customers/2.jsonl", "version": "v2"}]
FACETS: dict[str, type] = {}
for _, name, _ in pkgutil.iter_modules(generated.__path__):
    for one in vars(importlib.import_module(f"{generated.__name__}.{name}")).values():
        if isinstance(one, type) and hasattr(one, "_get_schema"):
            FACETS[one._get_schema()] = one


def contracts(dataset: str = "customers") -> list[Contract]:
    paths = [ROOT / "expectations" / dataset / f"{stage}.json" for stage in ("input", "output")]
    return [load(path.read_text(), str(path)) for path in paths]


def order(**changes: Any) -> Order:
    told = Order(
        dataset="customers",
        raw=Place("raw", "customers/"),
        table="lake.sluice_dev.customers",
        location="s3://processed/parquet/customers",
        input_contract="",
        output_contract="",
        verdicts=Place("assets", "verdicts/customers/"),
        code="c0de",
        raw_expire_days=0,
        run_date=date(2026, 1, 31),
        job="sluice-dev-customers",
        run_id="jr_1",
        lineage="s3://assets/lineage/customers/",
    )
    return replace(told, **changes)


def verdict(broken: str = "", **changes: Any) -> Verdict:
    """A run's verdict, in which every rule held but one, whose samples, like its message, quote a person."""
    found = Verdict("customers", "jr_1", "sluice-dev-customers", "2026-01-31T06:00:00+00:00", **changes)
    found.state, found.objects, found.snapshot_after = "FAILED" if broken else "SUCCEEDED", READ, "42"
    found.rows_read, found.rows_published = 7, 0 if broken else 7
    found.message = f"{broken} (1: {SECRET})" if broken else ""
    found.rules = [RuleResult("customers.structure.header", "structure", "critical", RuleState.HELD)]
    for contract in contracts():
        for rule in contract.rules:
            held = rule.rule != broken
            found.rules.append(
                RuleResult(
                    rule.rule,
                    contract.stage,
                    rule.severity,
                    RuleState.judged(held),
                    int(not held),
                    () if held else (SECRET,),
                )
            )
    return found


def told(found: Verdict, of: list[Contract] | None = None, **changes: Any) -> list[dict[str, Any]]:
    """The events as they are sent, each held against the library's own models."""
    every = {one.stage: one for one in (contracts() if of is None else of)}
    sent = [lineage.Serde.to_dict(event) for event in lineage.events(order(**changes), found, every, "eu-west-1")]
    for event in sent:
        held_against_the_models(event)
    return json.loads(json.dumps(sent))


def held_against_the_models(event: dict[str, Any]) -> None:
    """Build the event and each of its facets anew from JSON: the models refuse unknown and missing properties."""
    given = json.loads(json.dumps(event))
    assert given.pop("schemaURL") == event_v2.RunEvent._get_schema()
    run, job = event_v2.Run(**given.pop("run")), event_v2.Job(**given.pop("job"))
    datasets = [event_v2.InputDataset(**one) for one in given.get("inputs", [])]
    datasets += [event_v2.OutputDataset(**one) for one in given.get("outputs", [])]
    event_v2.RunEvent(run=run, job=job, **given)
    groups = [
        run.facets,
        *(getattr(one, name, None) for one in datasets for name in ("facets", "inputFacets", "outputFacets")),
    ]
    for facet in (dict(facet) for group in groups for facet in (group or {}).values()):
        model = FACETS[facet.pop("_schemaURL")]
        assert facet.pop("_producer") == "urn:sluice:c0de"
        model(**facet)


def test_a_run_is_told_from_its_start_to_its_end() -> None:
    start, end = told(verdict())
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == end["run"]["runId"]
    assert (
        start["job"] == end["job"] == {"namespace": "aws.glue.eu-west-1", "name": "sluice-dev-customers", "facets": {}}
    )
    assert start["eventTime"] == "2026-01-31T06:00:00+00:00" < end["eventTime"]
    tags = {one["key"]: one["value"] for one in end["run"]["facets"]["tags"]["tags"]}
    assert tags == {"glue_run_id": "jr_1", "verdict": "s3://assets/verdicts/customers/jr_1.json"}


def test_another_run_has_another_id() -> None:
    others: list[dict[str, Any]] = [{}, {"run_id": "jr_2"}, {"job": "other"}]
    ids = {told(verdict(), None, **changes)[0]["run"]["runId"] for changes in others}
    assert len(ids) == 3


def test_what_was_read_is_the_folder_and_each_object_with_version_and_columns() -> None:
    folder, *objects = told(verdict())[1]["inputs"]
    assert (folder["namespace"], folder["name"]) == ("s3://raw", "customers")
    assert folder["inputFacets"]["inputStatistics"].items() >= {"rowCount": 7, "fileCount": 2}.items()
    found = [(one["name"], one["facets"]["version"]["datasetVersion"]) for one in objects]
    assert found == [("customers/1.jsonl", "v1"), ("customers/2.jsonl", "v2")]
    for one in (folder, *objects):
        assert [column["name"] for column in one["facets"]["schema"]["fields"]] == contracts()[0].names


def test_what_was_published_has_its_columns_its_rows_and_its_snapshot() -> None:
    [table] = told(verdict())[1]["outputs"]
    assert (table["namespace"], table["name"]) == ("s3://processed", "parquet/customers")
    columns = {one["name"]: one["type"] for one in table["facets"]["schema"]["fields"]}
    assert columns == {one.name: one.type for one in contracts()[1].columns}
    assert table["facets"]["version"]["datasetVersion"] == "42"
    assert table["outputFacets"]["outputStatistics"]["rowCount"] == 7


def test_every_rule_that_was_judged_is_an_assertion_where_it_was_judged() -> None:
    found = verdict("customers.email.format")
    found.rules[-1] = replace(found.rules[-1], state=RuleState.NOT_EVALUATED)
    end = told(found)[1]
    asserted = [
        *end["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"],
        *end["outputs"][0]["facets"]["dataQualityAssertions"]["assertions"],
    ]
    assert [one["name"] for one in asserted] == [rule.rule for rule in found.rules[:-1]]
    broken = [one for one in asserted if not one["success"]]
    assert [(one["name"], one["column"], one["actual"], one["severity"]) for one in broken] == [
        ("customers.email.format", "email", "1 unexpected", "error")
    ]


def test_a_failed_run_names_the_rules_and_where_its_verdict_lies() -> None:
    end = told(verdict("customers.email.format"))[1]
    assert end["eventType"] == "FAIL"
    said = end["run"]["facets"]["errorMessage"]["message"]
    assert "customers.email.format" in said
    assert "s3://assets/verdicts/customers/jr_1.json" in said
    assert end["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 0


def test_no_value_of_a_row_is_in_an_event() -> None:
    assert SECRET not in json.dumps(told(verdict("customers.email.format")))


def test_a_table_that_rows_are_compared_with_is_read_unless_it_is_not_there() -> None:
    of = contracts("sales")
    found = verdict()
    judged = {rule.rule: rule.references for rule in of[1].rules if rule.references}
    assert {one.dataset for references in judged.values() for one in references} == {"customers", "products"}
    found.rules = [RuleResult(rule, "output", "warning", RuleState.HELD) for rule in judged]
    names = [one["name"] for one in told(found, of)[1]["inputs"]]
    assert names[-2:] == ["parquet/customers", "parquet/products"]
    found.rules = [
        replace(one, state=RuleState.HELD if "product" not in one.rule else RuleState.NOT_EVALUATED)
        for one in found.rules
    ]
    names = [one["name"] for one in told(found, of)[1]["inputs"]]
    assert (names[-1], "parquet/products" in names) == ("parquet/customers", False)


def test_a_table_that_is_built_from_tables_read_these() -> None:
    gold = {"dataset": "sales_daily", "location": "s3://processed/parquet/sales_daily", "raw": arguments.NOWHERE}
    found = verdict()
    found.objects = [{"key": "2025-01-15", "version": "42"}, {"key": "2025-01-16", "version": "42"}]
    sales, products = told(found, contracts("sales_daily"), **gold)[1]["inputs"]
    assert (sales["name"], products["name"]) == ("parquet/sales", "parquet/products")
    assert sales["facets"]["version"]["datasetVersion"] == "42"
    assert [one["name"] for one in products["facets"]["schema"]["fields"]] == ["product_id", "category"]
    assert sales["inputFacets"]["inputStatistics"]["rowCount"] == 7


def test_a_replay_read_what_was_set_aside() -> None:
    found = verdict(replay="jr_0")
    found.objects = []
    assert [one["name"] for one in told(found)[1]["inputs"]] == ["quarantine/customers"]


def test_a_run_that_read_nothing_has_no_input_and_one_without_contracts_no_columns() -> None:
    found = verdict()
    found.objects = []
    assert told(found)[1].get("inputs", []) == []
    assert "schema" not in told(verdict(), [])[1]["outputs"][0]["facets"]


def test_a_thousand_objects_are_told_as_their_folder() -> None:
    found = verdict()
    found.objects = [{"key": f"customers/{number}.jsonl", "version": "v"} for number in range(1000)]
    [folder] = told(found)[1]["inputs"]
    assert folder["inputFacets"]["inputStatistics"]["fileCount"] == 1000
    assert len(json.dumps(folder)) < 20_000


def unjudged() -> Verdict:
    """A run that no stage judged has no Data Docs, whose making takes seconds."""
    found = verdict()
    found.rules = found.rules[:1]
    return found


@pytest.fixture
def bucket(aws: Clients) -> str:
    aws.s3.create_bucket(Bucket="lineage", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return "lineage"


def test_a_run_leaves_its_events_as_lines_beside_its_verdict(aws: Clients, bucket: str) -> None:
    to = order(lineage=f"s3://{bucket}/lineage/customers/", verdicts=Place(bucket, "verdicts/customers/"))
    reporting.publish(aws, to, unjudged(), Head(), contracts())
    body = aws.s3.get_object(Bucket=bucket, Key="lineage/customers/jr_1.jsonl")["Body"].read().decode()
    assert [json.loads(line)["eventType"] for line in body.splitlines()] == ["START", "COMPLETE"]
    reporting.publish(aws, replace(to, run_id="jr_2", lineage=""), unjudged(), Head(), contracts())
    kept = aws.s3.list_objects_v2(Bucket=bucket, Prefix="lineage/")["Contents"]
    assert [one["Key"] for one in kept] == ["lineage/customers/jr_1.jsonl"]


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
    lineage.tell(aws, order(lineage=url), verdict(), contracts())
    assert [(path, event["eventType"]) for path, event in kind.got] == [
        ("/api/v1/lineage", "START"),
        ("/api/v1/lineage", "COMPLETE"),
    ]


@pytest.mark.parametrize("to", ["http://127.0.0.1:9", "s3://no-such-bucket/lineage/", "s3://", "nonsense"])
def test_a_lineage_that_fails_is_told_and_changes_nothing(
    aws: Clients, to: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = unjudged()
    reporting.publish(aws, order(lineage=to), found, Head(), contracts())
    assert f"WARNING could not tell the lineage to {to}: " in capsys.readouterr().err
    assert found.state == "SUCCEEDED"


def test_a_server_that_refuses_is_told(
    aws: Clients, server: tuple[str, type[_Server]], capsys: pytest.CaptureFixture[str]
) -> None:
    url, kind = server
    kind.status = 400
    reporting.publish(aws, order(lineage=url), unjudged(), Head(), contracts())
    assert "WARNING could not tell the lineage" in capsys.readouterr().err


def test_a_job_that_starts_does_not_wait_for_the_library() -> None:
    seen = "import sys, etl.job; print('openlineage' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", seen], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def test_where_the_lineage_goes_is_an_argument() -> None:
    assert arguments.parse(words()).lineage == ""
    assert arguments.parse(words(lineage="https://lineage.example.com")).lineage == "https://lineage.example.com"
