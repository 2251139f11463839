"""The Data Docs of a run: Great Expectations' own rendering of the verdict, without a request, a script or a person."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from etl import reporting
from etl.contract.loading import parse_contract
from etl.contract.model import Contract
from etl.contract.sample_values import MASK
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.iceberg.current_snapshot import Head
from etl.messages.run_facts import RunFacts
from etl.results import data_docs
from etl.results.row_origin import Origin
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.verdict import Verdict
from etl.runtime.arguments import JobArguments
from etl.storage.clients import Clients
from etl.storage.raw_objects import S3Prefix
from tests.lake import LAKE
from tests.lake.examples import EXAMPLES, suite_of
from tests.spark.lake import Lake

ROOT = Path(__file__).resolve().parents[2]
STAGES = ("input", "output")
TODAY = {"run_date": "2026-01-31"}
HOSTILE = "<script>alert(\"1\")</script><img src='http://x/'>&lt; $x ${y} {{ 7 * 611 }}"
LOADED = re.compile(
    r"<(script|img|iframe|object|embed|link|base|form|video|audio)\b|\bon\w+=|url\(|@import|srcset=", re.I
)


def load_shipped_contract(dataset: str, stage: str) -> Contract:
    return parse_contract((LAKE / f"expectations/{dataset}/{stage}.json").read_text(), stage)


def make_verdict(contract: Contract, broken: tuple[str | None, ...] = (), **changed: Any) -> Verdict:
    """Return the verdict of a run that held every rule of the contract, or with samples broke every one twice."""
    held_result = RuleResult(
        "", contract.stage, Severity.INFO, RuleState.from_outcome(not broken), 2 if broken else 0, broken
    )
    rules = [replace(held_result, rule=rule.rule, severity=rule.severity, why=rule.why) for rule in contract.rules]
    return replace(Verdict(contract.dataset, "jr_1", "job", "then", rows_read=10, rules=rules), **changed)


def visible_text(html: str) -> str:
    """Return what a reader sees, with single blanks."""
    return " ".join(re.sub(r"<[^>]*>", " ", html.partition("<body>")[2]).split())


@pytest.fixture(scope="module")
def every() -> Contract:
    """A contract with one rule of every type, as hostile as its texts may be, one with a condition among them."""
    where = {"type": "comparison", "column": {"name": "city"}, "operator": "<=", "parameter": HOSTILE}
    hostile = {"column": "city", "value_set": [HOSTILE], "row_condition": where}
    pairs = {"column_A": "city", "column_B": "stops", "value_pairs_set": [[HOSTILE, 1]]}
    more = [("expect_column_values_to_be_in_set", hostile), ("expect_column_pair_values_to_be_in_set", pairs)]
    rules = [*EXAMPLES.items(), *more]
    expectations = [
        {"type": kind, "kwargs": kwargs, "meta": {"rule": f"trips.r{number}", "why": HOSTILE}}
        for number, (kind, kwargs) in enumerate(rules)
    ]
    return parse_contract(json.dumps(suite_of(*expectations)), "every")


@pytest.mark.parametrize("broken", [(), ("7", None, "")])
def test_a_rule_of_every_type_is_told_in_the_librarys_words(every: Contract, broken: tuple[str | None, ...]) -> None:
    html = data_docs.render_page(every, make_verdict(every, broken), TODAY)
    icons = re.findall(r'class="fas (fa-[\w-]+)', html)
    assert icons == ["fa-times" if broken else "fa-check-circle"] * len(every.rules)
    assert "Rendering failed" not in html
    page_text = visible_text(html)
    assert "values must belong to this set: Bern Basel" in page_text
    assert "the day of the run" not in page_text
    assert "must be less than or equal to 2026-01-31" in page_text
    assert ("2 unexpected values found. 20% of 10 total rows." in page_text) == bool(broken)
    assert ("Sampled Unexpected Values 7 null" in page_text) == bool(broken)


@pytest.mark.parametrize("observed", ["0.53", MASK, HOSTILE])
def test_what_was_observed_is_shown_of_a_rule_that_held(every: Contract, observed: str) -> None:
    run_verdict = make_verdict(every)
    run_verdict.rules = [replace(result, observed=observed) for result in run_verdict.rules]
    html = data_docs.render_page(every, run_verdict, TODAY)
    assert "Rendering failed" not in html
    assert not LOADED.search(html)
    shown = observed.translate(data_docs.TO_PRIVATE_USE).translate(data_docs.TO_HTML_REFERENCES)
    assert html.count(shown) >= 10  # one for each type of rule on the whole, as far as the library shows it


def test_nothing_hostile_becomes_markup(every: Contract) -> None:
    run_verdict = make_verdict(every, (HOSTILE,), message=HOSTILE, run_id=HOSTILE, started=HOSTILE)
    html = data_docs.render_page(every, run_verdict, TODAY)
    assert not LOADED.search(html)
    assert "{{ 7 * 611 }}" in html
    assert "4277" not in visible_text(html)
    escaped = html.count("&#60;script&#62;") + html.count("&lt;script&gt;")
    assert escaped > 3 * len(every.rules)


@pytest.mark.parametrize("stage", STAGES)
def test_a_page_asks_for_nothing_and_links_nowhere(stage: str) -> None:
    contract = load_shipped_contract("trades", stage)
    html = data_docs.render_page(contract, make_verdict(contract, ("x",)), TODAY)
    assert not LOADED.search(html)
    assert not re.search(r"\b(?:href|src|action)=|https?:", html)
    assert "default-src 'none'" in html


def test_what_the_verdict_masked_stays_masked() -> None:
    contract = load_shipped_contract("buyers", "input")
    run_verdict = make_verdict(contract)
    email = next(index for index, result in enumerate(run_verdict.rules) if result.rule == "buyers.email.format")
    run_verdict.rules[email] = replace(run_verdict.rules[email], state=RuleState.BROKEN, unexpected=1, samples=(MASK,))
    page_text = visible_text(data_docs.render_page(contract, run_verdict, TODAY))
    assert f"Sampled Unexpected Values {MASK}" in page_text
    assert "8 of 9 expectations held" in page_text


def test_a_warning_is_told_and_a_rule_that_was_not_evaluated_is_marked() -> None:
    contract = load_shipped_contract("trades", "output")
    warned, waiting = "trades.region.published", "trades.quantity.range"
    run_verdict = make_verdict(contract)
    changes: dict[str, dict[str, Any]] = {
        warned: {"severity": "warning", "state": RuleState.BROKEN, "unexpected": 2, "samples": ("MARS",)},
        waiting: {"state": RuleState.NOT_EVALUATED},
    }
    run_verdict.rules = [replace(result, **changes.get(result.rule, {})) for result in run_verdict.rules]
    html = data_docs.render_page(contract, run_verdict, TODAY)
    page_text = visible_text(html)
    judged = len(contract.rules) - 1
    assert f"{judged - 1} of {judged} expectations held" in page_text
    assert f"{warned} warning 2 MARS" in page_text
    assert f"{waiting} critical not evaluated" in page_text
    assert page_text.index(f"{warned} warning") < page_text.index(
        f"{waiting} critical"
    )  # though the rules stand the other way
    assert len(re.findall(r'class="fas fa-', html)) == judged


def test_structure_that_broke_is_told_beside_the_expectations() -> None:
    contract = load_shipped_contract("trades", "input")
    run_verdict = make_verdict(contract)
    run_verdict.rules.append(
        RuleResult(
            "trades.structure.cast.quantity",
            Stage.STRUCTURE,
            Severity.CRITICAL,
            RuleState.BROKEN,
            1,
            ("1e3",),
            "Plain.",
        )
    )
    assert "trades.structure.cast.quantity critical 1 1e3 Plain." in visible_text(
        data_docs.render_page(contract, run_verdict, TODAY)
    )


def test_a_sample_is_told_with_the_object_and_the_row_that_it_is_from() -> None:
    contract = load_shipped_contract("trades", "input")
    run_verdict = make_verdict(contract)
    rule = RuleResult("trades.structure.text", Stage.STRUCTURE, Severity.CRITICAL, RuleState.BROKEN, 2, ("<b>", None))
    run_verdict.rules.append(replace(rule, places=(Origin("trades/<a>.csv", "1", 7), Origin("trades/b.csv", "1"))))
    assert "critical 2 &lt;b&gt; in trades/&lt;a&gt;.csv row 7 null in trades/b.csv" in visible_text(
        data_docs.render_page(contract, run_verdict, TODAY)
    )


def test_rows_of_earlier_runs_make_no_share_above_the_whole() -> None:
    contract = load_shipped_contract("trades", "output")
    run_verdict = make_verdict(contract, ("TXN1",), rows_read=1)
    assert "2 unexpected values found. 100% of 2 total rows." in visible_text(
        data_docs.render_page(contract, run_verdict, TODAY)
    )


def job_arguments(bucket: str, dataset: str = "trades") -> JobArguments:
    return JobArguments(
        dataset=dataset,
        raw=S3Prefix(bucket, f"{dataset}/"),
        table=f"lake.none.{dataset}",
        location=f"s3://{bucket}/parquet/{dataset}",
        input_contract="",
        output_contract="",
        verdicts=S3Prefix(bucket, f"verdicts/{dataset}/"),
        code="test",
        raw_expire_days=0,
        run_date=date(2026, 1, 31),
        job="test",
        run_id="jr_1",
    )


@pytest.fixture
def bucket(aws: Clients, request: pytest.FixtureRequest) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[-40:].strip("-")
    aws.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return name


def object_keys(aws: Clients, bucket: str) -> list[str]:
    return [entry["Key"] for entry in aws.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def read_verdict(aws: Clients, bucket: str) -> dict[str, Any]:
    return json.loads(aws.s3.get_object(Bucket=bucket, Key="verdicts/trades/jr_1.json")["Body"].read())


def publish_report(aws: Clients, order: JobArguments, verdict: Verdict, contracts: list[Contract]) -> None:
    reporting.publish_report(aws, RunFacts(order, verdict, tuple(contracts), Head(), "eu-west-1"))


def test_a_run_writes_a_page_of_each_stage_it_judged_and_the_verdict_says_where(aws: Clients, bucket: str) -> None:
    contracts = [load_shipped_contract("trades", stage) for stage in STAGES]
    publish_report(aws, job_arguments(bucket), make_verdict(contracts[0]), contracts)
    assert [key for key in object_keys(aws, bucket) if key.endswith(".html")] == ["docs/trades/jr_1/input.html"]
    assert read_verdict(aws, bucket)["data_docs"] == f"s3://{bucket}/docs/trades/jr_1/"
    page_object = aws.s3.get_object(Bucket=bucket, Key="docs/trades/jr_1/input.html")
    assert page_object["ContentType"] == "text/html; charset=utf-8"
    assert "13 of 13 expectations held" in visible_text(page_object["Body"].read().decode())


def test_a_run_that_judged_nothing_has_no_page(aws: Clients, bucket: str) -> None:
    run_verdict = Verdict("trades", "jr_1", "job", "then")
    run_verdict.rules = [RuleResult("trades.structure.header", Stage.STRUCTURE, Severity.CRITICAL, RuleState.BROKEN, 1)]
    publish_report(
        aws, job_arguments(bucket), run_verdict, [load_shipped_contract("trades", stage) for stage in STAGES]
    )
    assert object_keys(aws, bucket) == [
        *("incidents/trades/2026-01-31.json", "outbox/trades/jr_1.json"),
        *(f"results/{kind}/dataset=trades/day=then/jr_1.jsonl" for kind in ("rules", "runs")),
        *("verdicts/trades/jr_1.json", "verdicts/trades/latest.json"),
    ]
    assert read_verdict(aws, bucket)["data_docs"] is None


def test_a_page_that_fails_takes_nothing_else_along(
    aws: Clients, bucket: str, caplog: pytest.LogCaptureFixture
) -> None:
    contracts = [load_shipped_contract("trades", stage) for stage in STAGES]
    run_verdict = make_verdict(contracts[0])
    run_verdict.rules += make_verdict(contracts[1]).rules
    unknown = replace(contracts[0], rules=(replace(contracts[0].rules[0], type="expect_nothing"),))
    publish_report(aws, job_arguments(bucket), run_verdict, [unknown, contracts[1]])
    assert "could not write the Data Docs" in caplog.text
    assert [key for key in object_keys(aws, bucket) if key.endswith(".html")] == ["docs/trades/jr_1/output.html"]
    assert read_verdict(aws, bucket)["rules"]


@pytest.mark.long
def test_no_value_about_a_person_leaves_a_real_run(aws: Clients, spark: Any) -> None:
    lake = Lake(aws, spark, dataset="buyers")
    person = {"customer_id": "CUST1", "name": "Ada Byron", "email": "ada at home", "country": "GB"}
    lake.put_files(day__jsonl=f"{json.dumps({**person, 'signup_date': '2025-01-01'})}\n".encode())
    run_verdict = lake.run()
    assert [result.rule for result in run_verdict.broken] == ["buyers.email.format"]
    contracts = [load_shipped_contract("buyers", stage) for stage in STAGES]
    to = replace(job_arguments(lake.bucket, "buyers"), run_id=run_verdict.run_id)
    publish_report(aws, to, run_verdict, contracts)
    page = (
        aws.s3.get_object(Bucket=lake.bucket, Key=f"docs/buyers/{run_verdict.run_id}/input.html")["Body"]
        .read()
        .decode()
    )
    assert f"Sampled Unexpected Values {MASK}" in visible_text(page)
    for secret in ("ada at home", "Ada Byron"):
        assert secret not in page
        assert secret not in json.dumps(run_verdict.as_json())
