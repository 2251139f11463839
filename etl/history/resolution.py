"""The bounds of a run that come from earlier ones: read once when its gate starts, and given to the rules that use them.

A rule whose bound has no value is not evaluated, and its result says why. Where results cannot be read at all it is in error:
a rule that guards a table would else stop guarding it, and nobody would hear.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from etl.contract.history import HistoryBound, HistoryMetric
from etl.contract.model import Contract, Rule
from etl.contract.results_layout import RUNS, days_folder
from etl.contract.run_parameters import BOUND_ARGUMENTS, is_strict
from etl.contract.stage import Stage
from etl.history.bound_words import count_words, describe_bound
from etl.history.earlier_results import RunPlace, read_results
from etl.history.run_values import RunValue, earlier_values, value_of_day
from etl.results.results_reader import RunResultsRead
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.used_bound import UsedBound
from etl.runtime.arguments import JobArguments
from etl.wording import count_noun

LOWER, UPPER = BOUND_ARGUMENTS
DIGITS = 6  # that a bound of a count is computed to
NO_RESULTS = RunResultsRead([], [])


def exemption_of(arguments: JobArguments, corrected: Sequence[str], is_part: bool) -> str:
    """Return why a run is held to no history, "" where it is.

    Args:
        arguments: the run's.
        corrected: objects, or days, whose earlier rows it replaces.
        is_part: whether it takes some objects of a run alone.
    """
    if arguments.accept_history:
        return f"accepted by {arguments.accepted_by or 'an operator'}: {arguments.accept_history}"
    if arguments.kind.is_repair:
        return f"a {arguments.kind} is no day"
    if is_part:
        return "objects that are judged alone are no day"
    return f"it corrects {count_noun(len(corrected), 'object')}, and a correction is no day" if corrected else ""


@dataclass(frozen=True)
class ResolvedHistory:
    """What the bounds of a dataset's contracts came to for one run.

    Attributes:
        bounds: each of them by name, with its value or why it has none.
        unreadable: files of results that were passed over.
        error: why results could not be read, "" where they were.
    """

    bounds: Mapping[str, UsedBound] = field(default_factory=dict[str, UsedBound])
    unreadable: tuple[str, ...] = ()
    error: str = ""

    @classmethod
    def from_results(cls, s3: Any, place: RunPlace, contracts: tuple[Contract, ...]) -> "ResolvedHistory":
        """Read the results of earlier runs, where a contract declares bounds, and compute these."""
        declared = {name: bound for contract in contracts for name, bound in contract.history.items()}
        if not declared:
            return cls()
        try:
            results = read_results(s3, place, contracts)
        except (ClientError, BotoCoreError) as fault:
            folder = f"s3://{place.bucket}/{days_folder(RUNS, place.dataset)}"
            error = f"the results of earlier runs could not be read from {folder}: {fault}"
            return cls(bounds_of(contracts, NO_RESULTS, place.run_date), error=error)
        return cls(bounds_of(contracts, results, place.run_date), tuple(results.unreadable))

    @classmethod
    def without_values(cls, contracts: tuple[Contract, ...], why: str) -> "ResolvedHistory":
        """Return the bounds of a run that is held to no history, and why."""
        bounds = bounds_of(contracts, NO_RESULTS, date.min)
        return cls({name: replace(bound, why=why) for name, bound in bounds.items()})

    @property
    def parameters(self) -> dict[str, int | float]:
        """What the rules' `$PARAMETER`s stand for, as far as the bounds have values."""
        return {name: bound.value for name, bound in self.bounds.items() if bound.value is not None}

    def judged_contract(self, contract: Contract) -> Contract:
        """Return the contract without the rules whose bounds have no value; the others' reasons say what theirs is."""
        rules = tuple(
            self._explained_rule(rule, contract)
            for rule in contract.rules
            if all(name in self.parameters for name in bound_names(rule, contract).values())
            and not self._crossing_of(rule, contract)
        )
        return replace(contract, rules=rules) if contract.history else contract

    def unjudged_results(self, contract: Contract) -> list[RuleResult]:
        """Return the results of the rules that `judged_contract` lacks: not evaluated, or in error, and why."""
        results: list[RuleResult] = []
        for rule in contract.rules:
            missing = [
                self.bounds[name] for name in bound_names(rule, contract).values() if name not in self.parameters
            ]
            if missing:
                result = RuleResult(
                    rule.rule,
                    contract.stage,
                    rule.severity,
                    RuleState.NOT_EVALUATED,
                    samples=(missing[0].why,),
                    why=rule.why,
                )
                results.append(result.as_error(self.error) if self.error else result)
            elif crossing := self._crossing_of(rule, contract):
                results.append(
                    RuleResult(rule.rule, contract.stage, rule.severity, RuleState.ERROR, 0, (crossing,), rule.why)
                )
        return results

    def _crossing_of(self, rule: Rule, contract: Contract) -> str:
        """Return that nothing lies between a rule's bounds, "" where something does; the library would refuse all rules."""
        names = bound_names(rule, contract)
        low, high = (
            self.parameters.get(names[argument]) if argument in names else rule.kwargs.get(argument)
            for argument in (LOWER, UPPER)
        )
        is_sound = not (isinstance(low, int | float) and isinstance(high, int | float)) or low <= high
        if not names or is_sound:
            return ""
        return f"{LOWER} is {low} and above {UPPER} {high}, with the bounds that earlier runs give"

    def _explained_rule(self, rule: Rule, contract: Contract) -> Rule:
        words = [
            describe_bound(contract.history[name], self.bounds[name], argument)
            for argument, name in bound_names(rule, contract).items()
        ]
        return replace(rule, why=" ".join((rule.why, *words)))


