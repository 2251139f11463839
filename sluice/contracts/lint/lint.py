"""`lint`: what strict loading refuses, and what loads but decides nothing, says too little or does not fit."""

import re
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from etl.contract.model import Contract
from etl.contract.query_text import QUERY, REMEDY
from etl.contract.stage import SUITE_STAGES, Stage, other_suite, suite_stage
from etl.wording import count_noun
from sluice.contracts.lint.argument_limits import find_unjudgeable
from sluice.contracts.lint.cross_references import publications_beside, unanswered_names
from sluice.contracts.lint.derived_tables import source_findings
from sluice.contracts.lint.due_arrivals import find_other_prefixes, find_unmet_arrivals
from sluice.contracts.lint.findings import Finding
from sluice.contracts.lint.history_bounds import find_bounds_per_run, find_false_alarms, find_unreached
from sluice.contracts.lint.implied_rules import find_implied
from sluice.contracts.lint.java import NoJava, running_java
from sluice.contracts.lint.kept_rows import find_unkept
from sluice.contracts.lint.owner_handles import find_owners_without_handle
from sluice.contracts.lint.patterns import PatternChecks, suite_patterns
from sluice.contracts.lint.raw_listing import RawListing
from sluice.contracts.lint.suite_pairs import pair_findings, transforms_beside
from sluice.contracts.lint.transform_columns import find_trials, run_trials
from sluice.contracts.lint.undecidable_rules import find_idle
from sluice.contracts.suite_files import SuiteFile, find_suites, short_path, suite_file

PRESENT = "expect_column_values_to_not_be_null"
PLACEHOLDER = "?"
DOUBLED = re.compile(r"\{\{[0-9]+(?:,[0-9]*)?\}\}")
"""A quantifier as queries had to write it when the library's `str.format` read their braces."""


@dataclass(frozen=True)
class LintReport:
    """What lint looked at and what it found.

    Attributes:
        files: the suites that it looked at, as short paths.
        rules: how many rules they have.
        findings: what is to be mended.
        notes: what is to be known and not to be mended.
        warnings: what is to be mended, and keeps nothing from running.
    """

    files: list[str]
    rules: int
    findings: list[Finding]
    notes: list[str] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list[Finding])

    @property
    def suites(self) -> int:
        """How many suites were looked at."""
        return len(self.files)


def lint_suites(paths: list[str], raw: RawListing | None = None) -> LintReport:
    """Look at the suites under the paths, and at what is due in what was put into `raw`, where that is at hand.

    Raises:
        WrongUse: a path holds no suite.
    """
    files = [suite_file(path) for path in find_suites(paths)]
    publications = {folder: publications_beside(folder) for folder in {_contracts_folder(file) for file in files}}
    with ThreadPoolExecutor(2) as meanwhile:  # Java takes its time to start
        pattern_task, transform_task = (
            meanwhile.submit(_check_patterns, files),
            meanwhile.submit(run_trials, find_trials(files)),
        )
        suite_findings = [
            [*_check_file(file), *unanswered_names(file, publications[_contracts_folder(file)])] for file in files
        ]
        patterns, notes = pattern_task.result()
        failing, untried = transform_task.result()
    findings = [
        _located(file, finding)
        for file, *finding_lists in zip(files, suite_findings, patterns, strict=True)
        for finding in chain(*finding_lists, failing.get(file.path, ()))
    ]
    warnings = [
        _located(file, finding)
        for file in files
        for finding in chain(
            _check_owner(file),
            find_false_alarms(file),
            _check_arrivals(file, publications[_contracts_folder(file)], raw or {}),
        )
    ]
    rules = sum(len(file.contract.rules) for file in files if file.contract)
    return LintReport(
        [short_path(file.path) for file in files],
        rules,
        sorted(findings, key=lambda finding: (finding.file, finding.line)),
        [*notes, *untried],
        warnings,
    )


def _check_arrivals(file: SuiteFile, datasets: Collection[str], raw: RawListing) -> Iterator[Finding]:
    if file.contract and file.contract.arrivals:
        yield from find_other_prefixes(file.contract, datasets)
        yield from find_unmet_arrivals(file.contract, raw.get(file.contract.dataset, ()), datetime.now(UTC))


def _check_patterns(files: list[SuiteFile]) -> tuple[list[list[Finding]], list[str]]:
    """Return what Java says of each file's patterns, and what is to be known of that."""
    no_findings: list[list[Finding]] = [[] for _ in files]
    if not any(True for file in files for _ in suite_patterns(file.suite)):
        return no_findings, []
    try:
        with running_java() as running:
            patterns = PatternChecks(running)
            return [[*patterns.check_suite(file.suite)] for file in files], patterns.notes
    except NoJava as missing:
        return no_findings, [f"no pattern was compiled by Java, nor tried on values that are hard for it: {missing}"]


def _contracts_folder(file: SuiteFile) -> Path:
    """Return the folder of all contracts that a suite file is in."""
    return file.path.resolve().parent.parent


def _located(file: SuiteFile, finding: Finding) -> Finding:
    """Return a finding with its file and line."""
    line = file.line_of(finding.rule, finding.column, *re.findall(r"'([^']+)'", finding.found))
    return replace(finding, file=short_path(file.path), line=line)


