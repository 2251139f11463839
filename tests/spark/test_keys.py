"""No row is published without its whole key, and rows that were proven by another key are proven by today's before more are."""

import json

import pytest
from pyspark.sql import functions as F

from etl.contract.loads import UniqueWithin
from etl.contract.masking import Masking
from etl.gate import primary_key
from etl.iceberg.current_snapshot import Head, read_head
from etl.results.rule_result import RuleResult
from etl.results.verdict import Verdict
from tests.spark.lake import Lake, csv_bytes
from tests.spark.test_quarantine import sale_line


def declare_key(lake: Lake, *key: str) -> None:
    """Declare another key, with its unique rule, and no rule on its columns but that."""
    for stage in ("input", "output"):
        place = f"contracts/{stage}.json"
        suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=place)["Body"].read())
        rules = [
            expectation
            for expectation in suite["expectations"]
            if expectation["kwargs"].get("column") not in {"region", "transaction_id"}
        ]
        suite["expectations"] = [expectation for expectation in rules if "column_list" not in expectation["kwargs"]]
        if stage == "output":
            suite["meta"]["key"] = [*key]
            single, kwargs = "expect_column_values_to_be_unique", {"column": "".join(key)}
            several = "expect_compound_columns_to_be_unique", {"column_list": [*key]}
            kind, arguments = several if len(key) > 1 else (single, kwargs)
            unique = {"type": kind, "kwargs": arguments}
            suite["expectations"].append({**unique, "meta": {"rule": "trades.key.unique", "why": "Once."}})
        lake.put_key(place, json.dumps(suite).encode())


def of_key(verdict: Verdict) -> RuleResult:
    [key_result] = [result for result in verdict.rules if result.rule == "trades.structure.key"]
    return key_result


def published_head(lake: Lake) -> Head:
    return read_head(lake.aws.glue, lake.aws.s3, f"lake.{lake.database}.trades")


@pytest.mark.parametrize("conflict", ["refuse", pytest.param("replace", marks=pytest.mark.long)])
def test_a_row_without_a_part_of_its_key_is_never_published(lake: Lake, conflict: str) -> None:
    declare_key(lake, "transaction_id", "region")
    place = "contracts/output.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=place)["Body"].read())
    suite["meta"]["on_conflict"] = conflict
    lake.put_key(place, json.dumps(suite).encode())
    lake.put_files(
        a__csv=csv_bytes(sale_line(1), sale_line(2, region="")), b__csv=csv_bytes(sale_line(3, region=""), sale_line(4))
    )
    verdict = lake.run()
    key_result = of_key(verdict)
    assert (verdict.state, [result.rule for result in verdict.broken]) == ("FAILED", ["trades.structure.key"]), (
        verdict.message
    )
    assert (key_result.stage, key_result.severity, key_result.unexpected) == ("structure", "critical", 2)
    assert {*key_result.samples} == {"TXN2, null in trades/a.csv", "TXN3, null in trades/b.csv"}
    assert published_head(lake).snapshot is None


@pytest.mark.long
def test_rows_that_were_proven_by_another_key_are_checked_whole_and_once(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare_key(lake, "transaction_id", "region")
    with monkeypatch.context() as before:  # as runs were that knew of no such rule
        before.setattr(primary_key, "is_null", lambda _: F.lit(False))
        before.setattr(primary_key, "key_summary", lambda *_: {})
        lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2, region="")))
        assert lake.run().state == "SUCCEEDED"
    old = published_head(lake)
    lake.put_files(b__csv=csv_bytes(sale_line(3)))
    refused = lake.run()
    assert [result.rule for result in refused.broken] == ["trades.structure.key"], refused.message
    assert (of_key(refused).samples, of_key(refused).unexpected) == (("TXN2, null in 1 row: trades/a.csv",), 1)
    assert "sluice rerun" in of_key(refused).why
    assert published_head(lake) == old
    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2)))
    assert lake.run().state == "SUCCEEDED"
    assert published_head(lake).summary[primary_key.KEY_PROPERTY] == '["transaction_id", "region"]'
    monkeypatch.setattr(primary_key, "check_table", lambda *_: pytest.fail("the table was checked whole again"))
    lake.put_files(c__csv=csv_bytes(sale_line(4)))
    assert (lake.run().state, len(lake.rows())) == ("SUCCEEDED", 4)
    monkeypatch.undo()
    declare_key(lake, "region")
    lake.put_files(d__csv=csv_bytes(sale_line(5, region="EU-WEST")))
    changed = lake.run()
    assert of_key(changed).samples == ("US-EAST in 4 rows: trades/a.csv, trades/c.csv",), changed.message
    assert ([result.rule for result in changed.broken], of_key(changed).unexpected) == (["trades.structure.key"], 4)


@pytest.mark.parametrize(
    ("summary", "proven"),
    [
        ({primary_key.KEY_PROPERTY: '["a", "b"]'}, True),
        ({primary_key.KEY_PROPERTY: '["b", "a"]'}, True),
        ({primary_key.KEY_PROPERTY: '["a"]'}, False),
        ({primary_key.KEY_PROPERTY: '["a,b"]'}, False),
        ({primary_key.KEY_PROPERTY: "a,b"}, False),
        ({primary_key.KEY_PROPERTY: "7"}, False),
        ({}, False),
    ],
)
def test_a_head_is_proven_where_it_names_just_todays_key(summary: dict[str, str], proven: bool) -> None:
    assert primary_key.is_proven(Head("1", 0, summary), ["a", "b"]) is proven
    assert primary_key.is_proven(Head(), ["a", "b"])


def test_keys_that_were_looked_for_so_far_back_prove_none_that_is_looked_for_everywhere() -> None:
    within = UniqueWithin(column="day", days=3)
    bounded, unbounded = (Head("1", 0, primary_key.key_summary(["a"], bound)) for bound in (within, None))
    assert primary_key.KEY_PROPERTY not in bounded.summary
    assert primary_key.is_proven(bounded, ["a"], UniqueWithin(column="day", days=9))
    assert not primary_key.is_proven(bounded, ["b"], within)
    assert not primary_key.is_proven(bounded, ["a"])
    assert primary_key.is_proven(unbounded, ["a"], within)


def test_a_maintained_head_keeps_the_key_that_its_rows_were_proven_by() -> None:
    from etl.maintenance.maintenance_run import carried_properties  # noqa: PLC0415  the name says little at the top

    assert carried_properties(Head("1", 0, primary_key.key_summary(["a"])), "jr_1")[primary_key.KEY_PROPERTY] == '["a"]'


def test_personal_parts_of_a_key_are_masked() -> None:
    assert (
        primary_key.null_sample(
            ["ada@example.org", None], "trades/a.csv", ["email", "day"], Masking(frozenset({"email"}))
        )
        == "***, null in trades/a.csv"
    )
