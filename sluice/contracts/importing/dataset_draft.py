"""What an import makes of one dataset: both suites, and what could not be carried into them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from etl.contract.faults import Fault
from etl.contract.loading import parse_suite
from etl.contract.severity import Severity
from etl.contract.stage import Stage, SuiteStage
from etl.contract.suite_model import RULE_ID
from etl.contract.vocabulary import ROW_COUNT_TYPES, UNIQUE_TYPES, VOCABULARY
from sluice.cli.errors import WrongUse
from sluice.contracts.lint.lint import PLACEHOLDER
from sluice.contracts.profile.suite_layout import render_suite

Plain = dict[str, Any]
VERSION, FRESHNESS_HOURS = "0.1.0", 26
PRESENT, UNIQUE = "expect_column_values_to_not_be_null", "expect_column_values_to_be_unique"
KIND_NAMES = (
    ("not_be_null", "present"), ("unique", "unique"), ("not_be_in_set", "excluded"),
    ("in_set", "known"), ("regex", "format"), ("length", "length"), ("row_count", "rows"), ("to_be_null", "absent"),
    ("be_between", "range"),
)  # fmt: skip
"""What ends a rule's id, by a part of what it demands."""


@dataclass(frozen=True)
class Finding:
    """What a person has to look at, with its line in the file.

    Attributes:
        is_lost: whether the draft lacks it; else it is there, as the best guess.
    """

    line: int
    problem: str
    remedy: str
    is_lost: bool = True


@dataclass(frozen=True)
class DraftedRule:
    """A rule as a file has it; `rule` is "" where the file has no id that a contract may have."""

    line: int
    type: str
    kwargs: Plain
    severity: Severity = Severity.CRITICAL
    rule: str = ""
    why: str = ""
    counterexample: Plain | None = None

    @property
    def columns(self) -> list[str]:
        """What it names as columns."""
        listed: Any = self.kwargs.get("column_list", [])
        names = [self.kwargs[name] for name in ("column", "column_A", "column_B") if name in self.kwargs]
        return [name for name in [*names, *listed] if isinstance(name, str)]

    def demands(self, kind: str, columns: Sequence[str]) -> bool:
        """Say whether it stops a run of which a row breaks this kind of rule on these columns."""
        is_whole = self.kwargs.get("mostly", 1) == 1 and self.kwargs.get("row_condition") is None
        return self.type == kind and self.severity.stops_run and is_whole and sorted(self.columns) == sorted(columns)


@dataclass
class DatasetDraft:
    """A dataset as it is read from a file.

    Attributes:
        file: the file, as messages name it.
        line: where it begins there.
        input_suite: the input's suite where the file has it whole, as an export of Sluice does: then nothing is guessed.
    """

    dataset: str
    file: str
    line: int = 1
    input_meta: Plain = field(default_factory=dict[str, Any])
    output_meta: Plain = field(default_factory=dict[str, Any])
    rules: list[DraftedRule] = field(default_factory=list[DraftedRule])
    findings: list[Finding] = field(default_factory=list[Finding])
    input_suite: Plain | None = None

    def lose(self, line: int, problem: str, remedy: str) -> None:
        """Note what the draft lacks."""
        self.findings.append(Finding(line, problem, remedy))

    def doubt(self, line: int, problem: str, remedy: str) -> None:
        """Note what the draft has as a guess."""
        self.findings.append(Finding(line, problem, remedy, is_lost=False))


def build_suites(draft: DatasetDraft) -> dict[SuiteStage, Plain]:
    """Return both suites of a dataset, which load strictly. A rule that strict loading refuses is lost, with its reason.

    Raises:
        WrongUse: what is left cannot be a contract; the message has every fault.
    """
    dataset = draft.dataset
    rules = _with_ids(draft)
    if draft.input_suite is None:
        rules = _with_needed_rules(draft, rules)
    output = _loadable_suite(draft, f"{dataset}.{Stage.OUTPUT}", draft.output_meta, rules)
    raw = draft.input_suite or _loadable_suite(
        draft, f"{dataset}.{Stage.INPUT}", draft.input_meta, [_row_rule(dataset, "input.")]
    )
    if faults := _faults_of(raw):
        raise WrongUse("\n".join(f"{draft.file}: of the input: {fault}" for fault in faults))
    if draft.input_suite is None:
        raw["meta"] = {"draft": True, **raw["meta"]}
    if draft.input_suite is None or draft.findings:
        rest = {key: value for key, value in output["meta"].items() if key not in ("draft", "doubts")}
        output["meta"] = {"draft": True, **_doubts(draft), **rest}
    return {Stage.INPUT: raw, Stage.OUTPUT: output}


def _doubts(draft: DatasetDraft) -> Plain:
    name = Path(draft.file).name
    doubts = [f"{name}:{finding.line}: {finding.problem}; {finding.remedy}" for finding in draft.findings]
    return {"doubts": [*draft.output_meta.get("doubts", []), *doubts]} if doubts else {}


