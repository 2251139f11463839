"""Rows that were set aside go through the gate again, mended or under a mended contract, and are published once."""

import json
from typing import Any

import pytest

from etl.iceberg.current_snapshot import read_head
from etl.ledger.ledger import read_ledger
from etl.ledger.quarantine_table import counting_condition
from etl.results.verdict import Verdict
from tests.spark.lake import Lake, csv_bytes
from tests.spark.test_quarantine import make_warning, sale_line


def quarantined_rows(lake: Lake) -> list[dict[str, Any]]:
    """Return the rows that are set aside, as the ledger has it."""
    name = f"lake.{lake.database}.trades"
    published_ledger = read_ledger(lake.aws.s3, read_head(lake.aws.glue, lake.aws.s3, name))
    rows = (
        lake.spark.table(f"{name}_quarantine").where(counting_condition(published_ledger)).orderBy("source").collect()
    )
    return [{**row.asDict(), "source": json.loads(row["source"])} for row in rows]


def put_mended_rows(lake: Lake, *rows: tuple[str, dict[str, Any]]) -> str:
    lines = [json.dumps({"row": row, "mended": json.dumps(source)}) for row, source in rows]
    lake.put_key("mended.jsonl", "\n".join(lines).encode())
    return f"s3://{lake.bucket}/mended.jsonl"


@pytest.fixture
def aside(lake: Lake) -> Verdict:
    """A run that published TXN1 and set TXN2 and TXN3 aside for their region."""
    make_warning(lake, "input", "trades.region.known")
    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2, region="MARS"), sale_line(3, region="VENUS")))
    verdict = lake.run()
    assert (verdict.rows_published, verdict.rows_quarantined) == (1, 2), verdict.message
    return verdict


def transaction_ids(lake: Lake) -> list[str]:
    return [row["transaction_id"] for row in lake.rows()]


def test_mended_rows_are_published_and_the_others_stay_aside(lake: Lake, aside: Verdict) -> None:
    first, second = quarantined_rows(lake)
    mended = put_mended_rows(lake, (first["row"], {**first["source"], "region": "EU-WEST"}))
    verdict = lake.run(replay=aside.run_id, mended=mended)
    assert (verdict.state, verdict.rows_read, verdict.rows_published, verdict.rows_quarantined) == (
        ("SUCCEEDED", 2, 1, 1)
    ), verdict.message
    published = read_head(lake.aws.glue, lake.aws.s3, f"lake.{lake.database}.trades")
    assert (verdict.kind, published.summary["sluice.kind"]) == ("replay", "replay")
    assert transaction_ids(lake) == ["TXN1", "TXN2"]
    assert [(row["_object"], row["_run_id"]) for row in lake.rows()][1] == ("trades/a.csv", verdict.run_id)
    [remaining] = quarantined_rows(lake)
    assert (remaining["source"], remaining["object"], remaining["_run_id"]) == (
        second["source"],
        "trades/a.csv",
        verdict.run_id,
    )
    assert remaining["version"] == second["version"]


def test_a_mended_contract_publishes_what_it_now_accepts_and_a_second_replay_finds_nothing(
    lake: Lake, aside: Verdict
) -> None:
    regions = ["US-EAST", "MARS", "VENUS"]
    make_warning(lake, "input", "trades.region.known", value_set=regions)
    make_warning(lake, "output", "trades.region.published", value_set=regions)
    verdict = lake.run(replay=aside.run_id)
    assert (verdict.rows_published, verdict.rows_quarantined, quarantined_rows(lake)) == (2, 0, []), verdict.message
    again = lake.run(replay=aside.run_id)
    assert again.state == "FAILED"
    assert f"what {aside.run_id} set aside was replayed by {verdict.run_id}" in again.message
    assert transaction_ids(lake) == ["TXN1", "TXN2", "TXN3"]


@pytest.mark.long
def test_rows_that_are_still_bad_stay_as_they_were(lake: Lake, aside: Verdict) -> None:
    before = quarantined_rows(lake)
    verdict = lake.run(replay=aside.run_id)
    assert verdict.state == "FAILED"
    assert "every row of the replay is set aside as before: trades.region.known (2: 'MARS', 'VENUS')" in verdict.message
    assert (quarantined_rows(lake), transaction_ids(lake), verdict.rows_quarantined) == (before, ["TXN1"], 0)


@pytest.mark.long
def test_a_mended_row_that_breaks_a_critical_rule_publishes_nothing(lake: Lake, aside: Verdict) -> None:
    first, _ = before = quarantined_rows(lake)
    mended = put_mended_rows(lake, (first["row"], {**first["source"], "region": "EU-WEST", "quantity": "-1"}))
    verdict = lake.run(replay=aside.run_id, mended=mended)
    assert [result.rule for result in verdict.broken] == ["trades.quantity.range", "trades.total_amount.range"]
    assert (quarantined_rows(lake), transaction_ids(lake)) == (before, ["TXN1"])


@pytest.mark.long
@pytest.mark.parametrize(
    "source",
    [
        {"transaction_id": "TXN2"} | {"colour": "red"},
        pytest.param([1], marks=pytest.mark.long),
        pytest.param("text", marks=pytest.mark.long),
    ],
)
def test_a_mended_row_that_is_no_row_of_the_contract_is_a_broken_row(lake: Lake, aside: Verdict, source: Any) -> None:
    verdict = lake.run(replay=aside.run_id, mended=put_mended_rows(lake, (quarantined_rows(lake)[0]["row"], source)))
    assert [result.rule for result in verdict.broken] == ["trades.structure.row"]
    assert transaction_ids(lake) == ["TXN1"]


def test_a_mended_row_that_nobody_set_aside_or_twice_is_refused(lake: Lake, aside: Verdict) -> None:
    first, _ = quarantined_rows(lake)
    twice = [(first["row"], first["source"])] * 2
    verdict = lake.run(replay=aside.run_id, mended=put_mended_rows(lake, *twice, ("nowhere", first["source"])))
    assert verdict.state == "FAILED"
    assert "nowhere" in verdict.message
    assert first["row"] in verdict.message
    assert transaction_ids(lake) == ["TXN1"]


def test_a_replay_of_an_unknown_run_names_those_with_rows_aside(lake: Lake, aside: Verdict) -> None:
    verdict = lake.run(replay="jr_nobody")
    assert verdict.state == "FAILED"
    assert f"runs that have: {aside.run_id}" in verdict.message


@pytest.mark.long
def test_what_arrives_after_a_replay_keeps_what_is_aside(lake: Lake, aside: Verdict) -> None:
    first, _ = quarantined_rows(lake)
    lake.run(
        replay=aside.run_id, mended=put_mended_rows(lake, (first["row"], {**first["source"], "region": "EU-WEST"}))
    )
    remaining = quarantined_rows(lake)
    lake.put_files(b__csv=csv_bytes(sale_line(4), sale_line(5, region="PLUTO")))
    verdict = lake.run()
    assert verdict.rows_published == 1, verdict.message
    assert [row["source"]["transaction_id"] for row in quarantined_rows(lake)] == ["TXN3", "TXN5"]
    assert remaining[0] in quarantined_rows(lake)
