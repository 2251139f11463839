"""Evidence keeps its origin: each sample of a broken rule has the object, its version and the row that it is from."""

import bz2
import gzip
import json
from typing import Any

import pytest

from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.gate import row_evidence
from etl.results.row_origin import Candidate, Origin, match_origins, skip_hint
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.verdict import Verdict
from etl.sources import physical_lines
from tests.spark.lake import HEADER, Lake, csv_bytes
from tests.spark.test_formats import PRODUCT, columnar_file, customer_line
from tests.spark.test_quarantine import make_warning, sale_line


def places_by_rule(verdict: Verdict) -> dict[str, list[tuple[Any, ...]]]:
    """Return of each broken rule its samples and where they are from, as the verdict file has them."""
    rules = json.loads(json.dumps(verdict.as_json()))["rules"]
    evidence = {rule["rule"]: (rule["samples"], rule["places"]) for rule in rules if rule["state"] == "broken"}
    assert all(len(samples) == len(origins) for samples, origins in evidence.values())
    return {
        rule.partition(".")[2]: [
            (sample, *((place["object"], place["row"]) if place else (None, None)))
            for sample, place in zip(samples, origins, strict=True)
        ]
        for rule, (samples, origins) in evidence.items()
    }


def test_a_row_of_the_input_is_found_in_its_file_whatever_that_is_packed_with(lake: Lake) -> None:
    blank = ("", HEADER, "", sale_line(1), "", sale_line(2, quantity="x"), sale_line(3, region="MARS"))
    lake.put_files(
        a__csv=b"\xef\xbb\xbf" + "\r\n".join(blank[1:]).encode(),
        b__csv__gz=gzip.compress(csv_bytes(sale_line(4), sale_line(5, region="VENUS"), "too,few")),
        c__csv__bz2=bz2.compress(csv_bytes(sale_line(6, region='"PLU\u0085TO"'), sale_line(7, customer=""))),
        d__csv=csv_bytes(sale_line(8), sale_line(9, region="SATURN")),
    )
    verdict = lake.run()
    samples = places_by_rule(verdict)
    assert samples["structure.cast.quantity"] == [("x", "trades/a.csv", 5)]
    assert samples["customer_id.present"] == [(None, "trades/c.csv.bz2", 3)]
    regions = {(place, row) for _, place, row in samples["region.known"]}
    # Three objects are read again at most: of the fourth only its key is told.
    assert regions == {("trades/a.csv", 6), ("trades/b.csv.gz", 3), ("trades/c.csv.bz2", 2), ("trades/d.csv", None)}
    assert samples["structure.row"] == [("too,few", "trades/b.csv.gz", 4)]
    versions = {source.key: source.version for source in verdict.objects}
    [cast] = [result for result in verdict.rules if result.rule == "trades.structure.cast.quantity"]
    assert cast.places == (Origin("trades/a.csv", versions["trades/a.csv"], 5),)
    assert "trades.structure.cast.quantity (1: 'x' in trades/a.csv row 5)" in verdict.message
    assert f"sluice skip trades trades/a.csv --version {versions['trades/a.csv']} --why" in verdict.message


@pytest.mark.long
def test_a_row_of_the_output_is_found_by_judging_the_source_again_and_of_a_key_both_rows(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2)))
    lake.run()
    make_warning(lake, "input", "trades.region.known")
    lake.put_files(
        b__csv=csv_bytes(
            sale_line(3), sale_line(2, price="3.00"), sale_line(4, quantity="0"), sale_line(5, region="MARS")
        ),
        c__csv=csv_bytes(sale_line(6), sale_line(6), sale_line(7), sale_line(3)),
    )
    verdict = lake.run()
    samples = places_by_rule(verdict)
    assert samples["quantity.range"] == [("0", "trades/b.csv", 4)], verdict.message
    assert samples["region.known"] == [("MARS", "trades/b.csv", 5)]
    [unique] = [result for result in verdict.rules if result.rule == "trades.transaction_id.unique"]
    both_rows = {
        sample: tuple((place.object, place.row) if place else None for place in both)
        for sample, *both in zip(unique.samples, unique.places, unique.also, strict=True)
    }
    assert both_rows == {
        "TXN6": (("trades/c.csv", 2), ("trades/c.csv", 3)),
        "TXN3": (("trades/b.csv", 2), ("trades/c.csv", 5)),
        "TXN2 is in trades/a.csv already": (("trades/b.csv", 3), ("trades/a.csv", None)),
    }


