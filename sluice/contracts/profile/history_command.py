"""`profile --history`: proposes bounds from a dataset's results, to be pasted into its suites."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from etl.contract.stage import SUITE_STAGES
from etl.results.run_line import RunLine
from etl.wording import count_noun, join_names
from sluice.cli.errors import WrongUse
from sluice.contracts.history.bound_words import describe_history
from sluice.contracts.output_form import OutputForm
from sluice.contracts.profile.history_bounds import FEWEST_RUNS, BoundProposal, stage_proposals
from sluice.contracts.tables import TerminalPage, as_json, code_span, markdown_table

MOST_DAYS_NAMED = 5
TABLE_HEAD = ("bound", "suite", "in words", "would have rung", "one step narrower")


@dataclass(frozen=True)
class HistoryDraft:
    """Bounds that the runs of a dataset suggest."""

    dataset: str
    runs: Sequence[RunLine]
    proposals: Sequence[BoundProposal]

    def suite_json(self, stage: str) -> dict[str, Any]:
        """Return what is to be pasted into a suite: bounds, and rules that use them."""
        proposals = [proposal for proposal in self.proposals if proposal.stage == stage]
        return {
            "meta": {"history": {proposal.name: proposal.bound_json() for proposal in proposals}},
            "expectations": [proposal.rule_json(self.dataset) for proposal in proposals],
        }

    @property
    def suites(self) -> dict[str, Any]:
        """What is to be pasted, by suite, without suites that get nothing."""
        return {
            str(stage): self.suite_json(stage)
            for stage in SUITE_STAGES
            if any(proposal.stage == stage for proposal in self.proposals)
        }

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        rings = [
            {
                "bound": proposal.name,
                "suite": str(proposal.stage),
                "words": proposal.words,
                "judged": proposal.judged,
                "rang": [*proposal.rang],
                "narrower": None
                if proposal.narrower is None
                else {
                    "words": describe_history(proposal.narrower[0], proposal.bound.metric_name),
                    "rang": proposal.narrower[1],
                },
            }
            for proposal in self.proposals
        ]
        return {"dataset": self.dataset, "runs": len(self.runs), "suites": self.suites, "rings": rings}


def draft_history(dataset: str, lines: Sequence[RunLine]) -> HistoryDraft:
    """Return what the runs of a dataset suggest.

    Raises:
        WrongUse: too few of them count as history.
    """
    ordinary = [line for line in lines if line.is_ordinary]
    proposals = stage_proposals(ordinary)
    if not proposals:
        raise WrongUse(
            f"{dataset} has {count_noun(len(ordinary), 'run')} that {'counts' if len(ordinary) == 1 else 'count'} as "
            f"history, and a proposal takes {FEWEST_RUNS}: sluice history {dataset} says which count; try again when there are "
            "more"
        )
    return HistoryDraft(dataset, ordinary, proposals)


def print_history_draft(draft: HistoryDraft, form: OutputForm) -> None:
    """Print the proposals with how often each would have rung, then what is to be pasted."""
    if form is OutputForm.JSON:
        print(as_json(draft.as_json()))
    elif form is OutputForm.MARKDOWN:
        print(_render_markdown(draft))
    else:
        _print_draft(draft)


def _closing_line(draft: HistoryDraft) -> str:
    days = sorted(line.run_date for line in draft.runs)
    runs = f"{count_noun(len(draft.runs), 'run')}, {days[0]} to {days[-1]}"
    return f"{count_noun(len(draft.proposals), 'bound')} of {draft.dataset} from {runs}"


def ring_words(judged: int, rang: Sequence[str]) -> str:
    """Return how often a rule would have rung, and on which days."""
    days = f": {join_names(rang, MOST_DAYS_NAMED)}" if rang else ""
    return f"{len(rang)} of {count_noun(judged, 'run')}{days}"


def _narrower_words(proposal: BoundProposal) -> str:
    if proposal.narrower is None:
        return ""
    bound, rang = proposal.narrower
    return f"{describe_history(bound, bound.metric_name)}: {rang} of {proposal.judged}"


def _render_markdown(draft: HistoryDraft) -> str:
    rows = [
        (
            proposal.name,
            proposal.stage,
            proposal.words,
            ring_words(proposal.judged, proposal.rang),
            _narrower_words(proposal),
        )
        for proposal in draft.proposals
    ]
    table = markdown_table(TABLE_HEAD, rows, plain_columns=("suite", "would have rung"))
    pasted = [
        line
        for stage, suite in draft.suites.items()
        for line in ("", f"{stage}.json:", "", "```json", as_json(suite), "```")
    ]
    return "\n".join([f"### Bounds of {draft.dataset}", "", f"{code_span(_closing_line(draft))}.", "", table, *pasted])


def _print_draft(draft: HistoryDraft) -> None:
    page = TerminalPage()
    for proposal in draft.proposals:
        page.print_line((proposal.name, "bold"), (f" ({proposal.stage}): ", "dim"), proposal.words)
        page.print_line("    would have rung on ", ring_words(proposal.judged, proposal.rang))
        if proposal.narrower is not None:
            page.print_line(("    narrower: ", "dim"), (_narrower_words(proposal), "dim"))
    page.print_line((_closing_line(draft), "bold green"))
    for stage, suite in draft.suites.items():
        page.print_line(
            ("→ ", "green"), f"paste into {stage}.json, and read what each says before it is more than info:"
        )
        print(as_json(suite))
