"""What judges a day with given results of earlier runs: the whole gate, or for what is built from tables its judging alone."""

from collections.abc import Sequence
from datetime import date

from etl.contract.model import Contract
from etl.contract.stage import Stage
from etl.gate import checks
from etl.history.resolution import bounds_of
from etl.results.results_reader import RunResultsRead
from etl.results.rule_state import RuleState
from etl.results.run_line import RunLine
from sluice.contracts.prove.dataset import Dataset
from sluice.contracts.prove.frames import ContractBench, Row
from sluice.contracts.prove.history_proofs import DayRows, Judge, States
from sluice.contracts.prove.lake import Lake


def lake_judge(lake: Lake) -> Judge:
    """Return what takes a file of a day's raw rows through the gate of a lake."""

    def judge_file(lines: Sequence[RunLine], rows: DayRows) -> States:
        return {result.rule: result.state for result in lake.run_with_results(lines, rows[Stage.INPUT]).rules}

    return judge_file


def frame_judge(dataset: Dataset, contracts: tuple[Contract, Contract], run_date: date) -> Judge:
    """Return what judges a day's rows as frames of their stages, for a dataset that is built from tables."""
    benches = {Stage.INPUT: dataset.input_bench, Stage.OUTPUT: dataset.output_bench}

    def judge_frames(lines: Sequence[RunLine], rows: DayRows) -> States:
        states: dict[str, RuleState] = {}
        for contract in contracts:
            stage = Stage(contract.stage)
            states |= _judge_rows(benches[stage], contract, rows[stage], lines, run_date)
        return states

    return judge_frames


def _judge_rows(
    bench: ContractBench, contract: Contract, rows: Sequence[Row], lines: Sequence[RunLine], run_date: date
) -> States:
    bounds = bounds_of((contract,), RunResultsRead([*lines], []), run_date)
    values = {name: bound.value for name, bound in bounds.items() if bound.value is not None}
    bounded = [rule for rule in contract.rules if rule.history]
    judged = [rule for rule in bounded if rule.history.keys() <= values.keys()]
    results = checks.check_frame(bench.build_frame([*rows]), contract, judged, {**bench.parameters, **values})
    unjudged = {rule.rule: RuleState.NOT_EVALUATED for rule in bounded if rule not in judged}
    return {**unjudged, **{result.rule: result.state for result in results}}
