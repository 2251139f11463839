"""A run judges in the pass that writes: what that pass saw is what the verdict says."""

import copy
import json
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest
from pyspark.sql import functions as F

from etl import datasets
from etl.gate.quarantine_routing import QuarantineSummary
from etl.sources.compiled_parts import codegen_barrier
from etl.sources.line_regex import LineRegex
from etl.sources.provenance import MAX_COMPARED_OBJECTS
from etl.sources.quoted_lines import parsing_steps
from tests.lake.mutations import TRADES, find_rule
from tests.spark.lake import GOOD, Lake, csv_bytes


def ways_by_rule(verdict: Any) -> dict[str, str]:
    """Return by rule which way it went."""
    return {result.rule: result.way for result in verdict.rules if result.evaluated}


def ways_of_rows(verdict: Any) -> set[str]:
    """Return the ways that rules about rows went."""
    names = {
        "row",
        "text",
        *(result.rule.split(".")[2] for result in verdict.rules if ".structure.cast." in result.rule),
    }
    return {
        result.way
        for result in verdict.rules
        if result.evaluated and (result.stage != "structure" or result.rule.split(".")[2] in names)
    }


def test_on_a_good_day_every_rule_is_told_by_the_pass_that_wrote(lake: Lake) -> None:
    lake.put_files(a__csv=csv_bytes(GOOD), b__csv=csv_bytes(GOOD.replace("TXN001", "TXN002")))
    verdict = lake.run()
    evaluated_ways = ways_by_rule(verdict)
    looked = ("key", "manifest", "empty", "size", "compression", "encoding", "gzip", "format", "schema")
    first_looks = [rule for rule in evaluated_ways if rule.split(".")[2] in looked]
    quarantined = [rule for rule in evaluated_ways if ".quarantined." in rule]
    computed = [rule for rule, evaluation in evaluated_ways.items() if evaluation == "computed"]
    assert verdict.rows_published == 2
    assert set(computed) <= {*first_looks, *quarantined}
    assert len(evaluated_ways) > 30


@pytest.mark.parametrize("objects", [2, MAX_COMPARED_OBJECTS + 1])
def test_each_row_says_which_version_of_which_object_it_is_from(lake: Lake, objects: int) -> None:
    lake.put_files(**{f"{number}__csv": csv_bytes(GOOD.replace("TXN001", f"TXN{number}")) for number in range(objects)})
    versions = {entry.key: entry.version for entry in lake.run().objects}
    rows = {row["transaction_id"]: row for row in lake.rows()}
    origins = {name: (row["_object"], row["_version"]) for name, row in rows.items()}
    assert origins == {
        f"TXN{number}": (key, versions[key]) for number in range(objects) for key in [f"trades/{number}.csv"]
    }


def raise_on_mars(rows: Any) -> Any:
    true = datasets.transform_of("trades")(rows)
    return true.withColumn(
        "region", F.when(F.col("region") == "MARS", F.raise_error(F.lit("mars"))).otherwise(F.col("region"))
    )


