"""Results of structure rules, which no suite states: what no expectation can say of objects, rows and casts.

Each has an id, `<dataset>.structure.<what>`, and appears in the verdict like the contract's own rules.
"""

from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.contract.structure_rules import StructureRule
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState


def is_about_objects(result: RuleResult) -> bool:
    """Return whether a structure rule counts objects and no rows."""
    _, _, name = result.rule.partition(f".{Stage.STRUCTURE}.")
    return name.partition(".")[0] in {rule for rule in StructureRule if rule.is_of_object}


def structure_result(dataset: str, rule_name: str, unexpected: int, samples: tuple[str | None, ...] = ()) -> RuleResult:
    """Return the result of the rule `what`, broken where `unexpected` is not 0.

    `what` is a structure rule, with a column behind it where the rule is about one.
    """
    return RuleResult(
        f"{dataset}.structure.{rule_name}",
        Stage.STRUCTURE,
        Severity.CRITICAL,
        RuleState.from_outcome(not unexpected),
        unexpected,
        samples,
        StructureRule(rule_name.partition(".")[0]).remedy,
    )
