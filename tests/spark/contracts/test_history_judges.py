"""A dataset that is built from tables has no file: its rules that look back are judged on frames, by given results."""

import copy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from etl.contract.loading import contract_of
from etl.contract.stage import Stage
from etl.results.rule_state import RuleState
from sluice.contracts.history.bound_uses import without_history_rules
from sluice.contracts.history.stand_in_lines import stand_in_line
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.frames import ContractBench
from sluice.contracts.prove.history_judges import frame_judge
from tests.lake.examples import COLUMNS, suite_of
from tests.lake.histories import LOW, usual_rule

TODAY = date(2026, 1, 31)


def test_a_days_rows_are_judged_by_the_results_that_are_given(spark: Any) -> None:
    suite = copy.deepcopy(suite_of(usual_rule("rows_low", min_value="rows_low")))
    suite["meta"]["history"] = {"rows_low": {**LOW, "at_least": 2}}
    output = contract_of(suite)
    unused = replace(without_history_rules(output), stage=Stage.INPUT, history={})
    benches = ContractBench(spark, unused, {}), ContractBench(spark, without_history_rules(output), {})
    judge = frame_judge(Dataset(*benches, lambda rows: rows), (unused, output), TODAY)
    row = {**dict.fromkeys(COLUMNS), "city": "Bern", "day": TODAY}
    rows = {Stage.INPUT: [row, row], Stage.OUTPUT: [row, row]}
    lines = [
        stand_in_line("trips", TODAY - timedelta(days=7 * week), week, {Stage.OUTPUT: {"row_count": 6}})
        for week in (1, 2)
    ]
    assert judge(lines[:1], rows) == {"trades.rows_low": RuleState.NOT_EVALUATED}
    assert judge(lines, rows) == {"trades.rows_low": RuleState.BROKEN}
    fewer = [replace(line, metrics={Stage.OUTPUT: {"row_count": 4}}) for line in lines]
    assert judge(fewer, rows) == {"trades.rows_low": RuleState.HELD}
