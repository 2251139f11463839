"""A walk over the results of a stack's runs, as its reader sees it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from etl.results.results_reader import RunResultsRead
from etl.wording import count_noun
from sluice.contracts.backtest.rendering import HISTORY_TITLE, history_lines, print_history_lines
from sluice.contracts.history.walk import HistoryRings
from sluice.contracts.output_form import OutputForm
from sluice.contracts.tables import TerminalPage, as_json, code_span

NO_RUN = "no run has what it compares: a run counts a metric from when a deployed contract names it; give it files or a table"


@dataclass(frozen=True)
class WalkedResults:
    """On which runs of a stack a suite's rules with bounds from earlier ones would have rung."""

    suite: str
    stack: str
    results: RunResultsRead
    history: Sequence[HistoryRings]

    @property
    def ordinary_runs(self) -> int:
        """How many of the runs count as history."""
        return sum(line.is_ordinary for line in self.results.lines)

    @property
    def heading(self) -> str:
        """What was walked, in words."""
        return f"{count_noun(self.ordinary_runs, 'run')} of stack {self.stack} that count as history"

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "suite": self.suite,
            "stack": self.stack,
            "runs": self.ordinary_runs,
            "history": [asdict(rings) for rings in self.history],
            "unreadable": [*self.results.unreadable],
        }


def print_walk(walked: WalkedResults, form: OutputForm) -> None:
    """Print a walk in a form."""
    if form is OutputForm.JSON:
        print(as_json(walked.as_json()))
    elif form is OutputForm.MARKDOWN:
        lines = [f"- {code_span(line)}" for line in history_lines(walked.history, NO_RUN)]
        head = [
            "### Contract backtest",
            "",
            f"#### {code_span(walked.suite)}",
            "",
            f"{code_span(walked.heading)}: {HISTORY_TITLE}.",
        ]
        print("\n".join([*head, "", *lines]))
    else:
        page = TerminalPage()
        page.print_line((walked.suite, "bold"), (f"  {walked.heading}", "dim"))
        print_history_lines(page, walked.history, NO_RUN)
        for fault in walked.results.unreadable:
            page.print_line(("passed over: ", "yellow"), fault)
