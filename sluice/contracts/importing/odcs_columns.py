"""The properties of a table of an Open Data Contract Standard document as columns, a key, and what they state of values."""

import re
from typing import Any

from etl.contract.json_values import is_list, is_object
from etl.contract.model import ColumnSpec, Rule
from etl.contract.types import ColumnType, Family
from sluice.contracts.export.odcs import NON_FINITE
from sluice.contracts.export.odcs_quality import type_options
from sluice.contracts.importing.dataset_draft import PRESENT, UNIQUE, DatasetDraft, DraftedRule
from sluice.contracts.importing.located_file import LocatedFile, object_of, objects_of
from sluice.contracts.importing.odcs_quality_rules import QualityReader, custom_property
from sluice.contracts.importing.physical_types import property_type
from sluice.contracts.lint.lint import PLACEHOLDER

Plain = dict[str, Any]
CARRIED = {
    *(
        "id",
        "name",
        "physicalName",
        "physicalType",
        "logicalType",
        "logicalTypeOptions",
        "description",
        "required",
        "unique",
    ),
    *("primaryKey", "primaryKeyPosition", "partitioned", "partitionKeyPosition", "classification", "tags", "quality"),
    *("properties", "items", "enum", "relationships", "customProperties", "semanticType"),
}
NESTED_CARRIED = {"id", "name", "physicalType", "logicalType", "properties", "items"}
PERSONAL = re.compile(r"\b(pii|personal|phi|pci)\b", re.IGNORECASE)
LONGEST_COMMENT = 255
OPTIONS = {
    "minimum": "min_value",
    "maximum": "max_value",
    "exclusiveMinimum": "min_value",
    "exclusiveMaximum": "max_value",
}
LENGTHS = {"minLength": "min_value", "maxLength": "max_value"}
NO_PLACE = "keep it in the document: no contract has a place for it"


def read_columns(file: LocatedFile, draft: DatasetDraft, table: Plain) -> list[Plain]:
    """Return the columns of a table, as an output's meta has them; their rules and the key go into the draft."""
    carried: list[tuple[Plain, Plain]] = []
    for described in objects_of(table, "properties"):
        if column := _column(file, draft, described):
            carried.append((described, column))
    if not carried:
        draft.lose(file.line_of(table), "the table has no properties that are columns", "write them")
    types = {column["name"]: ColumnType(column["type"]) for _, column in carried}
    reader = QualityReader(file, draft, draft.dataset, types)
    for described, column in carried:
        for quality in objects_of(described, "quality"):
            reader.read_rule(quality, column["name"])
    for quality in objects_of(table, "quality"):
        reader.read_rule(quality, None)
    draft.output_meta["key"] = _positions(carried, "primaryKey", "primaryKeyPosition")
    for described, column in carried:
        _read_statements(file, draft, described, column)
    return [column for _, column in carried]


def partition_columns(table: Plain, columns: list[Plain]) -> list[str]:
    """Return the columns that a table's properties say it is partitioned by, in their order."""
    described = {entry.get("name"): entry for entry in objects_of(table, "properties")}
    return _positions(
        [(described[column["name"]], column) for column in columns], "partitioned", "partitionKeyPosition"
    )


def _positions(carried: list[tuple[Plain, Plain]], flag: str, position: str) -> list[str]:
    marked = [(described.get(position) or 0, column["name"]) for described, column in carried if described.get(flag)]
    return [name for _, name in sorted(marked, key=lambda pair: pair[0])]


def _column(file: LocatedFile, draft: DatasetDraft, described: Plain) -> Plain | None:
    name, line = described.get("name"), file.line_of(described)
    if not name:
        draft.lose(line, "a property has no name", "give it one")
        return None
    declared, doubt = property_type(described)
    if declared is None:
        kind = described.get("logicalType")
        draft.lose(
            line,
            f"column {name} is of type {kind}, which no contract declares or whose parts none does",
            "publish its parts as columns",
        )
        return None
    if doubt:
        draft.doubt(line, f"column {name}: {doubt}", "read it")
    is_personal = any(PERSONAL.search(str(mark)) for mark in (described.get("classification"), *_tags(described)))
    marks = {"pii": is_personal, "non_finite": custom_property(described, NON_FINITE) is True}
    _note_other_keys(file, draft, described, str(name), is_personal=is_personal)
    column: Plain = {"name": name, "type": declared, "description": _comment(file, draft, described)}
    return {**column, **{mark: True for mark, holds in marks.items() if holds}}


def _tags(described: Plain) -> list[Any]:
    tags: Any = described.get("tags")
    return tags if is_list(tags) else []


def _comment(file: LocatedFile, draft: DatasetDraft, described: Plain) -> str:
    text = " ".join(str(described.get("description") or PLACEHOLDER).split())
    if len(text) <= LONGEST_COMMENT:
        return text
    line = file.line_of(described, "description")
    draft.lose(
        line,
        f"the description of {described['name']} has {len(text)} characters, and the catalog keeps 255",
        "write a shorter one",
    )
    return text[: LONGEST_COMMENT - 1] + "…"


