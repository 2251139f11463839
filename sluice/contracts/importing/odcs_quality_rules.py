"""Quality rules of an Open Data Contract Standard document as rules of a contract."""

import re
from collections.abc import Mapping
from typing import Any

from etl.contract.json_values import is_number, is_object
from etl.contract.model import Rule
from etl.contract.query_text import BATCH, QUERY
from etl.contract.severity import Severity
from etl.contract.types import ColumnType
from sluice.cli.errors import WrongUse
from sluice.contracts.export.odcs_metrics import is_whole, metric_expectation
from sluice.contracts.export.odcs_quality import EXPECTATION, rule_check
from sluice.contracts.importing.dataset_draft import DatasetDraft, DraftedRule
from sluice.contracts.importing.located_file import LocatedFile, object_of, objects_of, parse_fragment

Plain = dict[str, Any]
ENGINES = ("greatexpectations", "gx", "sluice")
SEVERITIES = {
    **dict.fromkeys(("critical", "error", "high", "fatal", "blocker", "major"), Severity.CRITICAL),
    **dict.fromkeys(("warning", "warn", "medium", "minor"), Severity.WARNING),
    **dict.fromkeys(("info", "low", "notice", "informational"), Severity.INFO),
}
LIMITS = (
    *("mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan", "mustBeLessOrEqualTo"),
    *("mustBeBetween", "mustNotBeBetween"),
)
CARRIED = {
    *(
        "id",
        "name",
        "description",
        "businessImpact",
        "severity",
        "type",
        "metric",
        "rule",
        "arguments",
        "unit",
        "query",
    ),
    *("engine", "implementation", "customProperties", *LIMITS),
}
COUNT = re.compile(
    r"\s*select\s+count\s*\(\s*\*\s*\)\s+from\s+[\"'`]?\$?\{?(?P<table>\w+)\}?[\"'`]?\s+where\s+(?P<condition>.+?);?\s*",
    re.IGNORECASE | re.DOTALL,
)
TABLES = ("object", "table", "model", "schema")
COLUMN = re.compile(r"[\"'`]?\$?\{(column|property|field)\}[\"'`]?")


