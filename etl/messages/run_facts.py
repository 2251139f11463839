"""What a message on a run is made of: the run's verdict, its contracts, and what readers see after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from etl.contract.model import Contract
from etl.contract.stage import Stage
from etl.contract.vocabulary import VOCABULARY
from etl.iceberg.current_snapshot import Head
from etl.messages.message import NO_OWNER
from etl.results.rule_result import RuleResult
from etl.results.structure_rules import is_about_objects
from etl.results.verdict import Verdict
from etl.runtime.arguments import JobArguments
from etl.wording import clean_text, count_noun, shorten_text

CONTRACT_ERRORS = ("", "ContractBroken", "KeysShared", "RuleInError")
"""Classes of errors that say no more than the rules of the verdict do."""
OBSERVED_LENGTH = 60  # characters of what was observed of the whole, in a sentence
RESULTS_FAULT = "results"
"""What stands among an incident's rules where results could not be written or read."""
ERROR_PREFIX = "error:"
"""What stands before an error's class where it is remembered among broken rules."""


def pages_prefix(dataset: str, run_id: str) -> str:
    """Return what the keys of a run's Data Docs begin with."""
    return f"docs/{dataset}/{run_id}/"


@dataclass(frozen=True)
class RunFacts:
    """A run that has ended.

    Attributes:
        arguments, verdict, contracts: the run's; of the contracts those that it came to load.
        head: what readers see now.
        region: where the run was.
        error: the class of the error that ended it, "" for none.
        bytes_read: how large the objects are that it read, None where that is not known.
        results_faults: sentences on results that could not be written or read; they change no run.
    """

    arguments: JobArguments
    verdict: Verdict
    contracts: tuple[Contract, ...]
    head: Head
    region: str
    error: str = ""
    bytes_read: int | None = None
    results_faults: tuple[str, ...] = ()

    @property
    def dataset(self) -> str:
        """The dataset's name."""
        return self.verdict.dataset

    @property
    def owner(self) -> str:
        """Who answers for the data, by its contract."""
        return next((contract.owner for contract in reversed(self.contracts) if contract.owner), NO_OWNER)

    @property
    def run_date(self) -> str:
        """The day that people know the run by, as ISO text."""
        return self.arguments.calendar_day.isoformat()

    @property
    def lake(self) -> str:
        """What the names of the stack's resources begin with: <prefix>-<stack>; the job's name where it has another form."""
        return self.arguments.job.removesuffix(f"-{self.dataset}")

    @property
    def stopping_rules(self) -> list[RuleResult]:
        """The rules that a failed run failed for: those that broke, and those that could not be judged."""
        return [*self.verdict.broken, *self.verdict.in_error]

    @property
    def warnings(self) -> list[RuleResult]:
        """The broken rules that rows were set aside for."""
        return [result for result in self.verdict.violations if result.severity.quarantines_rows]

    @property
    def is_explained_by_rules(self) -> bool:
        """Whether the error says no more than the rules do."""
        return bool(self.stopping_rules) and self.error in CONTRACT_ERRORS

    @property
    def faults(self) -> tuple[str, ...]:
        """What a failed run is remembered by: ids of rules, the error's class where it tells more than these, and results."""
        rules = sorted(result.rule for result in self.stopping_rules)
        errors = () if self.is_explained_by_rules else (f"{ERROR_PREFIX}{self.error or 'unknown'}",)
        return (*rules, *errors, *((RESULTS_FAULT,) if self.results_faults else ()))

    def count_words(self, result: RuleResult) -> str:
        """Return how much broke a rule: rows, objects, or what was observed of the whole."""
        if result.in_error:
            return "could not be judged"
        if is_about_objects(result):
            return count_noun(result.unexpected, "object")
        if self.is_aggregate(result):
            observed = [clean_text(repr(shorten_text(str(sample), OBSERVED_LENGTH))) for sample in result.samples[:1]]
            return f"observed {observed[0]}" if observed else "of the whole"
        return count_noun(result.unexpected, "row")

    def is_aggregate(self, result: RuleResult) -> bool:
        """Return whether a rule judges the whole, so that its sample is what was observed and no row's value."""
        rules = [rule for contract in self.contracts for rule in contract.rules if rule.rule == result.rule]
        return any(not VOCABULARY[rule.type].judges.is_row for rule in rules)

    @property
    def published_at(self) -> str | None:
        """When what readers see was published, UTC, as ISO text; None where that is not known."""
        if self.head.published is None:
            return None
        return datetime.fromtimestamp(self.head.published / 1000, UTC).isoformat(timespec="seconds")

    @property
    def published_words(self) -> str:
        """The same for a sentence; "" where that is not known."""
        return f"{self.published_at[:10]} {self.published_at[11:16]} UTC" if self.published_at else ""

    @property
    def freshness_hours(self) -> int | None:
        """How old what readers see may become, by the contract; None where that was not loaded."""
        hours = (contract.freshness_hours for contract in self.contracts if contract.stage is Stage.OUTPUT)
        return next(hours, None)

    @property
    def labels(self) -> Mapping[str, str]:
        """What tells this run's message from others."""
        return {"dataset": self.dataset, "owner": self.owner, "run_date": self.run_date, "run_id": self.verdict.run_id}
