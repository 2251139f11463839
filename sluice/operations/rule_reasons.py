"""Why a dataset's rules are there, in a sentence each."""

from collections.abc import Iterable

from etl.contract.stage import SUITE_STAGES, Stage
from etl.contract.structure_rules import StructureRule
from sluice.operations.deployed_dataset import DeployedDataset


def read_rule_reasons(dataset: DeployedDataset, rules: Iterable[str]) -> dict[str, str]:
    """Return why each rule is there, by its id; a rule that is no longer in a contract has none."""
    suites = [dataset.read_json(dataset.arguments[f"--{stage}-contract"]) for stage in SUITE_STAGES]
    reasons = {rule["meta"]["rule"]: rule["meta"].get("why", "") for suite in suites for rule in suite["expectations"]}
    return {rule: reasons.get(rule) or structure_reason(rule) for rule in rules}


def structure_reason(rule: str) -> str:
    """Return why a rule on structure is there, "" of any other."""
    _, _, name = rule.partition(f".{Stage.STRUCTURE}.")
    name = name.partition(".")[0]
    return StructureRule(name).remedy if name in [*StructureRule] else ""
