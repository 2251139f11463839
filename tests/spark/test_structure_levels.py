"""Lines that break a warning on structure go aside with their raw text, count as any other row aside, and are replayed."""

import json
from typing import Any

import pytest

from etl.results.verdict import Verdict
from tests.spark.lake import Lake
from tests.spark.test_quarantine import make_warning, set_aside
from tests.spark.test_replay import put_mended_rows, transaction_ids

LEVELS = {"row": "warning", "text": "warning", "cast": "warning"}
HEADER = "region,transaction_date,unit_price,quantity,product_id,customer_id,transaction_id"
NAMES = HEADER.split(",")


def change_input(lake: Lake, columns: dict[str, dict[str, Any]] | None = None, **meta: Any) -> None:
    key = "contracts/input.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    suite["meta"] |= meta
    suite["meta"]["columns"] = [column | (columns or {}).get(column["name"], {}) for column in suite["meta"]["columns"]]
    lake.put_key(key, json.dumps(suite).encode())


def sale(number: int, **changes: str) -> dict[str, str]:
    row = {"region": "US-EAST", "transaction_date": "2025-01-01", "unit_price": "1.00", "quantity": "1"}
    return row | {"product_id": "PROD1", "customer_id": "CUST1", "transaction_id": f"TXN{number}"} | changes


def csv_line(row: dict[str, str]) -> str:
    return ",".join(row[name] for name in NAMES)


def warnings_of(verdict: Verdict) -> dict[str, tuple[int, tuple[str | None, ...], list[int | None]]]:
    """Return rule, count, samples and the numbers of their lines, of the warnings that broke."""
    return {
        result.rule.removeprefix("trades."): (
            result.unexpected,
            result.samples,
            [place and place.row for place in result.places],
        )
        for result in verdict.rules
        if result.severity == "warning" and not result.held
    }


def raw_by_rules(lake: Lake, run: str) -> dict[str, list[str]]:
    """Return the raw text of a run's lines aside, with what they broke; the rows of suites' warnings have none."""
    rows = [row for row in set_aside(lake) if row["_run_id"] == run and row["raw"] is not None]
    assert all(row["source"] is None and row["version"] and row["object"].startswith("trades/") for row in rows)
    return {row["raw"]: [rule.removeprefix("trades.structure.") for rule in row["rules"]] for row in rows}


@pytest.mark.long
def test_broken_lines_of_csv_go_aside_raw_and_a_replay_reads_them_mended_by_hand_or_by_the_contract(lake: Lake) -> None:
    make_warning(lake, "input", "trades.region.known")
    typed = {"unit_price": {"type": "decimal(10,2)"}}
    change_input(lake, typed, structure=LEVELS, header_match="by_name")
    few, control = "US-EAST,2025-01-01", csv_line(sale(3, product_id="PROD\x07"))
    typed_cast, cast = csv_line(sale(4, unit_price="1.00 EUR")), csv_line(sale(5, quantity="1.5"))
    both = csv_line(sale(6, unit_price="free", product_id="PROD\x07"))
    latin = csv_line(sale(7, product_id="PR\N{LATIN CAPITAL LETTER O WITH DIAERESIS}D")).encode("latin-1")
    lines = [csv_line(sale(1)), few, control, typed_cast, cast, both, csv_line(sale(8, region="MARS"))]
    lake.put_files(a__csv=b"\n".join([*(line.encode() for line in (HEADER, *lines)), latin, b""]))
    verdict = lake.run()
    counts = (verdict.state, verdict.rows_read, verdict.rows_published, verdict.rows_quarantined)
    assert counts == ("SUCCEEDED", 8, 1, 7), verdict.message
    assert "1 row published from 1 object, 7 set aside" in verdict.message
    damaged = latin.decode(errors="replace")
    broken = {few: ["row"], control: ["text"], typed_cast: ["cast.unit_price"], cast: ["cast.quantity"]}
    broken |= {both: ["text", "cast.unit_price"], damaged: ["text"]}
    assert raw_by_rules(lake, verdict.run_id) == broken
    assert {row["header"] for row in set_aside(lake)} == {HEADER, None}
    warnings = warnings_of(verdict)
    judged = {result.rule.removeprefix("trades."): result.rows_judged for result in verdict.rules}
    names = ("structure.header", "structure.row", "region.known", "region.present", "total_amount.range")
    assert [judged[name] for name in names] == [1, 8, 2, 2, 1]  # an object; lines; rows read; rows staged
    assert {result.rule: result.observed for result in verdict.rules}["trades.structure.quarantined.input"] == "0.875"
    assert warnings["structure.row"] == (1, (few,), [3])
    assert warnings["structure.cast.quantity"] == (1, ("1.5",), [6])
    assert (warnings["structure.text"][0], warnings["structure.cast.unit_price"][:2]) == (3, (2, ("1.00 EUR", "free")))
    assert warnings["region.known"][0] == 1
    held = {result.rule: result.severity for result in verdict.rules if result.held}
    assert held["trades.structure.cast.transaction_date"] == "warning"
    assert held["trades.structure.quarantined.input"] == held["trades.structure.header"] == "critical"

    still = lake.run(replay=verdict.run_id)
    assert (still.state, still.rows_read) == ("FAILED", 7)
    assert "every row of the replay is set aside as before" in still.message

    change_input(lake, {"unit_price": {"strip": ["EUR"]}})
    rows = {row["raw"]: row["row"] for row in set_aside(lake)}
    mended = put_mended_rows(lake, (rows[few], sale(2)), (rows[both], sale(6, unit_price="free")))
    replayed = lake.run(replay=verdict.run_id, mended=mended)
    counts = (replayed.state, replayed.rows_read, replayed.rows_published, replayed.rows_quarantined)
    assert counts == ("SUCCEEDED", 7, 2, 5), replayed.message
    assert transaction_ids(lake) == ["TXN1", "TXN2", "TXN4"]
    remaining = {raw: rules for raw, rules in broken.items() if raw in (control, cast, damaged)}
    assert raw_by_rules(lake, replayed.run_id) == remaining
    [rewritten] = [row for row in set_aside(lake) if row["_run_id"] == replayed.run_id and "free" in str(row["source"])]
    assert rewritten["rules"] == ["trades.structure.cast.unit_price"]


