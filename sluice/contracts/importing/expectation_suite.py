"""A suite of Great Expectations, of 1.x or 0.x, as a draft: its rules are on what is published, of the types that they show."""

import re
from typing import Any

from etl.contract.json_values import is_day, is_instant, is_list, is_local_time, is_number, is_object
from etl.contract.severity import Severity
from etl.contract.types import TypeKind
from etl.contract.vocabulary import REFUSED, UNIQUE_TYPES, VOCABULARY, Bounds, Operand
from sluice.cli.errors import WrongUse
from sluice.contracts.dataset_names import propose_dataset_name, require_dataset_name
from sluice.contracts.importing.dataset_draft import FRESHNESS_HOURS, DatasetDraft, DraftedRule, draft_head
from sluice.contracts.importing.located_file import LocatedFile, object_of
from sluice.contracts.importing.physical_types import known_type
from sluice.contracts.lint.lint import PLACEHOLDER

Plain = dict[str, Any]
SUITE_KEYS = {"name", "expectation_suite_name", "expectations", "meta", "id", "ge_cloud_id", "data_asset_type", "notes"}
RULE_KEYS = {
    *("type", "expectation_type", "kwargs", "meta", "severity", "id", "ge_cloud_id", "description", "notes"),
    *("rendered_content", "expectation_context", "success_on_last_run"),
}
RUN_ARGUMENTS = (
    "result_format",
    "include_config",
    "catch_exceptions",
    "batch_id",
    "auto",
    "profiler_config",
    "meta",
    "severity",
)
"""Arguments of how a suite is run, which say nothing of data."""
TYPE_RULES = {
    "expect_column_values_to_be_of_type": "type_",
    "expect_column_type_to_be": "type_",
    "expect_column_values_to_be_in_type_list": "type_list",
}
COLUMN_LISTS = {
    "expect_table_columns_to_match_ordered_list": "column_list",
    "expect_table_columns_to_match_set": "column_set",
}
CONDITION = re.compile(
    r"\s*col\([\"'](?P<name>[^\"']+)[\"']\)\s*(\.(?P<null>notNull|notnull)\(\)|(?P<operator>==|!=|<=|>=|<|>)\s*(?P<value>.+?))\s*"
)


def is_expectation_suite(content: Any) -> bool:
    """Say whether a file's content is a suite of Great Expectations."""
    return is_object(content) and is_list(content.get("expectations"))


def read_suite(file: LocatedFile, dataset: str | None) -> DatasetDraft:
    """Return the draft of a suite's dataset; `dataset` is its name, None for the suite's.

    Raises:
        WrongUse: the suite is one of Sluice already, or has a form that Great Expectations never wrote.
    """
    suite: Plain = file.content
    meta = object_of(suite, "meta")
    if "columns" in meta and "owner" in meta:
        raise WrongUse(f"{file.name} is a contract of Sluice already; copy it to expectations/<dataset>/")
    called = str(suite.get("name") or suite.get("expectation_suite_name") or file.path.stem)
    name = dataset or propose_dataset_name(called.partition(".")[0])
    require_dataset_name(name, "give one by --dataset")
    draft = DatasetDraft(name, file.name)
    expectations = [_checked_expectation(file, entry) for entry in suite["expectations"]]
    for key in sorted(suite.keys() - SUITE_KEYS):
        if suite[key] not in (None, [], {}):
            draft.lose(file.line_of(suite), f"{key} of the suite", "keep it there: no contract has a place for it")
    draft.rules = [rule for entry in expectations for rule in _rules_of(file, draft, entry)]
    columns = _columns(file, draft, expectations)
    draft.doubt(1, f"a suite says no freshness, so freshness_hours is {FRESHNESS_HOURS}", "write what is promised")
    draft.doubt(
        1,
        "a suite does not say how files are written, so they are csv",
        "write meta.format, or draft the input by sluice profile",
    )
    head = draft_head()
    draft.input_meta = {**head, "format": "csv", "columns": columns}
    draft.output_meta = {**head, "columns": columns, "key": _key(draft), "freshness_hours": FRESHNESS_HOURS}
    return draft


def _checked_expectation(file: LocatedFile, entry: Any) -> Plain:
    kind = entry.get("type") or entry.get("expectation_type") if is_object(entry) else None
    if not is_object(entry) or not isinstance(kind, str) or not is_object(entry.get("kwargs", {})):
        raise WrongUse(
            f"{file.name}:{file.line_of(entry)}: an expectation lacks type (1.x), or expectation_type (0.x), and kwargs; "
            "write them"
        )
    return {"kwargs": {}, **entry, "type": kind, "line": file.line_of(entry)}


def _rules_of(file: LocatedFile, draft: DatasetDraft, entry: Plain) -> list[DraftedRule]:
    """Return the rule of an expectation, none where it declares columns or cannot be carried."""
    kind, line = entry["type"], entry["line"]
    if kind in COLUMN_LISTS or kind in TYPE_RULES or kind == "expect_column_to_exist":
        return []
    if kind not in VOCABULARY:
        reason, remedy = REFUSED.get(
            kind, ("the gate does not know it", "write it as a rule that docs/contract.md lists")
        )
        draft.lose(line, f"{kind}: {reason}", remedy)
        return []
    kwargs = {name: value for name, value in entry["kwargs"].items() if name not in RUN_ARGUMENTS and value is not None}
    condition = kwargs.get("row_condition")
    if isinstance(condition, str):
        parsed = parse_condition(condition)
        if parsed is None:
            draft.lose(
                line,
                f"{kind} has the row_condition {condition!r}",
                "write it as the condition object of docs/contract.md",
            )
            return []
        kwargs |= {"row_condition": parsed, "condition_parser": "great_expectations"}
    for key in sorted(entry.keys() - RULE_KEYS - {"line"}):
        if entry[key] not in (None, [], {}):
            draft.lose(line, f"{key} of {kind}", "keep it there: no rule has a place for it")
    severity = _severity(draft, entry)
    return [DraftedRule(line, kind, kwargs, severity, why=_reason(entry))]


