"""`lint`: what strict loading refuses, and what loads but decides nothing, says too little or does not fit."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from etl.contract.model import Contract
from etl.contract.query_text import QUERY, REMEDY
from etl.wording import counted
from sluice.contracts.lint.argument_limits import beyond
from sluice.contracts.lint.cross_references import others_of, unanswered
from sluice.contracts.lint.derived_tables import built
from sluice.contracts.lint.findings import Finding
from sluice.contracts.lint.implied_rules import implied
from sluice.contracts.lint.java import NoJava, java
from sluice.contracts.lint.patterns import Patterns, of_suite
from sluice.contracts.lint.suite_pairs import beside, fitting
from sluice.contracts.lint.transform_columns import trials, tried
from sluice.contracts.lint.undecidable_rules import idle
from sluice.contracts.suite_files import STAGES, SuiteFile, found, short, suite_file

PRESENT = "expect_column_values_to_not_be_null"
PLACEHOLDER = "?"
DOUBLED = re.compile(r"\{\{[0-9]+(?:,[0-9]*)?\}\}")
"""A quantifier as queries had to write it when the library's `str.format` read their braces."""


@dataclass(frozen=True)
class Report:
    """What lint looked at, what it found, and `notes`: what is to be known and not to be mended."""

    suites: int
    rules: int
    findings: list[Finding]
    notes: list[str] = field(default_factory=list)


def lint(paths: list[str]) -> Report:
    """Look at the suites under the paths.

    Raises:
        WrongUse: a path holds no suite.
    """
    files = [suite_file(path) for path in found(paths)]
    others = {folder: others_of(folder) for folder in {_contracts(file) for file in files}}
    with ThreadPoolExecutor(2) as meanwhile:  # Java takes its time to start
        asked, transforms = meanwhile.submit(_of_patterns, files), meanwhile.submit(tried, trials(files))
        own = [[*_of_file(file), *unanswered(file, others[_contracts(file)])] for file in files]
        patterns, notes = asked.result()
        failing, untried = transforms.result()
    findings = [
        replace(one, file=short(file.path), line=_line(file, one))
        for file, *several in zip(files, own, patterns, strict=True)
        for one in chain(*several, failing.get(file.path, ()))
    ]
    rules = sum(len(file.contract.rules) for file in files if file.contract)
    return Report(len(files), rules, sorted(findings, key=lambda one: (one.file, one.line)), [*notes, *untried])


def _of_patterns(files: list[SuiteFile]) -> tuple[list[list[Finding]], list[str]]:
    """Return what Java says of each file's patterns, and what is to be known of that."""
    none: list[list[Finding]] = [[] for _ in files]
    if not any(True for file in files for _ in of_suite(file.suite)):
        return none, []
    try:
        with java() as running:
            patterns = Patterns(running)
            return [[*patterns.judged(file.suite)] for file in files], patterns.notes
    except NoJava as missing:
        return none, [f"no pattern was compiled by Java, nor tried on values that are hard for it: {missing}"]


def _contracts(file: SuiteFile) -> Path:
    """Return the folder of all contracts that a suite file is in."""
    return file.path.resolve().parent.parent


def _line(file: SuiteFile, finding: Finding) -> int:
    return file.line(finding.rule, finding.column, *re.findall(r"'([^']+)'", finding.found))


def _of_file(file: SuiteFile) -> Iterator[Finding]:
    for fault in file.faults:
        yield Finding("refused", fault.found, fault.remedy, fault.rule)
    stage, dataset = file.path.stem, file.path.resolve().parent.name
    if stage not in STAGES:
        yield Finding("file", "it is neither input.json nor output.json, so nothing loads it", "rename or remove it")
        return
    if file.contract and (file.contract.dataset, file.contract.stage) != (dataset, stage):
        message = f"its name is {file.contract.dataset}.{file.contract.stage}, where {dataset}.{stage} is expected"
        yield Finding("file", message, "mend the name, or move the file")
    if file.contract:
        yield from of_contract(file.contract)
    yield from _of_pair(file)