def test_a_line_of_csv_goes_aside_raw_and_a_replay_reads_it_mended_by_hand(lake: Lake) -> None:
    change_input(lake, structure=LEVELS, header_match="by_name", max_quarantined=1)
    few, control = "US-EAST,2025-01-01", csv_line(sale(3, product_id="PROD\x07"))
    lake.put_files(a__csv="\n".join([HEADER, csv_line(sale(1)), few, control, ""]).encode())
    verdict = lake.run()
    assert (verdict.rows_published, verdict.rows_quarantined) == (1, 2), verdict.message
    assert raw_by_rules(lake, verdict.run_id) == {few: ["row"], control: ["text"]}
    rows = {row["raw"]: row["row"] for row in set_aside(lake)}
    replayed = lake.run(replay=verdict.run_id, mended=put_mended_rows(lake, (rows[few], sale(2))))
    assert (replayed.rows_published, replayed.rows_quarantined) == (1, 1), replayed.message
    assert transaction_ids(lake) == ["TXN1", "TXN2"]
    assert raw_by_rules(lake, replayed.run_id) == {control: ["text"]}


@pytest.mark.long
def test_broken_records_of_json_go_aside_raw_and_more_than_the_share_fails_the_run(lake: Lake) -> None:
    change_input(lake, format="jsonl", structure=LEVELS, max_quarantined=0.7)
    unclosed, unknown = json.dumps(sale(2))[:-1], json.dumps(sale(3) | {"colour": "red"})
    halved, control = json.dumps(sale(4, product_id="\ud800")), json.dumps(sale(5, product_id="PROD\x07"))
    cast = json.dumps(sale(6, quantity="1.5"))
    lines = [json.dumps(sale(1)), unclosed, unknown, halved, control, cast]
    lake.put_files(a__jsonl="\n".join(lines).encode())
    failed = lake.run()
    assert [result.rule for result in failed.broken] == ["trades.structure.quarantined.input"]
    assert failed.broken[0].samples == ("5 of 6 rows, allowed are 70%",)
    change_input(lake, max_quarantined=1)
    verdict = lake.run()
    counts = (verdict.state, verdict.rows_read, verdict.rows_published, verdict.rows_quarantined)
    assert counts == ("SUCCEEDED", 6, 1, 5), verdict.message
    broken = {unclosed: ["row"], unknown: ["row"], halved: ["text"], control: ["text"], cast: ["cast.quantity"]}
    assert raw_by_rules(lake, verdict.run_id) == broken
    change_input(lake, extra_columns="ignore")
    replayed = lake.run(replay=verdict.run_id)
    assert (replayed.rows_published, replayed.rows_quarantined) == (1, 4), replayed.message
    assert transaction_ids(lake) == ["TXN1", "TXN3"]


def test_a_critical_rule_on_lines_fails_the_run_though_another_is_a_warning(lake: Lake) -> None:
    change_input(lake, structure={"text": "warning"}, max_quarantined=1)
    lines = [csv_line(sale(1)), "US-EAST\x07,2025-01-01", csv_line(sale(2, product_id="PROD\x07"))]
    lake.put_files(a__csv="\n".join([HEADER, *lines, ""]).encode())
    change_input(lake, header_match="by_name")
    verdict = lake.run()
    assert [(result.rule, result.unexpected) for result in verdict.broken] == [("trades.structure.row", 1)]
    assert (lake.rows(), verdict.rows_quarantined) == ([], 0)
