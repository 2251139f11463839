"""What the page of a dataset is made of: its contracts in words, and its days, trends and costs."""

from typing import Any

from etl.contract.stage import Stage
from sluice.site import promises, rule_texts
from sluice.site.calendar_months import calendar_months
from sluice.site.dataset_history import DatasetHistory
from sluice.site.rule_texts import RuleText
from sluice.site.runs import ContractPair, DatasetRuns
from sluice.site.trends import aside_chart, breaks_chart, broken_rule_trends, rows_chart


def contract_context(pair: ContractPair) -> dict[str, Any]:
    """Return what a template tells of a dataset's contracts."""
    input_contract, published = pair
    return {
        "arriving": input_contract,
        "published": published,
        "terms": {Stage.INPUT: promises.input_terms(input_contract), Stage.OUTPUT: promises.output_terms(published)},
        "groups": {contract.stage: rule_texts.group_rules(contract, *pair) for contract in pair},
    }


def rule_texts_of(pair: ContractPair) -> dict[str, RuleText]:
    """Return each rule of a dataset's contracts by its id, also those that no suite states."""
    groups = [group for contract in pair for group in rule_texts.group_rules(contract, *pair)]
    return {line.id: line for group in groups for line in group.lines}


def history_context(history: DatasetHistory) -> dict[str, Any]:
    """Return what a template tells of a dataset's days."""
    return {
        "calendar": calendar_months(history.days),
        "charts": {"rows": rows_chart(history), "aside": aside_chart(history), "breaks": breaks_chart(history)},
        "broken_rules": broken_rule_trends(history),
    }


def run_context(history: DatasetHistory, runs: DatasetRuns) -> dict[str, Any]:
    """Return the bad runs that a page tells beside the latest, and by date the place of a run that is told."""
    latest = runs.latest and runs.latest.run_id
    shown_ids = {run.run_id for run in (*runs.bad, *([runs.latest] if runs.latest else []))}
    anchors = {line.run_date: f"run-{line.run_id}" for line in history.runs if line.run_id in shown_ids}
    return {"bad_runs": [run for run in runs.bad if run.run_id != latest], "run_anchors": anchors}