def of_contract(contract: Contract) -> Iterator[Finding]:
    """Yield what can be said of one contract by itself."""
    yield from _draft(contract)
    yield from _queries(contract)
    yield from idle(contract)
    yield from implied(contract)
    yield from beyond(contract)
    yield from _unjudged(contract)
    yield from _open_keys(contract)
    yield from _quarantine(contract)


def _draft(contract: Contract) -> Iterator[Finding]:
    placeholders = [name for name in ("owner", "description") if getattr(contract, name) == PLACEHOLDER]
    if columns := sum(column.description == PLACEHOLDER for column in contract.columns):
        placeholders.append(f"the description of {counted(columns, 'column')}")
    still = f"still {PLACEHOLDER}: {', '.join(placeholders)}"
    if contract.suite["meta"].get("draft"):
        message = "it was drafted from a sample, which shows what one file holds and not what is meant"
        remedy = "read each rule, type, pii mark, the key and freshness_hours; write what is missing; remove meta.draft"
        yield Finding("draft", f"{message}; {still}" if placeholders else message, remedy, column="draft")
    elif placeholders:
        yield Finding("draft", still, "write what a person knows of it", column=PLACEHOLDER)


def _queries(contract: Contract) -> Iterator[Finding]:
    asking = [rule for rule in contract.rules if QUERY in rule.kwargs]
    if not asking:
        return
    from components.readers.query_judge import refusal  # noqa: PLC0415  loads sqlglot

    for rule in asking:
        query = rule.kwargs[QUERY]
        if fault := refusal(query, contract.names):
            yield Finding("query", f"its query is refused: {fault}", REMEDY, rule.rule)
        elif doubled := DOUBLED.search(query):
            message = f"its query holds {doubled[0]}, and braces other than {{batch}} stand for themselves"
            yield Finding("query", message, f"write {doubled[0][1:-1]}", rule.rule)


def _unjudged(contract: Contract) -> Iterator[Finding]:
    judged = {name for rule in contract.rules for name in rule.columns}
    queries = " ".join(str(rule.kwargs.get("unexpected_rows_query", "")) for rule in contract.rules)
    for name in contract.names:
        if name not in judged and not re.search(rf"\b{re.escape(name)}\b", queries):
            message = f"column {name!r} is judged by no rule of this suite, so it may be empty and nobody sees it"
            yield Finding("unjudged", message, f"add at least {PRESENT}, or drop the column", column=name)


def _open_keys(contract: Contract) -> Iterator[Finding]:
    present = {
        rule.kwargs["column"]
        for rule in contract.rules
        if rule.type == PRESENT and rule.severity != "info" and rule.kwargs.keys() <= {"column"}
    }
    for name in contract.key:
        if name not in present:
            message = f"key column {name!r} may be null, and the uniqueness of the key overlooks nulls"
            yield Finding("key", message, f"add {PRESENT} on it", column=name)


def _quarantine(contract: Contract) -> Iterator[Finding]:
    warnings = [rule.rule for rule in contract.rules if rule.severity == "warning"]
    if warnings and not contract.max_quarantined:
        message = "severity is warning, but max_quarantined is 0, so the first row set aside fails the run"
        yield Finding("quarantine", message, "set meta.max_quarantined, or make it critical", warnings[0])
    if contract.max_quarantined and not warnings:
        message = (
            f"max_quarantined is {contract.max_quarantined}, but no rule is a warning, so no row is ever set aside"
        )
        yield Finding("quarantine", message, "drop it, or make a rule a warning", column="max_quarantined")


def _of_pair(file: SuiteFile) -> Iterator[Finding]:
    """Yield what the pair shows, told once: at the output, or at the input that has none."""
    folder, stage = file.path.parent, file.path.stem
    twin = folder / f"{STAGES[stage == 'input']}.json"
    if not twin.is_file():
        yield Finding("pair", f"there is no {twin.name} beside it, and a dataset has both", f"write {twin.name}")
    elif stage == "output" and file.contract:
        other = suite_file(twin).contract
        if other:
            yield from fitting(other, file.contract, beside(folder))
            yield from built(other, file.contract, folder)