def bound_names(rule: Rule, contract: Contract) -> dict[str, str]:
    """Return the bounds from earlier runs that a rule uses: their names in `meta.history`, by argument."""
    return {argument: name for argument, name in rule.parameters.items() if name in contract.history}


def any_bounded(results: Iterable[RuleResult], contracts: Sequence[Contract]) -> bool:
    """Say whether one of the results is of a rule that uses a bound from earlier runs."""
    bounded = {rule.rule for contract in contracts for rule in contract.rules if bound_names(rule, contract)}
    return any(result.rule in bounded for result in results)


def bounds_of(contracts: tuple[Contract, ...], results: RunResultsRead, run_date: date) -> dict[str, UsedBound]:
    """Return the bounds of contracts by name, as a run of a day has them over these results."""
    return {
        name: _used_bound(name, bound, contract, results, run_date)
        for contract in contracts
        for name, bound in contract.history.items()
    }


def _used_bound(
    name: str, bound: HistoryBound, contract: Contract, results: RunResultsRead, run_date: date
) -> UsedBound:
    """Return a bound with its value and the runs that it is of."""
    stage = Stage(contract.stage)
    earlier = earlier_values(bound, stage, results.lines, run_date)
    of_day = value_of_day(bound, stage, results.lines, run_date)
    numbers = [run.value for run in earlier]
    computed = bound.compute(numbers)
    value = None if computed is None else given_value(bound, computed, of_day, *_use_of(name, contract))
    too_few = "" if computed is not None else count_words(bound, len(earlier))
    return UsedBound(
        name=name,
        stage=stage,
        metric=bound.metric_name,
        value=value,
        figure=bound.figure_of(numbers),
        values=len(earlier),
        at_least=bound.at_least,
        first_date=earlier[0].run_date.isoformat() if earlier else None,
        last_date=earlier[-1].run_date.isoformat() if earlier else None,
        runs=tuple(run_id for run in earlier for run_id in run.run_ids),
        of_day=of_day.value if of_day else None,
        why=too_few or ("" if value is not None else "its figure is too large for a number"),
    )


def _use_of(name: str, contract: Contract) -> tuple[str, bool]:
    """Return the argument that a bound is, and whether it is strict: rules use it in one way, which validation demands."""
    uses = (
        (argument, is_strict(rule.kwargs, argument))
        for rule in contract.rules
        for argument, used in rule.parameters.items()
        if used == name
    )
    return next(uses, (LOWER, False))


def given_value(
    bound: HistoryBound, computed: float, of_day: RunValue | None, argument: str, strict: bool
) -> int | float | None:
    """Return what rules compare with; None where it is no number.

    Of a count it is the whole number by which the same counts pass: at least 2.5 rows are at least 3.
    """
    value = computed - of_day.value if of_day else computed
    if not math.isfinite(value):
        return None
    if bound.metric is HistoryMetric.NULL_SHARE:
        return min(max(1 - value, 0.0), 1.0)
    if not bound.metric.counts:
        return value
    whole = round(value, DIGITS)  # 1.1 times 10 is 11, and 11.000000000000002 as doubles
    rounds_up = (argument == LOWER) is not strict
    count = math.ceil(whole) if rounds_up else math.floor(whole)
    return max(count, 0) if argument == LOWER else count