def _severity(draft: DatasetDraft, entry: Plain) -> Severity:
    text = entry.get("severity") or Severity.CRITICAL
    if text in list(Severity):
        return Severity(text)
    draft.doubt(
        entry["line"], f"the severity {text!r} is not known, so it is critical", "write critical, warning or info"
    )
    return Severity.CRITICAL


def _reason(entry: Plain) -> str:
    notes: Any = entry.get("notes") or object_of(entry, "meta").get("notes") or ""
    content: Any = notes.get("content", "") if is_object(notes) else notes
    text = " ".join(map(str, content)) if is_list(content) else str(content)
    return " ".join(f"{entry.get('description') or ''} {text}".split())


def parse_condition(text: str) -> Plain | None:
    """Return a row condition such as `col("fare") > 0` as the object that a contract has; None of other forms."""
    match = CONDITION.fullmatch(text)
    if match is None:
        return None
    column = {"name": match["name"]}
    if match["null"]:
        return {"type": "nullity", "column": column, "is_null": False}
    value = _literal(match["value"])
    return (
        None
        if value is None
        else {"type": "comparison", "column": column, "operator": match["operator"], "parameter": value}
    )


def _literal(text: str) -> str | int | float | None:
    if quoted := re.fullmatch(r"date\([\"']([^\"']*)[\"']\)|[\"']([^\"']*)[\"']", text):
        return quoted[1] or quoted[2] or ""
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d+\.\d+", text) else None


def _columns(file: LocatedFile, draft: DatasetDraft, expectations: list[Plain]) -> list[Plain]:
    """Return each column that the suite names, in the order of its list or of their first rules."""
    names: dict[str, list[Plain]] = {}
    first_lists = sorted(expectations, key=lambda entry: entry["type"] not in COLUMN_LISTS)
    for entry in first_lists:
        kwargs = entry["kwargs"]
        listed: Any = kwargs.get(COLUMN_LISTS.get(entry["type"], "column_list")) or []
        for name in (
            *(kwargs.get(key) for key in ("column", "column_A", "column_B")),
            *(listed if is_list(listed) else []),
        ):
            if isinstance(name, str):
                names.setdefault(name.partition(".")[0].partition("[")[0], []).append(entry)
    if not names:
        raise WrongUse(
            f"{file.name}: no expectation names a column, so there is nothing to declare; draft it by sluice profile"
        )
    return [
        {"name": name, "type": _column_type(draft, name, entries), "description": PLACEHOLDER}
        for name, entries in names.items()
    ]


def _column_type(draft: DatasetDraft, name: str, entries: list[Plain]) -> str:
    for entry in entries:
        argument = TYPE_RULES.get(entry["type"])
        value: Any = entry["kwargs"].get(argument) if argument else None
        for text in value if is_list(value) else [value]:
            recognized = known_type(text) if isinstance(text, str) else None
            if recognized:
                if recognized[1]:
                    draft.doubt(entry["line"], f"column {name}: {recognized[1]}", "read it")
                return recognized[0]
    declared = next((kind for entry in entries if (kind := _shown_type(entry, name))), None)
    draft.doubt(
        entries[0]["line"],
        f"no rule says the type of {name}, so it is {declared or TypeKind.STRING.value}",
        "declare what it is",
    )
    return declared or TypeKind.STRING.value


def _shown_type(entry: Plain, name: str) -> str | None:
    """Return the type that the values of an expectation show, None where they show none."""
    kwargs, expectation = entry["kwargs"], VOCABULARY.get(entry["type"])
    if kwargs.get("column") != name or expectation is None or "length" in entry["type"]:
        return None
    listed: Any = kwargs.get("value_set")
    values: list[Any] = [kwargs.get("min_value"), kwargs.get("max_value"), *(listed if is_list(listed) else [])]
    values = [value for value in values if value is not None and not is_object(value)]
    if expectation.bounds in (Bounds.COUNT, Bounds.SHARE):
        return None
    if not values:
        return TypeKind.DOUBLE.value if expectation.operand is Operand.NUMBERS else None
    if all(isinstance(value, bool) for value in values):
        return TypeKind.BOOLEAN.value
    if all(map(is_number, values)):
        return (
            "bigint"
            if all(isinstance(value, int) for value in values) and expectation.bounds is not Bounds.NUMBER
            else "double"
        )
    checks = ((TypeKind.DATE, is_day), (TypeKind.TIMESTAMP_NTZ, is_local_time), (TypeKind.TIMESTAMP, is_instant))
    return next((kind.value for kind, holds in checks if all(map(holds, values))), None)


def _key(draft: DatasetDraft) -> list[str]:
    """Return the columns of the only rule that demands unique ones, as a key that a person has to read."""
    unique = [rule for rule in draft.rules if rule.type in UNIQUE_TYPES and rule.demands(rule.type, rule.columns)]
    key = unique[0].columns if len(unique) == 1 else []
    words = (
        f"the key is {', '.join(key)}, by the only rule that demands unique ones"
        if key
        else "no suite says a key, so rows have none"
    )
    draft.doubt(unique[0].line if key else 1, words, "write meta.key")
    return key