class QualityReader:
    """Reads the quality rules of one table into a draft."""

    def __init__(self, file: LocatedFile, draft: DatasetDraft, table: str, types: Mapping[str, ColumnType]) -> None:
        self._file, self._draft, self._table, self._types = file, draft, table, types

    def read_rule(self, quality: Plain, column: str | None) -> None:
        """Add what a quality rule of a column, or of the table, demands; or note why it cannot."""
        line = self._file.line_of(quality)
        expectation = self._kept_expectation(quality, line) or self._expectation(quality, column, line)
        if expectation is None:
            return
        self._note_other_keys(quality)
        name = quality.get("name") or quality.get("id") or ""
        self._draft.rules.append(
            DraftedRule(
                line,
                expectation["type"],
                expectation["kwargs"],
                self._severity(quality),
                rule=str(name),
                why=str(quality.get("businessImpact") or quality.get("description") or ""),
                counterexample=custom_property(quality, "counterexample"),
            )
        )

    def _kept_expectation(self, quality: Plain, line: int) -> Plain | None:
        """Return the expectation that an export left beside a check, where the check still says the same."""
        kept = custom_property(quality, EXPECTATION)
        if not is_object(kept):
            return None
        severity = self._severity(quality)
        rule = Rule(str(quality.get("name")), str(kept.get("type")), kept.get("kwargs", {}), severity, "")
        try:
            is_same = rule_check(rule, self._types).items() <= quality.items()
        except (KeyError, TypeError, ValueError, AttributeError):
            is_same = False
        if not is_same:
            self._draft.doubt(
                line,
                f"the check of {quality.get('name')} was changed, so its custom property is not read",
                "read the rule",
            )
        return kept if is_same else None

    def _expectation(self, quality: Plain, column: str | None, line: int) -> Plain | None:
        kind = quality.get("type") or ("sql" if "query" in quality else "library")
        name = quality.get("name") or quality.get("metric") or quality.get("rule") or kind
        match kind:
            case "library":
                return self._library_expectation(quality, column, line, f"the metric {name}")
            case "sql":
                return self._sql_expectation(quality, column, line, f"the query {name}")
            case "custom":
                return self._custom_expectation(quality, line, f"the rule {name}")
            case "text":
                text = quality.get("description") or name
                self._draft.lose(line, f"a rule in words, {text!r}", "write an expectation that says it")
            case _:
                self._draft.lose(line, f"the rule {name} is of type {kind}", "write an expectation that says it")
        return None

    def _library_expectation(self, quality: Plain, column: str | None, line: int, what: str) -> Plain | None:
        metric = {**quality, "metric": quality.get("metric") or quality.get("rule")}
        expectation = metric_expectation(metric, column) or self._missing_values(metric, column)
        if expectation is None:
            self._draft.lose(
                line,
                f"{what} has a form or a limit that no expectation says",
                "write a rule of your own, such as a query",
            )
            return None
        regex = expectation["kwargs"].get("regex", "^$")
        if not is_whole(regex):
            self._draft.doubt(
                line,
                f"the pattern {regex!r} is searched for here, anywhere in a text",
                "add ^ and $ where it is all of it",
            )
        if "mostly" in expectation["kwargs"] and metric["metric"] != "nullValues":
            self._draft.doubt(
                line, f"{what} is a share of all rows, and here of those that have a value", "read the share"
            )
        return expectation

    def _missing_values(self, quality: Plain, column: str | None) -> Plain | None:
        values: Any = object_of(quality, "arguments").get("missingValues")
        plain = {**quality, "metric": "nullValues"}
        if quality["metric"] != "missingValues" or not column or (values and set(values) - {None}):
            return None
        return metric_expectation(plain, column)

    def _sql_expectation(self, quality: Plain, column: str | None, line: int, what: str) -> Plain | None:
        count = COUNT.fullmatch(str(quality.get("query", "")))
        limits = {name: quality[name] for name in LIMITS if name in quality}
        allows_none = limits in ({"mustBe": 0}, {"mustBeLessOrEqualTo": 0}, {"mustBeLessThan": 1})
        is_of_table = count is not None and count["table"].lower() in (*TABLES, self._table.lower())
        if count is None or not is_of_table or not allows_none or not all(map(is_number, limits.values())):
            remedy = "write unexpected_rows_expectation, a SELECT over {batch} of the rows that are wrong"
            self._draft.lose(line, f"{what} is no count of wrong rows of this table that must be 0", remedy)
            return None
        condition = COLUMN.sub(lambda _: f"`{column}`", count["condition"]) if column else count["condition"]
        if "{" in condition:
            self._draft.lose(line, f"{what} has placeholders that nothing here fills", "write them out")
            return None
        self._draft.doubt(line, f"{what} is read as Spark's SQL", "read it: functions and quotes may differ")
        return {"type": "unexpected_rows_expectation", "kwargs": {QUERY: f"SELECT * FROM {BATCH} WHERE {condition}"}}  # noqa: S608

    def _custom_expectation(self, quality: Plain, line: int, what: str) -> Plain | None:
        engine = str(quality.get("engine"))
        if re.sub("[^a-z]", "", engine.lower()) not in ENGINES:
            self._draft.lose(
                line, f"{what} is for the engine {engine}, which is not read", "write an expectation that says it"
            )
            return None
        implementation: Any = quality.get("implementation")
        try:
            parsed = parse_fragment(implementation) if isinstance(implementation, str) else implementation
        except WrongUse:
            parsed = None
        kind = parsed.get("type") or parsed.get("expectation_type") if is_object(parsed) else None
        kwargs = parsed.get("kwargs") if is_object(parsed) else None
        if not is_object(parsed) or not isinstance(kind, str) or not is_object(kwargs):
            self._draft.lose(line, f"{what} is no expectation with type and kwargs", "write it so")
            return None
        return {"type": kind, "kwargs": {_snake_case(name): value for name, value in kwargs.items()}}

    def _severity(self, quality: Plain) -> Severity:
        severity = quality.get("severity")
        if severity is None:
            return Severity.CRITICAL
        carried = SEVERITIES.get(str(severity).lower())
        if carried is None:
            line = self._file.line_of(quality, "severity")
            self._draft.doubt(
                line, f"the severity {severity!r} is not known, so it is critical", "write critical, warning or info"
            )
        return carried or Severity.CRITICAL

    def _note_other_keys(self, quality: Plain) -> None:
        for key in quality.keys() - CARRIED:
            if quality[key] not in (None, [], {}):
                self._draft.lose(
                    self._file.line_of(quality, key),
                    f"{key} of a rule has no place in a contract",
                    "drop it, or say it in why",
                )


def custom_property(holder: Plain, name: str) -> Any:
    """Return the value of a custom property of a part of a document, None where it has none."""
    listed: Any = objects_of(holder, "customProperties")
    return next((entry.get("value") for entry in listed if is_object(entry) and entry.get("property") == name), None)


def _snake_case(name: str) -> str:
    return (
        name
        if name in ("column_A", "column_B")
        else re.sub(r"(?<=[a-z])([A-Z])", lambda match: f"_{match[1].lower()}", name)
    )
