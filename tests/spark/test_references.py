"""Rows that point to what no other dataset has published are set aside; where nothing is published, nothing is judged."""

import json
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.contract.loading import parse_contract
from etl.errors import ContractInvalid
from etl.gate.references import ResolvedReferences
from etl.iceberg.current_snapshot import Head
from etl.results.verdict import Verdict
from tests.lake import LAKE
from tests.spark.lake import Lake, csv_bytes
from tests.spark.test_quarantine import sale_line, set_aside

REFERENCE_RULES = ("trades.customer_id.known", "trades.product_id.known")


def customer_line(number: int) -> str:
    fields = {"customer_id": f"CUST{number}", "name": "A B", "email": "a@b.c", "country": "DE"}
    return json.dumps({**fields, "signup_date": "2024-01-01"}) + "\n"


def reference_outcomes(verdict: Verdict) -> dict[str, tuple[str, int]]:
    return {
        result.rule: (result.state.value, result.unexpected)
        for result in verdict.rules
        if result.rule in REFERENCE_RULES
    }


@pytest.fixture
def buyers(lake: Lake) -> Lake:
    dataset_lake = lake.sibling_lake("buyers")
    dataset_lake.put_files(a__jsonl=(customer_line(1) + customer_line(2)).encode())
    return dataset_lake


def test_before_the_referenced_tables_are_published_the_rule_is_not_evaluated(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(sale_line(1)))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published) == ("SUCCEEDED", 1), verdict.message
    assert reference_outcomes(verdict) == dict.fromkeys(REFERENCE_RULES, ("not_evaluated", 0))
    assert (
        verdict.message == f"trades: 1 row published from 1 object. 2 rules not evaluated: {', '.join(REFERENCE_RULES)}"
    )


def test_rows_that_point_to_nothing_are_set_aside_once_the_other_is_published(lake: Lake, buyers: Lake) -> None:
    assert buyers.run().rows_published == 2
    lake.put_files(
        a__csv=csv_bytes(sale_line(1), sale_line(2, customer="CUST9"), sale_line(3, customer="CUST2"), sale_line(4))
    )
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, verdict.rows_quarantined) == ("SUCCEEDED", 3, 1), verdict.message
    assert reference_outcomes(verdict) == {REFERENCE_RULES[0]: ("broken", 1), REFERENCE_RULES[1]: ("not_evaluated", 0)}
    [row] = set_aside(lake)
    assert (json.loads(row["source"])["customer_id"], row["rules"]) == ("CUST9", [REFERENCE_RULES[0]])
    assert set(lake.rows()[0]) & {"known_customer", "known_product"} == set()


@pytest.mark.long
def test_both_references_of_one_row_are_named(lake: Lake, buyers: Lake) -> None:
    buyers.run()
    goods = lake.sibling_lake("goods")
    sink = pa.BufferOutputStream()
    price = pa.array(["1.00"]).cast(pa.decimal128(10, 2))
    pq.write_table(pa.table({"product_id": ["PROD1"], "name": ["a"], "category": ["b"], "list_price": price}), sink)
    goods.put_files(a__parquet=sink.getvalue().to_pybytes())
    assert goods.run().rows_published == 1
    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2, customer="CUST9", product="PROD9"), sale_line(3)))
    verdict = lake.run()
    assert reference_outcomes(verdict) == dict.fromkeys(REFERENCE_RULES, ("broken", 1)), verdict.message
    assert [row["rules"] for row in set_aside(lake)] == [list(REFERENCE_RULES)]


def test_the_keys_are_compared_without_a_broadcast(lake: Lake, buyers: Lake) -> None:
    buyers.run()
    contract = parse_contract((LAKE / "expectations/trades/output.json").read_text(), "trades/output.json")
    resolved = ResolvedReferences.from_published(lake.aws, lake.job_arguments(), contract)
    frame = resolved.join_columns(lake.spark.sql("SELECT concat('CUST', id) AS customer_id FROM range(1, 100)"))
    with redirect_stdout(StringIO()) as plan:
        frame.explain()
    assert "ShuffledHashJoin" in plan.getvalue()
    assert "Broadcast" not in plan.getvalue()
    known_buyers = [row["known_customer"] for row in frame.collect()]
    assert (len(known_buyers), sorted(filter(None, known_buyers))) == (99, ["CUST1", "CUST2"])


def test_a_reference_that_the_published_table_does_not_answer_to_is_refused_and_not_passed_over(
    lake: Lake, buyers: Lake
) -> None:
    snapshot = str(buyers.run().snapshot_after)
    contract = parse_contract((LAKE / "expectations/trades/output.json").read_text(), "trades/output.json")
    (buyer, _) = contract.references
    changed = replace(contract, references=(replace(buyer, key="custmer_id"),))
    rows = lake.spark.sql("SELECT 'CUST1' AS customer_id")
    with pytest.raises(ContractInvalid, match=r"custmer_id, which buyers does not publish; did you mean 'customer_id'"):
        ResolvedReferences(lake.job_arguments(), {changed.references[0]: snapshot}).join_columns(rows)


def test_a_reference_to_what_the_published_snapshot_does_not_call_its_key_is_refused_before_spark_starts(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = parse_contract((LAKE / "expectations/trades/output.json").read_text(), "trades/output.json")
    for key, refused in (
        ('["customer_id"]', False),
        ('["customer_id", "day"]', True),
        ('["email"]', True),
        ("{", False),
    ):
        monkeypatch.setattr("etl.gate.references.read_head", lambda *_, key=key: Head("1", summary={"sluice.key": key}))
        narrowed = replace(contract, references=contract.references[:1])
        if refused:
            with pytest.raises(ContractInvalid, match="which is not the whole key of buyers"):
                ResolvedReferences.from_published(lake.aws, lake.job_arguments(), narrowed)
        else:
            assert ResolvedReferences.from_published(lake.aws, lake.job_arguments(), narrowed).snapshots