def _loadable_suite(draft: DatasetDraft, name: str, meta: Plain, rules: list[DraftedRule]) -> Plain:
    kept = list(rules)
    while True:
        suite = {"name": name, "meta": dict(meta), "expectations": [_expectation(rule) for rule in kept]}
        faults = _faults_of(suite)
        refused = {fault.rule for fault in faults if fault.rule}
        dropped = [rule for rule in kept if rule.rule in refused]
        if not dropped:
            break
        for rule in dropped:
            fault = next(fault for fault in faults if fault.rule == rule.rule)
            draft.lose(rule.line, f"rule {rule.rule}: {fault.problem}", fault.remedy)
        kept = [rule for rule in kept if rule.rule not in refused]
        if draft.input_suite is None:
            kept = _with_needed_rules(draft, kept)
    if faults:
        raise WrongUse("\n".join(f"{draft.file}:{draft.line}: {draft.dataset}: {fault}" for fault in faults))
    return suite


def _faults_of(suite: Plain) -> list[Fault]:
    return parse_suite(render_suite(suite))[1]


def _expectation(rule: DraftedRule) -> Plain:
    counterexample = {"counterexample": rule.counterexample} if rule.counterexample else {}
    meta = {"rule": rule.rule, "why": rule.why, **counterexample}
    return {"type": rule.type, "kwargs": rule.kwargs, "severity": str(rule.severity), "meta": meta}


def _with_ids(draft: DatasetDraft) -> list[DraftedRule]:
    """Give each rule an id of the dataset's own, one that no other has, and a severity that it may have."""
    rules: list[DraftedRule] = []
    taken: set[str] = set()
    for rule in draft.rules:
        is_ours = re.fullmatch(RULE_ID, rule.rule) and rule.rule.startswith(f"{draft.dataset}.")
        base = rule.rule if is_ours else f"{draft.dataset}.{_rule_place(rule)}.{_rule_name(rule)}"
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name)
        why = rule.why or f"{Path(draft.file).name} has it on line {rule.line} and does not say why."
        rules.append(replace(rule, rule=name, why=why, severity=_possible_severity(draft, rule, name)))
    return rules


def _possible_severity(draft: DatasetDraft, rule: DraftedRule, name: str) -> Severity:
    expectation = VOCABULARY.get(rule.type)
    if not rule.severity.quarantines_rows or expectation is None or expectation.judges.is_row:
        return rule.severity
    draft.doubt(
        rule.line, f"rule {name} is a warning and judges no single row, so it is info here", "or make it critical"
    )
    return Severity.INFO


def _rule_place(rule: DraftedRule) -> str:
    return slug(rule.columns[0]) if rule.columns else "table"


def _rule_name(rule: DraftedRule) -> str:
    by_kind = next((name for part, name in KIND_NAMES if part in rule.type), rule.type.removeprefix("expect_"))
    return slug(rule.rule) if rule.rule else by_kind


def slug(text: str) -> str:
    """Return a text as a part of a rule's id."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "x"


def _with_needed_rules(draft: DatasetDraft, rules: list[DraftedRule]) -> list[DraftedRule]:
    """Return the rules and those that every output needs: that there are rows, and that the key is unique."""
    key = draft.output_meta.get("key", [])
    has_rows = any(
        rule.type in ROW_COUNT_TYPES
        and rule.severity.stops_run
        and _least(rule) >= 1
        and "row_condition" not in rule.kwargs
        for rule in rules
    )
    added = [] if has_rows else [_row_rule(draft.dataset)]
    kind = UNIQUE_TYPES[0 if len(key) == 1 else 1]
    if key and not any(rule.demands(kind, key) for rule in rules):
        kwargs: Plain = {"column": key[0]} if len(key) == 1 else {"column_list": key}
        added.append(
            DraftedRule(draft.line, kind, kwargs, rule=f"{draft.dataset}.key.unique", why="The key tells rows apart.")
        )
    for name in key:
        if not any(rule.demands(PRESENT, [name]) for rule in rules):
            rule = f"{draft.dataset}.key.{slug(name)}_kept"
            added.append(
                DraftedRule(draft.line, PRESENT, {"column": name}, rule=rule, why="No part of a key may be null.")
            )
    return [*added, *rules]


def _least(rule: DraftedRule) -> int:
    least: Any = rule.kwargs.get("value", rule.kwargs.get("min_value"))
    return least if isinstance(least, int) else 0


def _row_rule(dataset: str, stage: str = "output.") -> DraftedRule:
    why = "A run that brings no rows is no usual one."
    return DraftedRule(1, ROW_COUNT_TYPES[0], {"min_value": 1}, rule=f"{dataset}.{stage}needed_rows", why=why)


def draft_head(**written: Any) -> Plain:
    """Return what both metas begin with; what is not there is a placeholder, which lint asks for."""
    defaults = {"version": VERSION, "owner": PLACEHOLDER, "description": PLACEHOLDER}
    return {name: written.get(name) or default for name, default in defaults.items()}
