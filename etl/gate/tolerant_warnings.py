"""Warnings with `mostly`: they set rows aside only where more rows break them than that allows."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame

from etl.contract.column_paths import root_of
from etl.contract.model import Contract, Rule
from etl.contract.vocabulary import UNIQUE_TYPES
from etl.gate import checks
from etl.gate.onepass.metric_requests import MetricRequests
from etl.gate.onepass.observations import ObservedValues
from etl.gate.quarantine_routing import WarningsUnjudged, warning_rules
from etl.sources.operations import CHANGE, is_delete


def has_tolerance(rule: Rule) -> bool:
    """Say whether a rule may hold though rows break it."""
    return rule.kwargs.get("mostly", 1) < 1


def tolerant_rules(contract: Contract) -> list[Rule]:
    """Return the warnings that may hold though rows break them."""
    return [rule for rule in warning_rules(contract) if has_tolerance(rule)]


def marking_rules(contract: Contract, broken: Collection[str]) -> list[Rule]:
    """Return the warnings that set rows aside, where those of the tolerant ones do not hold that are `broken`, by id."""
    return [rule for rule in warning_rules(contract) if not has_tolerance(rule) or rule.rule in broken]


def compute_broken(frame: DataFrame, contract: Contract, parameters: dict[str, Any]) -> list[str]:
    """Return the ids of the tolerant warnings that do not hold of a frame's rows; this takes a pass over them.

    Raises:
        WarningsUnjudged: some cannot be judged.
    """
    judged = frame.where(~is_delete()) if CHANGE in frame.columns else frame
    results = checks.check_frame(judged, contract, tolerant_rules(contract), parameters)
    if in_error := [result for result in results if result.in_error]:
        raise WarningsUnjudged(in_error)
    return [result.rule for result in results if not result.held]


def are_countable(rules: Collection[Rule]) -> bool:
    """Say whether the rows that break rules can be counted on their way.

    Which values are not unique is seen afterwards; of a field within an object nothing is observed (`metric_collection.py`).
    """
    return not any(rule.type in UNIQUE_TYPES or any(root_of(path) != path for path in rule.columns) for rule in rules)


@dataclass(frozen=True)
class TolerantWarnings:
    """A contract's tolerant warnings, counted in the pass that writes, which takes it that they hold.

    Attributes:
        contract: whose they are.
        parameters: values for `$PARAMETER`.
        frame: rows that they judge, by their columns alone.
        rows: returns these rows, for a pass over them.
        requests: what has to be counted of these.
        stage: the key that it is counted by.
    """

    contract: Contract
    parameters: dict[str, Any]
    frame: DataFrame
    rows: Callable[[], DataFrame]
    requests: MetricRequests
    stage: str

    @classmethod
    def requested(
        cls,
        frame: DataFrame,
        rows: Callable[[], DataFrame],
        contract: Contract,
        parameters: dict[str, Any],
        stage: str,
    ) -> "TolerantWarnings":
        """Return them with what they ask of a frame; nothing is run."""
        requests = checks.request_metrics(frame, contract, tolerant_rules(contract), parameters)
        return cls(contract, parameters, frame, rows, requests, stage)

    def broken_rules(self, observed: ObservedValues, rows: int) -> list[str] | None:
        """Return the ids of those that do not hold, by what was observed of so many rows; None where that does not tell."""
        rules = tolerant_rules(self.contract)
        values = self.requests.read_values(observed, self.stage, rows).with_counts(self.rows)
        held = checks.observed_successes(self.frame, self.contract, rules, self.parameters, values)
        return [rule for rule, holds in held.items() if not holds] if len(held) == len(rules) else None
