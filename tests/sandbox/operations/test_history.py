"""The history of a deployed dataset, from results in the emulator and by its deployed contracts."""

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from etl.runtime.arguments import RunKind
from tests.lake.histories import LOW, usual_rule, with_history
from tests.lake.mutations import TRADES
from tests.run_lines import days_of_rows, put_lines
from tests.sandbox.operations.lake import Lake


def put_history(lake: Lake) -> str:
    """Deploy a contract with a bound and leave results, one of a rerun and a file that is none; return the suite's text."""
    suite = copy.deepcopy(TRADES["output"])
    bound = {**LOW, "same_weekday": False}
    with_history(usual_rule("rows.low", severity="critical", min_value="rows_low"), rows_low=bound)(suite)
    text = json.dumps(suite)
    lake.s3.put_object(Bucket=lake.bucket, Key="contracts/output.json", Body=text.encode())
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    lines = days_of_rows(yesterday, *range(100, 160, 5))
    lines[-1] = replace(lines[-1], kind=RunKind.RERUN, is_ordinary=False)
    put_lines(lake.s3, lake.bucket, lines)
    key = f"results/runs/dataset=trades/day={yesterday}/jr_corrupt.jsonl"
    lake.s3.put_object(Bucket=lake.bucket, Key=key, Body=b"{}")
    return text


def test_results_tell_what_runs_had_what_bounds_are_now_and_which_they_suggest(lake: Lake, tmp_path: Path) -> None:
    suite = tmp_path / "output.json"
    suite.write_text(put_history(lake))
    outcome = lake.run_command("history", "--json")
    assert outcome.code == 0, outcome.err
    assert [run["why_not"] for run in outcome.json["runs"]] == [*[""] * 11, "rerun"]
    (bound,) = outcome.json["bounds"]
    assert (bound["name"], bound["value"], bound["values"]) == ("rows_low", 63, 11)
    assert bound["rules"] == [{"rule": "trades.rows.low", "severity": "critical", "argument": "min_value"}]
    assert len(outcome.json["unreadable"]) == 1
    page = lake.run_command("history", "--days", "3")
    assert page.code == 0, page.err
    assert "rows_low  63" in page.out
    assert sum(line.startswith("20") for line in page.out.splitlines()) == 2
    draft = lake.run_stack_command("profile", "--history", "trades", "--json")
    assert draft.code == 0, draft.err
    assert (draft.json["runs"], list(draft.json["suites"]["output"]["meta"]["history"])) == (
        11,
        ["rows_low", "rows_high"],
    )
    walk = lake.run_stack_command("backtest", str(suite))
    assert walk.code == 0, walk.err
    assert "trades.rows.low (critical): would have rung on 0 of 6 days; 5 had too few before them" in walk.out
    assert json.loads(lake.run_stack_command("backtest", str(suite), "--json").out)["runs"] == 11
    assert "would have rung on 0 of 6" in lake.run_stack_command("backtest", str(suite), "--markdown").out
