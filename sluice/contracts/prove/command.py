"""Show that every rule of a dataset's contracts bites: each is given a fault that it must report, by its id.

From the rules themselves a valid day is made, which the gate must let through as a file of the declared format; then one
thing after the other is made wrong in it, and the whole gate, from the raw file to the table, must report it. Other rules
that report a fault too are its overlap. An output's rule that nothing can trip that arrives is tried on a transform that
goes wrong, and said to guard that. A rule that is tripped by neither is dead and fails the command, unless its
meta.counterexample, columns and their values, trips it. A dataset that is built from tables has no files: its faults are rows.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from components.settings.lake_folder import expectations_folder
from etl.contract.model import Contract
from etl.contract.stage import SUITE_STAGES
from etl.wording import count_noun
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.cli.options import DatasetsArgument
from sluice.contracts.lint.cross_references import refuse_unanswered, unknown_dataset_message
from sluice.contracts.output_form import JsonOption, MarkdownOption, OutputForm, choose_form
from sluice.contracts.prove.report import Proof, ProofReport, count_proofs
from sluice.contracts.suite_files import suite_file
from sluice.contracts.tables import TerminalPage, as_json, code_span, markdown_table
from sluice.progress import Progress

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def run(datasets: DatasetsArgument = None, markdown: MarkdownOption = False, json: JsonOption = False) -> ExitCode:
    """Print what shows that the rules bite; at fault where one does not."""
    form = choose_form(markdown=markdown, json=json)
    pairs = [_load_pair(folder) for folder in _dataset_folders(datasets or [])]
    with Progress() as progress:
        for input_contract, published in pairs:
            rules = count_noun(len(input_contract.rules) + len(published.rules), "rule")
            progress.show(input_contract.dataset, f"waits for Spark, {rules} to prove")
        # Other commands, and the telling of wrong use, need no Spark.
        from sluice.contracts.prove.session import lake_session  # noqa: PLC0415

        with lake_session() as spark:
            reports = [_prove_pair(spark, pair, progress) for pair in pairs]
    if form is OutputForm.JSON:
        print(as_json(reports_json(reports)))
    elif form is OutputForm.MARKDOWN:
        print(render_markdown(reports))
    else:
        print_reports(reports)
    return ExitCode.DONE if all(report.all_proven for report in reports) else ExitCode.AT_FAULT


def _prove_pair(spark: "SparkSession", pair: tuple[Contract, Contract], progress: Progress) -> ProofReport:
    from sluice.contracts.prove.proof import prove_rules  # noqa: PLC0415  as above

    dataset = pair[0].dataset
    progress.show(dataset, "makes a valid day, then each rule's fault")
    report = prove_rules(spark, *pair, datetime.now(UTC).date())
    bite, rules = count_proofs([report])
    progress.show(dataset, f"{bite} of {count_noun(rules, 'rule')} shown to bite in {report.seconds:.0f} s")
    return report


def reports_json(reports: list[ProofReport]) -> dict[str, object]:
    """Return reports as plain data."""
    return {"held": all(report.all_proven for report in reports), "datasets": [report.as_json() for report in reports]}


def render_markdown(reports: list[ProofReport]) -> str:
    """Return reports as Markdown tables, the rules that do not bite first."""
    lines = ["### Contract proofs", "", f"{_closing_line(reports)}."]
    for report in reports:
        lines += [
            "",
            f"#### {code_span(report.dataset)}",
            "",
            *([f"❌ {code_span(report.refused)}"] if report.refused else []),
        ]
        proofs = sorted(report.proofs, key=lambda proof: not proof.why)
        rows = [
            (proof.rule, proof.stage, _proof_words(proof, proof.no_file), ", ".join(proof.overlap)) for proof in proofs
        ]
        lines += [markdown_table(("rule", "stage", "fault", "overlap"), rows, plain_columns=("stage",))] if rows else []
    return "\n".join(lines)


def print_reports(reports: list[ProofReport]) -> None:
    """Print reports for a terminal."""
    page = TerminalPage()
    for report in reports:
        page.print_line((report.dataset, "bold"), (f"  {report.seconds:.0f} s", "dim"))
        if report.refused:
            page.print_line("  ", (report.refused, "bold red"))
        for proof in report.proofs:
            page.print_line(
                "  ", _proof_mark(proof), (proof.rule, "bold"), (f" ({proof.stage}): ", "dim"), _proof_words(proof)
            )
            if proof.overlap:
                page.print_line("      also ", (", ".join(proof.overlap), "yellow"))
            if proof.no_file:
                page.print_line("      ", (proof.no_file, "dim"))
    page.print_line(
        (_closing_line(reports), "bold green" if all(report.all_proven for report in reports) else "bold red")
    )


def _proof_mark(proof: Proof) -> tuple[str, str]:
    return ("✗ ", "bold red") if proof.why else ("✓ ", "green")


def _proof_words(proof: Proof, *notes: str) -> str:
    return "; ".join(part for part in (proof.fault, proof.why, *notes) if part)


def _closing_line(reports: list[ProofReport]) -> str:
    bite, rules = count_proofs(reports)
    without = [report.dataset for report in reports if report.refused]
    beyond = sum(len(report.beyond_files) for report in reports)
    summary = f"{bite} of {count_noun(rules, 'rule')} {'bites' if rules == 1 else 'bite'}"
    summary += f", {beyond} of them on nothing that a file can hold" if beyond else ""
    return summary + (f"; no valid day of {', '.join(without)}" if without else "")


def _dataset_folders(names: list[str]) -> list[Path]:
    """Return the folders of datasets, each named as such or by its path."""
    if not names:
        return sorted(folder for folder in expectations_folder().iterdir() if folder.is_dir())
    folders = [
        expectations_folder() / name if (expectations_folder() / name).is_dir() else Path(name) for name in names
    ]
    for folder in folders:
        if not all((folder / f"{stage}.json").is_file() for stage in SUITE_STAGES):
            raise WrongUse(unknown_dataset_message(folder.name))
    return folders


def _load_pair(folder: Path) -> tuple[Contract, Contract]:
    files = [suite_file(folder / f"{stage}.json") for stage in SUITE_STAGES]
    contracts = [file.contract for file in files if file.contract]
    if len(contracts) < len(files):
        raise WrongUse(f"strict loading refuses the contracts of {folder.name}: see sluice lint {folder}")
    refuse_unanswered(folder, files)
    return contracts[0], contracts[1]
