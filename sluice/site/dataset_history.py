"""A dataset over the days that its results tell: its days, rules, marks of versions, costs and freshness."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from etl.contract.history import MOST_DAYS
from etl.contract.model import Contract
from etl.results.run_line import RunLine
from sluice.day_results.day_states import Day, DayState, list_days
from sluice.day_results.outcomes import Tone, changed_nothing, describe_outcome
from sluice.site.contract_marks import ContractMark, contract_marks
from sluice.site.freshness import Freshness, freshness_of
from sluice.site.personal_values import PersonalValues
from sluice.site.results_read import DatasetResults
from sluice.site.rule_history import RuleHistory, rule_histories
from sluice.site.run_costs import RunCosts, monthly_costs, sum_costs

RECENT_DAYS = 30


@dataclass(frozen=True)
class DatasetHistory:
    """What a dataset's results tell.

    Attributes:
        runs: the lines of its runs, by their start; empty where there are no results.
        days: each day from the first that a run is known by to the last one told; empty without runs.
        rules: what became of each rule, by its id.
        months: what runs cost, the newest month first.
        recent: what the runs of the last 30 days cost.
    """

    dataset: str
    runs: list[RunLine]
    days: list[Day]
    rules: dict[str, RuleHistory]
    marks: list[ContractMark]
    months: list[RunCosts]
    recent: RunCosts
    freshness: Freshness
    unreadable: list[str]

    @property
    def deciding(self) -> RunLine | None:
        """The last run that says how the dataset stands: it read something, and was no attempt that failed."""
        lasting = [run for run in self.runs if not changed_nothing(run)]
        read_something = [run for run in lasting if not run.nothing_unread]
        return (read_something or lasting or [None])[-1]

    @property
    def rows_aside(self) -> int:
        """Rows that were set aside on all days."""
        return sum(day.rows_quarantined for day in self.days)

    def count_days(self, state: DayState, last: int = MOST_DAYS) -> int:
        """Return how many of the last days came to a state."""
        return sum(day.state is state for day in self.days[-last:])


def first_day(until: date) -> date:
    """Return the first day that a site tells whose last is `until`."""
    return until - timedelta(days=MOST_DAYS - 1)


def tell_history(dataset: str, results: DatasetResults, contracts: Iterable[Contract], now: datetime) -> DatasetHistory:
    """Return what a dataset's results tell at a time; `contracts` are both of today's, none of a retired dataset."""
    contracts = list(contracts)
    first, last = first_day(now.date()), now.date()
    runs = [run for run in results.runs if first <= run.run_date <= last]
    promised = next((contract.freshness_hours for contract in contracts if contract.freshness_hours), None)
    recent = (now.date() - timedelta(days=RECENT_DAYS - 1)).isoformat()
    personal = PersonalValues.from_contracts(contracts)
    return DatasetHistory(
        dataset,
        runs,
        list_days(runs, min(run.run_date for run in runs), last) if runs else [],
        rule_histories((line for line in results.rules if first <= line.run_date <= last), runs, personal),
        contract_marks(runs),
        monthly_costs(runs),
        sum_costs(f"the last {RECENT_DAYS} days", (run for run in runs if run.started[:10] >= recent)),
        freshness_of(runs, promised, now),
        results.unreadable,
    )


def outcome_of(run: RunLine) -> tuple[str, Tone]:
    """Return what became of a run, in words, and how that is to be felt."""
    return describe_outcome(run, any(broken.severity.stops_run for broken in run.broken))