def test_a_transform_that_raises_on_a_bad_row_leaves_the_rule_to_tell_of_it(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("etl.pipeline.transform_of", lambda _: raise_on_mars)
    lake.put_files(a__csv=csv_bytes(GOOD, GOOD.replace("US-EAST", "MARS")))
    verdict = lake.run()
    assert [(result.rule, result.unexpected, result.samples, result.way) for result in verdict.broken] == [
        ("trades.region.known", 1, ("MARS",), "computed")
    ]
    assert (verdict.rows_read, verdict.rows_published) == (2, 0)


@pytest.mark.long
def test_a_transform_that_raises_on_good_rows_breaks_a_rule_with_its_own_error(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "etl.pipeline.transform_of",
        lambda _: lambda rows: rows.withColumn("total_amount", F.raise_error(F.lit("spoilt")).cast("decimal(10,2)")),
    )
    lake.put_files(a__csv=csv_bytes(GOOD))
    [result] = lake.run().broken
    assert result.rule == "trades.structure.transform"
    assert str(result.samples[0]).endswith("USER_RAISED_EXCEPTION: spoilt")


QUOTED = ",".join(f'"{field}"' for field in GOOD.replace("TXN001", "TXN002").split(","))


def test_lines_with_quotes_are_proven_in_the_pass_that_writes(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "etl.gate.onepass.fallback_pass.FallbackPass.run_pass", Mock(side_effect=AssertionError("nothing is in doubt"))
    )
    lake.put_files(a__csv=csv_bytes(GOOD, QUOTED))
    verdict = lake.run()
    assert verdict.rows_published == 2
    assert ways_of_rows(verdict) == {"observed"}


def suite_with_warning() -> dict[str, Any]:
    """Return the input's suite with a rule that sets rows aside."""
    suite = copy.deepcopy(TRADES["input"])
    find_rule(suite, "trades.customer_id.format")["severity"] = "warning"
    suite["meta"]["max_quarantined"] = 0.5
    return suite


def test_a_row_that_breaks_a_warning_is_set_aside_and_its_line_in_no_doubt(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Mock()
    monkeypatch.setattr("etl.gate.onepass.fallback_pass.FallbackPass.run_pass", look)
    lake.aws.s3.put_object(Bucket=lake.bucket, Key="contracts/input.json", Body=json.dumps(suite_with_warning()))
    lake.put_files(a__csv=csv_bytes(GOOD, GOOD.replace("CUST", "C-")))
    verdict = lake.run()
    assert (verdict.rows_published, verdict.rows_quarantined) == (1, 1), verdict.message
    assert not look.called


@pytest.mark.long
def test_rows_that_are_set_aside_are_taken_apart_once(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    true, plans = QuarantineSummary.from_frame, list[str]()

    def record_plan(rows: Any, *further: Any) -> QuarantineSummary:
        plans.append(rows._jdf.queryExecution().executedPlan().toString())
        return true(rows, *further)

    monkeypatch.setattr(QuarantineSummary, "from_frame", record_plan)
    lake.aws.s3.put_object(Bucket=lake.bucket, Key="contracts/input.json", Body=json.dumps(suite_with_warning()))
    lake.put_files(a__csv=csv_bytes(GOOD, GOOD.replace("CUST", "C-")))
    assert lake.run().rows_quarantined == 1
    assert [plan.count("split(") for plan in plans] == [2]  # of a line without quotes, and of one with some


@pytest.mark.parametrize(
    "limit",
    [
        {"mostly": 0.5},
        {
            "row_condition": {
                "type": "comparison",
                "column": {"name": "region"},
                "operator": "==",
                "parameter": "US-EAST",
            }
        },
    ],
    ids=["mostly", "row_condition"],
)
def test_a_row_that_a_rule_lets_pass_puts_its_line_in_no_doubt(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, limit: dict[str, Any]
) -> None:
    look = Mock()
    monkeypatch.setattr("etl.gate.onepass.fallback_pass.FallbackPass.run_pass", look)
    suite = copy.deepcopy(TRADES["input"])
    find_rule(suite, "trades.customer_id.format")["kwargs"].update(limit)
    lake.aws.s3.put_object(Bucket=lake.bucket, Key="contracts/input.json", Body=json.dumps(suite))
    other_row = GOOD.replace("TXN001", "TXN002").replace("US-EAST", "EU-WEST")
    lake.put_files(a__csv=csv_bytes(GOOD, other_row.replace("CUST", "C-")))
    verdict = lake.run()
    assert verdict.rows_published == 2, verdict.message
    assert not verdict.broken
    assert not look.called


def test_a_value_that_a_pattern_of_any_character_matches_puts_its_line_in_no_doubt(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Mock()
    monkeypatch.setattr("etl.gate.onepass.fallback_pass.FallbackPass.run_pass", look)
    suite = copy.deepcopy(TRADES["input"])
    find_rule(suite, "trades.customer_id.format")["kwargs"]["regex"] = "^C.+[^x]$"
    lake.aws.s3.put_object(Bucket=lake.bucket, Key="contracts/input.json", Body=json.dumps(suite))
    lake.put_files(a__csv=csv_bytes(GOOD, GOOD.replace("TXN001", "TXN002").replace("CUST100", '"Cü,é"')))
    verdict = lake.run()
    assert (verdict.rows_published, ways_of_rows(verdict)) == (2, {"observed"}), verdict.message
    assert not look.called


NEVER = r"\A(?!)"


@pytest.mark.parametrize(
    ("row", "broken"),
    [
        pytest.param(GOOD.replace("TXN001", "TXN002"), [], marks=pytest.mark.long),
        (QUOTED, []),
        pytest.param(GOOD.replace("TXN001", "SALE2"), ["trades.transaction_id.format"], marks=pytest.mark.long),
        (QUOTED.replace("US-EAST", ""), ["trades.region.present"]),
        ("TXN002,CUST1", ["trades.structure.row"]),
        pytest.param(QUOTED + "x", ["trades.structure.row"], marks=pytest.mark.long),
        (GOOD.replace("US-EAST", "US\x07EAST"), ["trades.structure.text", "trades.region.known"]),
    ],
)
def test_lines_in_doubt_are_looked_at_rule_by_rule(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, row: str, broken: list[str]
) -> None:
    build_plain = LineRegex.from_patterns
    monkeypatch.setattr(
        LineRegex, "from_patterns", lambda *args: replace(build_plain(*args), pattern=NEVER, quoted=NEVER)
    )
    lake.put_files(a__csv=csv_bytes(GOOD, row))
    verdict = lake.run()
    assert [result.rule for result in verdict.broken] == broken
    assert verdict.rows_published == (0 if broken else 2)
    assert broken or ways_of_rows(verdict) == {"observed"}


def test_rows_of_many_columns_are_compiled_in_parts(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etl.sources.csv_reader.MANY_COLUMNS", 0)
    compiled = Mock(wraps=codegen_barrier)
    monkeypatch.setattr("etl.sources.csv_reader.codegen_barrier", compiled)
    lake.put_files(a__csv=csv_bytes(GOOD))
    verdict = lake.run()
    assert compiled.called
    assert verdict.rows_published == 1
    assert ways_of_rows(verdict) == {"observed"}


def test_a_day_that_is_parsed_is_told_by_the_pass_that_writes(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etl.sources.quoted_share.PARSED_SHARE", 0)
    parsing = Mock(wraps=parsing_steps)
    monkeypatch.setattr("etl.sources.csv_reader.parsing_steps", parsing)
    quoted = ",".join(f'"{field}"' for field in GOOD.replace("TXN001", "TXN002").split(","))
    lake.put_files(a__csv=csv_bytes(GOOD, quoted))
    verdict = lake.run()
    assert parsing.called
    assert verdict.rows_published == 2
    assert ways_of_rows(verdict) == {"observed"}


@pytest.mark.parametrize(("most", "way"), [(2, "observed"), (1, "computed")])
def test_more_objects_than_words_tell_have_a_bitmap_and_more_than_its_bits_are_counted_one_by_one(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, most: int, way: str
) -> None:
    monkeypatch.setattr("etl.gate.onepass.object_marks.MAX_OBJECTS", 1)
    monkeypatch.setattr("etl.gate.onepass.object_marks.MOST_OBJECTS", most)
    lake.put_files(a__csv=csv_bytes(GOOD), b__csv=csv_bytes(GOOD.replace("TXN001", "TXN002")))
    verdict = lake.run()
    assert verdict.rows_published == 2
    evaluated_ways = ways_by_rule(verdict)
    assert (evaluated_ways["trades.structure.rows"], evaluated_ways["trades.region.published"]) == (way, "observed")
