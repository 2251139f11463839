"""The Data Docs of a run: Great Expectations' own rendering of the verdict, without a request, a script or a person."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from etl import reporting
from etl.contract.model import Contract, load
from etl.contract.sample_values import MASK
from etl.iceberg.current_snapshot import Head
from etl.results import data_docs
from etl.results.row_origin import Origin
from etl.results.verdict import RuleResult, RuleState, Verdict
from etl.runtime.arguments import Order
from etl.storage.clients import Clients
from etl.storage.raw_objects import Place
from tests.lake.examples import EXAMPLES, suite_of
from tests.spark.lake import Lake

ROOT = Path(__file__).resolve().parents[2]
STAGES = ("input", "output")
TODAY = {"run_date": "2026-01-31"}
HOSTILE = "<script>alert(\"1\")</script><img src='http://x/'>&lt; $x ${y} {{ 7 * 611 }}"
LOADED = re.compile(
    r"<(script|img|iframe|object|embed|link|base|form|video|audio)\b|\bon\w+=|url\(|@import|srcset=", re.I
)


def shipped(dataset: str, stage: str) -> Contract:
    return load((ROOT / f"expectations/{dataset}/{stage}.json").read_text(), stage)


def verdict(contract: Contract, broken: tuple[str | None, ...] = (), **changed: Any) -> Verdict:
    """Return the verdict of a run that held every rule of the contract, or with samples broke every one twice."""
    held = RuleResult("", contract.stage, "", RuleState.judged(not broken), 2 if broken else 0, broken)
    rules = [replace(held, rule=one.rule, severity=one.severity, why=one.why) for one in contract.rules]
    return replace(Verdict(contract.dataset, "jr_1", "job", "then", rows_read=10, rules=rules), **changed)


def text(html: str) -> str:
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
    return load(json.dumps(suite_of(*expectations)), "every")


@pytest.mark.parametrize("broken", [(), ("7", None, "")])
def test_a_rule_of_every_type_is_told_in_the_librarys_words(every: Contract, broken: tuple[str | None, ...]) -> None:
    html = data_docs.page(every, verdict(every, broken), TODAY)
    icons = re.findall(r'class="fas (fa-[\w-]+)', html)
    assert icons == ["fa-times" if broken else "fa-check-circle"] * len(every.rules)
    assert "Rendering failed" not in html
    told = text(html)
    assert "values must belong to this set: Bern Basel" in told
    assert "the day of the run" not in told
    assert "must be less than or equal to 2026-01-31" in told
    assert ("2 unexpected values found. 20% of 10 total rows." in told) == bool(broken)
    assert ("Sampled Unexpected Values 7 null" in told) == bool(broken)


def test_nothing_hostile_becomes_markup(every: Contract) -> None:
    found = verdict(every, (HOSTILE,), message=HOSTILE, run_id=HOSTILE, started=HOSTILE)
    html = data_docs.page(every, found, TODAY)
    assert not LOADED.search(html)
    assert "{{ 7 * 611 }}" in html
    assert "4277" not in text(html)
    shown = html.count("&#60;script&#62;") + html.count("&lt;script&gt;")
    assert shown > 3 * len(every.rules)


@pytest.mark.parametrize("stage", STAGES)
def test_a_page_asks_for_nothing_and_links_nowhere(stage: str) -> None:
    contract = shipped("sales", stage)
    html = data_docs.page(contract, verdict(contract, ("x",)), TODAY)
    assert not LOADED.search(html)
    assert not re.search(r"\b(?:href|src|action)=|https?:", html)
    assert "default-src 'none'" in html


def test_what_the_verdict_masked_stays_masked() -> None:
    contract = shipped("customers", "input")
    found = verdict(contract)
    email = next(index for index, one in enumerate(found.rules) if one.rule == "customers.email.format")
    found.rules[email] = replace(found.rules[email], state=RuleState.BROKEN, unexpected=1, samples=(MASK,))
    told = text(data_docs.page(contract, found, TODAY))
    assert f"Sampled Unexpected Values {MASK}" in told
    assert "8 of 9 expectations held" in told


def test_a_warning_is_told_and_a_rule_that_was_not_evaluated_is_marked() -> None:
    contract = shipped("sales", "output")
    aside, waiting = "sales.region.published", "sales.quantity.range"
    found = verdict(contract)
    changes: dict[str, dict[str, Any]] = {
        aside: {"severity": "warning", "state": RuleState.BROKEN, "unexpected": 2, "samples": ("MARS",)},
        waiting: {"state": RuleState.NOT_EVALUATED},
    }
    found.rules = [replace(one, **changes.get(one.rule, {})) for one in found.rules]
    html = data_docs.page(contract, found, TODAY)
    told = text(html)
    judged = len(contract.rules) - 1
    assert f"{judged - 1} of {judged} expectations held" in told
    assert f"{aside} warning 2 MARS" in told
    assert f"{waiting} critical not evaluated" in told
    assert told.index(f"{aside} warning") < told.index(f"{waiting} critical")  # though the rules stand the other way
    assert len(re.findall(r'class="fas fa-', html)) == judged


def test_structure_that_broke_is_told_beside_the_expectations() -> None:
    contract = shipped("sales", "input")
    found = verdict(contract)
    found.rules.append(
        RuleResult("sales.structure.cast.quantity", "structure", "critical", RuleState.BROKEN, 1, ("1e3",), "Plain.")
    )
    assert "sales.structure.cast.quantity critical 1 1e3 Plain." in text(data_docs.page(contract, found, TODAY))


def test_a_sample_is_told_with_the_object_and_the_row_that_it_is_from() -> None:
    contract = shipped("sales", "input")
    found = verdict(contract)
    rule = RuleResult("sales.structure.text", "structure", "critical", RuleState.BROKEN, 2, ("<b>", None))
    found.rules.append(replace(rule, places=(Origin("sales/<a>.csv", "1", 7), Origin("sales/b.csv", "1"))))
    assert "critical 2 &lt;b&gt; in sales/&lt;a&gt;.csv row 7 null in sales/b.csv" in text(
        data_docs.page(contract, found, TODAY)
    )


def test_rows_of_earlier_runs_make_no_share_above_the_whole() -> None:
    contract = shipped("sales", "output")
    found = verdict(contract, ("TXN1",), rows_read=1)
    assert "2 unexpected values found. 100% of 2 total rows." in text(data_docs.page(contract, found, TODAY))


def order(bucket: str, dataset: str = "sales") -> Order:
    return Order(
        dataset=dataset,
        raw=Place(bucket, f"{dataset}/"),
        table=f"lake.none.{dataset}",
        location=f"s3://{bucket}/parquet/{dataset}",
        input_contract="",
        output_contract="",
        verdicts=Place(bucket, f"verdicts/{dataset}/"),
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


def keys(aws: Clients, bucket: str) -> list[str]:
    return [found["Key"] for found in aws.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def written(aws: Clients, bucket: str) -> dict[str, Any]:
    return json.loads(aws.s3.get_object(Bucket=bucket, Key="verdicts/sales/jr_1.json")["Body"].read())


def test_a_run_writes_a_page_of_each_stage_it_judged_and_the_verdict_says_where(aws: Clients, bucket: str) -> None:
    contracts = [shipped("sales", stage) for stage in STAGES]
    reporting.publish(aws, order(bucket), verdict(contracts[0]), Head(), contracts)
    assert [key for key in keys(aws, bucket) if key.endswith(".html")] == ["docs/sales/jr_1/input.html"]
    assert written(aws, bucket)["data_docs"] == f"s3://{bucket}/docs/sales/jr_1/"
    found = aws.s3.get_object(Bucket=bucket, Key="docs/sales/jr_1/input.html")
    assert found["ContentType"] == "text/html; charset=utf-8"
    assert "13 of 13 expectations held" in text(found["Body"].read().decode())


def test_a_run_that_judged_nothing_has_no_page(aws: Clients, bucket: str) -> None:
    found = Verdict("sales", "jr_1", "job", "then")
    found.rules = [RuleResult("sales.structure.header", "structure", "critical", RuleState.BROKEN, 1)]
    reporting.publish(aws, order(bucket), found, Head(), [shipped("sales", stage) for stage in STAGES])
    assert keys(aws, bucket) == ["verdicts/sales/jr_1.json", "verdicts/sales/latest.json"]
    assert written(aws, bucket)["data_docs"] is None


def test_a_page_that_fails_takes_nothing_else_along(
    aws: Clients, bucket: str, capsys: pytest.CaptureFixture[str]
) -> None:
    contracts = [shipped("sales", stage) for stage in STAGES]
    found = verdict(contracts[0])
    found.rules += verdict(contracts[1]).rules
    unknown = replace(contracts[0], rules=(replace(contracts[0].rules[0], type="expect_nothing"),))
    reporting.publish(aws, order(bucket), found, Head(), [unknown, contracts[1]])
    assert "WARNING could not write the Data Docs" in capsys.readouterr().err
    assert [key for key in keys(aws, bucket) if key.endswith(".html")] == ["docs/sales/jr_1/output.html"]
    assert written(aws, bucket)["rules"]


@pytest.mark.long
def test_no_value_about_a_person_leaves_a_real_run(aws: Clients, spark: Any) -> None:
    lake = Lake(aws, spark, dataset="customers")
    person = {"customer_id": "CUST1", "name": "Ada Byron", "email": "ada at home", "country": "GB"}
    lake.put(day__jsonl=f"{json.dumps({**person, 'signup_date': '2025-01-01'})}\n".encode())
    found = lake.run()
    assert [one.rule for one in found.broken] == ["customers.email.format"]
    contracts = [shipped("customers", stage) for stage in STAGES]
    to = replace(order(lake.bucket, "customers"), run_id=found.run_id)
    reporting.publish(aws, to, found, Head(), contracts)
    page = (
        aws.s3.get_object(Bucket=lake.bucket, Key=f"docs/customers/{found.run_id}/input.html")["Body"].read().decode()
    )
    assert f"Sampled Unexpected Values {MASK}" in text(page)
    for secret in ("ada at home", "Ada Byron"):
        assert secret not in page
        assert secret not in json.dumps(found.as_json())