def _check_file(file: SuiteFile) -> Iterator[Finding]:
    for fault in file.faults:
        yield Finding("refused", fault.problem, fault.remedy, fault.rule)
    stage, dataset = file.path.stem, file.path.resolve().parent.name
    if stage not in SUITE_STAGES:
        yield Finding("file", "it is neither input.json nor output.json, so nothing loads it", "rename or remove it")
        return
    if file.contract and (file.contract.dataset, file.contract.stage) != (dataset, stage):
        message = f"its name is {file.contract.dataset}.{file.contract.stage}, where {dataset}.{stage} is expected"
        yield Finding("file", message, "mend the name, or move the file")
    if file.contract:
        yield from check_contract(file.contract)
    yield from find_bounds_per_run(file)
    yield from find_unreached(file)
    yield from _check_pair(file)


def check_contract(contract: Contract) -> Iterator[Finding]:
    """Yield what can be said of one contract by itself."""
    yield from _draft_findings(contract)
    yield from _query_findings(contract)
    yield from find_idle(contract)
    yield from find_implied(contract)
    yield from find_unjudgeable(contract)
    yield from _unjudged_columns(contract)
    present = _present_columns(contract)
    yield from _open_keys(contract, present)
    yield from find_unkept(contract, present)
    yield from _quarantine_findings(contract)


def _draft_findings(contract: Contract) -> Iterator[Finding]:
    placeholders = [name for name in ("owner", "description") if getattr(contract, name) == PLACEHOLDER]
    if columns := sum(column.description == PLACEHOLDER for column in contract.columns):
        placeholders.append(f"the description of {count_noun(columns, 'column')}")
    unwritten = f"still {PLACEHOLDER}: {', '.join(placeholders)}"
    if contract.suite["meta"].get("draft"):
        message = "it was drafted from a sample, which shows what one file holds and not what is meant"
        remedy = "read each rule, type, pii mark, the key and freshness_hours; write what is missing; remove meta.draft"
        yield Finding("draft", f"{message}; {unwritten}" if placeholders else message, remedy, column="draft")
        for doubt in contract.doubts:
            yield Finding("draft", f"in doubt: {doubt}", "decide it, then drop it from meta.doubts", column=doubt)
    elif placeholders:
        yield Finding("draft", unwritten, "write what a person knows of it", column=PLACEHOLDER)


def _check_owner(file: SuiteFile) -> Iterator[Finding]:
    if file.contract and file.contract.owner != PLACEHOLDER:
        yield from find_owners_without_handle(file)


def _query_findings(contract: Contract) -> Iterator[Finding]:
    asking = [rule for rule in contract.rules if QUERY in rule.kwargs]
    if not asking:
        return
    from components.settings.query_judge import query_refusal  # noqa: PLC0415  loads sqlglot

    for rule in asking:
        query = rule.kwargs[QUERY]
        if fault := query_refusal(query, contract.names):
            yield Finding("query", f"its query is refused: {fault}", REMEDY, rule.rule)
        elif doubled := DOUBLED.search(query):
            message = f"its query holds {doubled[0]}, and braces other than {{batch}} stand for themselves"
            yield Finding("query", message, f"write {doubled[0][1:-1]}", rule.rule)


def _unjudged_columns(contract: Contract) -> Iterator[Finding]:
    judged = {name for rule in contract.rules for name in rule.roots}
    queries = " ".join(str(rule.kwargs.get("unexpected_rows_query", "")) for rule in contract.rules)
    for name in contract.names:
        if name not in judged and not re.search(rf"\b{re.escape(name)}\b", queries):
            message = f"column {name!r} is judged by no rule of this suite, so it may be empty and nobody sees it"
            yield Finding("unjudged", message, f"add at least {PRESENT}, or drop the column", column=name)


def _present_columns(contract: Contract) -> set[str]:
    """Return the columns that a rule keeps from being null."""
    return {
        rule.kwargs["column"]
        for rule in contract.rules
        if rule.type == PRESENT and rule.severity.is_enforced and rule.kwargs.keys() <= {"column"}
    }


def _open_keys(contract: Contract, present: Collection[str]) -> Iterator[Finding]:
    for name in contract.key:
        if name not in present:
            message = f"key column {name!r} may be null, and the uniqueness of the key overlooks nulls"
            yield Finding("key", message, f"add {PRESENT} on it", column=name)


def _quarantine_findings(contract: Contract) -> Iterator[Finding]:
    warnings = [rule.rule for rule in contract.rules if rule.severity.quarantines_rows]
    if warnings and not contract.max_quarantined:
        message = "severity is warning, but max_quarantined is 0, so the first row set aside fails the run"
        yield Finding("quarantine", message, "set meta.max_quarantined, or make it critical", warnings[0])
    if contract.structure.warnings and not contract.max_quarantined:
        message = (
            f"meta.structure has {contract.structure.warnings[0]} as warning, but max_quarantined is 0, so the first line "
            "set aside fails the run"
        )
        yield Finding("quarantine", message, "set meta.max_quarantined, or drop it", column="structure")
    if contract.max_quarantined and not (warnings or contract.structure.warnings):
        message = (
            f"max_quarantined is {contract.max_quarantined}, but no rule is a warning, so no row is ever set aside"
        )
        yield Finding("quarantine", message, "drop it, or make a rule a warning", column="max_quarantined")


def _check_pair(file: SuiteFile) -> Iterator[Finding]:
    """Yield what the pair shows, told once: at the output, or at the input that has none."""
    folder, stage = file.path.parent, suite_stage(file.path.stem)
    twin = folder / f"{other_suite(stage)}.json"
    if not twin.is_file():
        yield Finding("pair", f"there is no {twin.name} beside it, and a dataset has both", f"write {twin.name}")
    elif stage is Stage.OUTPUT and file.contract:
        input_contract = suite_file(twin).contract
        if input_contract:
            yield from pair_findings(input_contract, file.contract, transforms_beside(folder))
            yield from source_findings(input_contract, file.contract, folder)