@pytest.mark.long
def test_a_row_of_json_or_parquet_is_found_by_its_number_and_shows_no_value(aws: Any, spark: Any) -> None:
    buyers, goods = Lake(aws, spark, "buyers"), Lake(aws, spark, "goods")
    buyers.put_files(
        a__jsonl="\n".join((customer_line(), "", customer_line(customer_id="CUST2", email="nobody"))).encode()
    )
    assert places_by_rule(buyers.run())["email.format"] == [("***", "buyers/a.jsonl", 3)]
    rows = [PRODUCT, *(PRODUCT | {"product_id": "PROD2"} for _ in range(2))]
    goods.put_files(a__parquet=columnar_file([PRODUCT | {"product_id": "PROD3"}]), b__parquet=columnar_file(rows))
    verdict = goods.run()
    assert places_by_rule(verdict) == {"product_id.unique": [("PROD2", "goods/b.parquet", 2)]}, verdict.message
    [unique] = verdict.broken
    assert [place.row for place in unique.also if place] == [3]


@pytest.mark.parametrize(
    "fails",
    [
        (physical_lines, "find_line_numbers"),
        (row_evidence, "violation_columns"),
        (row_evidence, "match_origins"),
    ],
)
@pytest.mark.long
def test_a_second_look_that_fails_changes_nothing_but_the_places(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, fails: tuple[Any, str]
) -> None:
    def raise_oserror(*_: object) -> None:
        raise OSError("ada@example.org")

    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2, region="MARS")))
    whole = lake.run()
    monkeypatch.setattr(*fails, raise_oserror)
    verdict = lake.run()
    results = [
        [(result.rule, result.state, result.unexpected, result.samples) for result in each.rules]
        for each in (whole, verdict)
    ]
    assert results[0] == results[1]
    assert verdict.state == "FAILED"
    assert {place and place.row for result in verdict.broken for place in result.places} == {None}


@pytest.mark.long
def test_a_row_of_orc_has_its_object_and_of_a_replay_the_object_that_it_was_set_aside_from(
    aws: Any, spark: Any
) -> None:
    goods, trades = Lake(aws, spark, "goods"), Lake(aws, spark)
    text = (goods.aws.s3.get_object(Bucket=goods.bucket, Key="contracts/input.json")["Body"].read()).decode()
    goods.put_key("contracts/input.json", text.replace('"parquet"', '"orc"').encode())
    goods.put_files(a__orc=columnar_file([PRODUCT, PRODUCT], form="orc"))
    assert places_by_rule(goods.run()) == {"product_id.unique": [("PROD001", "goods/a.orc", None)]}
    make_warning(trades, "input", "trades.region.known")
    trades.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2, region="MARS")))
    first = trades.run()
    assert places_by_rule(first)["region.known"] == [("MARS", "trades/a.csv", 3)]
    make_warning(trades, "input", "trades.region.known", value_set=["MARS"])
    assert places_by_rule(trades.run(replay=first.run_id))["region.published"] == [("MARS", "trades/a.csv", None)]


def test_each_sample_has_a_place_or_null() -> None:
    origin = Origin("a.csv", "1", 2)
    rule = RuleResult("trades.x", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 3, ("a", None), places=(origin,))
    [stored_rule] = Verdict("trades", "jr_1", "job", "now", rules=[rule]).as_json()["rules"]
    assert stored_rule["places"] == [{"object": "a.csv", "version": "1", "row": 2}, None]
    assert rule.in_words == "trades.x (3: 'a' in a.csv row 2, null)"
    assert RuleResult("trades.x", Stage.INPUT, Severity.CRITICAL, RuleState.HELD).places == ()


def test_a_masked_sample_is_any_row_that_shows_no_other() -> None:
    first, second = Origin("a", "1", 2), Origin("a", "1", 3)
    assert match_origins(["x", "***", None], [Candidate("x", first), Candidate("secret", second)]) == [
        [first],
        [second],
        [],
    ]


def test_what_leaves_an_object_alone_can_be_pasted() -> None:
    origins = [Origin("a b.csv", "1", 2), Origin("a b.csv", "1", 3), None]
    assert skip_hint("trades", origins) == (
        ". To leave an object alone: sluice skip trades 'a b.csv' --version 1 --why TEXT"
    )
    assert skip_hint("trades", [None]) == ""