def _note_other_keys(file: LocatedFile, draft: DatasetDraft, described: Plain, name: str, *, is_personal: bool) -> None:
    others = described.keys() - CARRIED
    if not is_personal:
        others |= {"classification", "tags"} & described.keys()
    if described.get("physicalName") not in (None, name):
        draft.doubt(
            file.line_of(described, "physicalName"),
            f"column {name} is {described['physicalName']} in the source",
            "read meta.columns of the input, whose source says so",
        )
    for key in sorted(others):
        if described[key] not in (None, [], {}, False, ""):
            draft.lose(file.line_of(described, key), f"{key} of column {name}", NO_PLACE)
    for entry in objects_of(described, "customProperties"):
        if entry.get("property") != NON_FINITE:
            draft.lose(file.line_of(entry), f"the custom property {entry.get('property')} of column {name}", NO_PLACE)
    for part in (*objects_of(described, "properties"), described.get("items")):
        if is_object(part):
            _note_nested_keys(file, draft, part, f"{name}.{part.get('name') or '[]'}")


def _note_nested_keys(file: LocatedFile, draft: DatasetDraft, part: Plain, path: str) -> None:
    for key in sorted(part.keys() - NESTED_CARRIED):
        if part[key] not in (None, [], {}, False, ""):
            draft.lose(
                file.line_of(part, key),
                f"{key} of {path}, which is within a column",
                "write a rule on its path, or keep it in the document",
            )
    for inner in (*objects_of(part, "properties"), part.get("items")):
        if is_object(inner):
            _note_nested_keys(file, draft, inner, f"{path}.{inner.get('name') or '[]'}")


def _read_statements(file: LocatedFile, draft: DatasetDraft, described: Plain, column: Plain) -> None:
    """Add what the property itself states of its values, where no quality rule says it."""
    name = column["name"]
    for key, kind in (("required", PRESENT), ("unique", UNIQUE)):
        if described.get(key) is True and not any(rule.demands(kind, [name]) for rule in draft.rules):
            draft.rules.append(DraftedRule(file.line_of(described, key), kind, {"column": name}))
    if values := [entry.get("value") for entry in objects_of(described, "enum")]:
        kwargs = {"column": name, "value_set": values}
        draft.rules.append(DraftedRule(file.line_of(described, "enum"), "expect_column_values_to_be_in_set", kwargs))
    for relationship in objects_of(described, "relationships"):
        _note_relationship(file, draft, relationship, name)
    _read_options(file, draft, described, column)


def _note_relationship(file: LocatedFile, draft: DatasetDraft, relationship: Plain, name: str) -> None:
    target = str(relationship.get("to"))
    references: Any = draft.output_meta.get("references", [])
    if not any(entry["column"] == name and target.endswith(f"/{entry['key']}") for entry in references):
        draft.lose(
            file.line_of(relationship),
            f"column {name} points to {target}",
            "declare meta.references, and a warning that names its helper column",
        )


def _read_options(file: LocatedFile, draft: DatasetDraft, described: Plain, column: Plain) -> None:
    options, stated = object_of(described, "logicalTypeOptions"), _said_options(draft, column)
    left = {key: value for key, value in options.items() if stated.get(key) != value}
    left.pop("timezone", None)
    line = file.line_of(described, "logicalTypeOptions")
    for names, kind in (
        (OPTIONS, "expect_column_values_to_be_between"),
        (LENGTHS, "expect_column_value_lengths_to_be_between"),
    ):
        if bounds := {argument: left.pop(key) for key, argument in names.items() if key in left}:
            strict = {
                f"strict_{end[9:12].lower()}": True
                for end in ("exclusiveMinimum", "exclusiveMaximum")
                if end in options and end in names
            }
            draft.rules.append(DraftedRule(line, kind, {"column": column["name"], **bounds, **strict}))
    if isinstance(pattern := left.pop("pattern", None), str):
        kwargs = {"column": column["name"], "regex": pattern}
        draft.rules.append(DraftedRule(line, "expect_column_values_to_match_regex", kwargs))
    for key, value in left.items():
        draft.lose(
            line,
            f"{key} {value!r} of column {column['name']}",
            "write a rule that says it, or of a date's format the input column's format",
        )


def _said_options(draft: DatasetDraft, column: Plain) -> Plain:
    """Return the options that follow from the rules that there are."""
    rules = [
        Rule(rule.rule, rule.type, rule.kwargs, rule.severity, "")
        for rule in draft.rules
        if rule.kwargs.get("column") == column["name"]
    ]
    spec = ColumnSpec(column["name"], ColumnType(column["type"]), column["description"])
    try:
        return type_options(spec, rules)
    except (KeyError, TypeError, ValueError):
        return {"timezone": spec.type.family is Family.INSTANT}
