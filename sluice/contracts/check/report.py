"""What a check says: the report of `try --json`, and the same in words."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from etl.results.rule_result import RuleState
from etl.results.verdict import Verdict
from etl.wording import count_noun
from sluice.contracts.check.contracts import CheckedDataset
from sluice.contracts.check.local_lake import CheckRun
from sluice.sandbox.output import SandboxConsole

FROM_VERDICT = (
    *("rows_read", "rows_published", "rows_quarantined", "violations", "rules_not_evaluated", "rules_in_error"),
    *("waiting", "passed_over", "objects_passed_over", "snapshot_before", "snapshot_after"),
)
MAX_NAMES_SHOWN = 5


def build_report(run: CheckRun, sample: Sequence[Mapping[str, Any]], out: Path | None) -> dict[str, Any]:
    """Return the report: the fields of `try --json`, of which `alarm` is null, for nothing is deployed that could ring.

    Beside them `message`, `draft`, `typed_only` (there is no transform), `not_evaluated` (rules) and `out` (the written file).
    """
    verdict = run.verdict.as_json()
    return {
        "dataset": run.dataset.name,
        "state": verdict["state"],
        "message": verdict["message"],
        **{name: verdict[name] for name in FROM_VERDICT},
        "in_error": _rules_in(verdict, RuleState.ERROR),
        "not_evaluated": _rules_in(verdict, RuleState.NOT_EVALUATED),
        "alarm": None,
        "sample": list(sample),
        "draft": run.dataset.is_draft,
        "typed_only": not run.dataset.has_transform,
        "out": str(out) if out else None,
    }


def faults_report(dataset: str, faults: list[str]) -> dict[str, Any]:
    """Return the report of a check that did not start since contracts have `faults`."""
    verdict = Verdict(dataset, "", "", "").as_json()
    nothing: dict[str, Any] = {name: verdict[name] for name in FROM_VERDICT} | {
        "in_error": [],
        "not_evaluated": [],
        "sample": [],
    }
    message = f"{dataset}: {count_noun(len(faults), 'fault')} in its contracts, no run would start"
    return {"dataset": dataset, "state": verdict["state"], "message": message, **nothing, "faults": faults}


def print_report(console: SandboxConsole, report: Mapping[str, Any], run: CheckRun) -> None:
    """Say what became of the files."""
    for note in dataset_notes(run.dataset):
        console.print_paragraph(note)
    if run.lacks_manifest:
        console.print_paragraph("no manifest is among the files: they are judged without one, and nothing waits")
    console.print_paragraph("the check ", report["state"], f": {report['message']}")
    read, published, quarantined = (report[f"rows_{measure}"] for measure in ("read", "published", "quarantined"))
    console.print_paragraph(f"{count_noun(read, 'row')} read, {published} would be published, {quarantined} set aside")
    states = [result.state for result in run.verdict.rules]
    console.print_paragraph("rules: ", ", ".join(f"{states.count(state)} {state.label}" for state in RuleState))
    if report["not_evaluated"]:
        console.print_paragraph(_not_evaluated_note(report["not_evaluated"]))
    if report["violations"]:
        console.print_violations(report["violations"])
    if report["in_error"]:
        console.print_rule_errors(report["in_error"])
    if report["sample"]:
        console.print_paragraph(f"what readers would see (at most {len(report['sample'])} rows):")
        console.print_rows(report["sample"])
    if report["out"]:
        console.print_paragraph(f"{count_noun(published, 'row')} written to {report['out']}")


def dataset_notes(dataset: CheckedDataset) -> list[str]:
    """Return what is to be known of a dataset beside the verdict."""
    notes: list[str] = []
    if dataset.is_draft:
        notes.append(f"{dataset.name} is a draft: its rules say what a sample showed, and nobody has confirmed them")
    if not dataset.has_transform:
        notes.append(f"{dataset.name} has no transform: its rows are published as they are typed")
    return notes


def _rules_in(verdict: Mapping[str, Any], state: RuleState) -> list[dict[str, Any]]:
    return [result for result in verdict["rules"] if result["state"] == state]


def _not_evaluated_note(results: Sequence[Mapping[str, Any]]) -> str:
    names = [result["rule"] for result in results]
    more = f" and {len(names) - MAX_NAMES_SHOWN} more" if len(names) > MAX_NAMES_SHOWN else ""
    return (
        f"not evaluated: {', '.join(names[:MAX_NAMES_SHOWN])}{more}; where a rule compares with another dataset, "
        "--with DATASET=FILE gives it that dataset"
    )
