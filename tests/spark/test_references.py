"""Rows that point to what no other dataset has published are set aside; where nothing is published, nothing is judged."""

import json
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.contract.model import load
from etl.errors import ContractInvalid
from etl.gate.references import Known
from etl.iceberg.current_snapshot import Head
from etl.results.verdict import Verdict
from tests.spark.lake import ROOT, Lake, day
from tests.spark.test_quarantine import sale, set_aside

KNOWN = ("sales.customer_id.known", "sales.product_id.known")


def customer(number: int) -> str:
    fields = {"customer_id": f"CUST{number}", "name": "A B", "email": "a@b.c", "country": "DE"}
    return json.dumps({**fields, "signup_date": "2024-01-01"}) + "\n"


def of(verdict: Verdict) -> dict[str, tuple[str, int]]:
    return {one.rule: (one.state.value, one.unexpected) for one in verdict.rules if one.rule in KNOWN}


@pytest.fixture
def customers(lake: Lake) -> Lake:
    found = lake.beside("customers")
    found.put(a__jsonl=(customer(1) + customer(2)).encode())
    return found


def test_before_the_referenced_tables_are_published_the_rule_is_not_evaluated(lake: Lake) -> None:
    lake.put(a__csv=day(sale(1)))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published) == ("SUCCEEDED", 1), verdict.message
    assert of(verdict) == dict.fromkeys(KNOWN, ("not_evaluated", 0))
    assert verdict.message == f"sales: 1 row published from 1 object. 2 rules not evaluated: {', '.join(KNOWN)}"


def test_rows_that_point_to_nothing_are_set_aside_once_the_other_is_published(lake: Lake, customers: Lake) -> None:
    assert customers.run().rows_published == 2
    lake.put(a__csv=day(sale(1), sale(2, customer="CUST9"), sale(3, customer="CUST2"), sale(4)))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, verdict.rows_quarantined) == ("SUCCEEDED", 3, 1), verdict.message
    assert of(verdict) == {KNOWN[0]: ("broken", 1), KNOWN[1]: ("not_evaluated", 0)}
    [row] = set_aside(lake)
    assert (json.loads(row["source"])["customer_id"], row["rules"]) == ("CUST9", [KNOWN[0]])
    assert set(lake.rows()[0]) & {"known_customer", "known_product"} == set()


@pytest.mark.long
def test_both_references_of_one_row_are_named(lake: Lake, customers: Lake) -> None:
    customers.run()
    products = lake.beside("products")
    sink = pa.BufferOutputStream()
    price = pa.array(["1.00"]).cast(pa.decimal128(10, 2))
    pq.write_table(pa.table({"product_id": ["PROD1"], "name": ["a"], "category": ["b"], "list_price": price}), sink)
    products.put(a__parquet=sink.getvalue().to_pybytes())
    assert products.run().rows_published == 1
    lake.put(a__csv=day(sale(1), sale(2, customer="CUST9", product="PROD9"), sale(3)))
    verdict = lake.run()
    assert of(verdict) == dict.fromkeys(KNOWN, ("broken", 1)), verdict.message
    assert [row["rules"] for row in set_aside(lake)] == [list(KNOWN)]


def test_the_keys_are_compared_without_a_broadcast(lake: Lake, customers: Lake) -> None:
    customers.run()
    contract = load((ROOT / "expectations/sales/output.json").read_text(), "sales/output.json")
    known = Known.of(lake.aws, lake.order(), contract)
    frame = known.joined(lake.spark.sql("SELECT concat('CUST', id) AS customer_id FROM range(1, 100)"))
    with redirect_stdout(StringIO()) as plan:
        frame.explain()
    assert "ShuffledHashJoin" in plan.getvalue()
    assert "Broadcast" not in plan.getvalue()
    found = [row["known_customer"] for row in frame.collect()]
    assert (len(found), sorted(filter(None, found))) == (99, ["CUST1", "CUST2"])


def test_a_reference_that_the_published_table_does_not_answer_to_is_refused_and_not_passed_over(
    lake: Lake, customers: Lake
) -> None:
    snapshot = str(customers.run().snapshot_after)
    contract = load((ROOT / "expectations/sales/output.json").read_text(), "sales/output.json")
    (buyer, _) = contract.references
    changed = replace(contract, references=(replace(buyer, key="custmer_id"),))
    rows = lake.spark.sql("SELECT 'CUST1' AS customer_id")
    with pytest.raises(
        ContractInvalid, match=r"custmer_id, which customers does not publish; did you mean 'customer_id'"
    ):
        Known(lake.order(), {changed.references[0]: snapshot}).joined(rows)


def test_a_reference_to_what_the_published_snapshot_does_not_call_its_key_is_refused_before_spark_starts(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = load((ROOT / "expectations/sales/output.json").read_text(), "sales/output.json")
    for key, refused in (
        ('["customer_id"]', False),
        ('["customer_id", "day"]', True),
        ('["email"]', True),
        ("{", False),
    ):
        monkeypatch.setattr("etl.gate.references.head", lambda *_, key=key: Head("1", summary={"sluice.key": key}))
        one = replace(contract, references=contract.references[:1])
        if refused:
            with pytest.raises(ContractInvalid, match="which is not the whole key of customers"):
                Known.of(lake.aws, lake.order(), one)
        else:
            assert Known.of(lake.aws, lake.order(), one).snapshots
