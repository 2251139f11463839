"""An Open Data Contract Standard document as drafts, one for each of its tables."""

import re
from math import ceil
from typing import Any

from open_data_contract_standard.model import OpenDataContractStandard
from pydantic import ValidationError

from etl.contract.json_values import is_list, is_object
from etl.contract.output_meta import MAX_FRESHNESS_HOURS
from etl.contract.shared_meta import VERSION
from sluice.cli.errors import WrongUse
from sluice.contracts.dataset_names import propose_dataset_name, require_dataset_name
from sluice.contracts.export.odcs import INPUT_CONTRACT, OUTPUT_CONTRACT, PARTITIONS
from sluice.contracts.importing.dataset_draft import FRESHNESS_HOURS, DatasetDraft, draft_head
from sluice.contracts.importing.located_file import LocatedFile, object_of, objects_of
from sluice.contracts.importing.odcs_columns import NO_PLACE, partition_columns, read_columns
from sluice.contracts.importing.odcs_files import input_meta
from sluice.contracts.importing.odcs_quality_rules import custom_property

Plain = dict[str, Any]
READ_VERSIONS = ("v3.1.0", "v3.2.0")
CARRIED = {
    *(
        "version",
        "kind",
        "apiVersion",
        "id",
        "name",
        "status",
        "description",
        "schema",
        "servers",
        "team",
        "slaProperties",
    ),
    "customProperties",
}
TABLE_CARRIED = {
    *(
        "id",
        "name",
        "physicalName",
        "physicalType",
        "logicalType",
        "description",
        "properties",
        "quality",
        "customProperties",
    ),
}
HOURS = {
    "h": 1,
    "hr": 1,
    "hour": 1,
    "hours": 1,
    "d": 24,
    "day": 24,
    "days": 24,
    "m": 1 / 60,
    "min": 1 / 60,
    "minutes": 1 / 60,
}


def read_document(file: LocatedFile, dataset: str | None) -> list[DatasetDraft]:
    """Return a draft for each table of a document; `dataset` is the name of the only one, None for the document's.

    Raises:
        WrongUse: it is no document of a version that is read; the message has every fault with its line.
    """
    document: Plain = file.content
    _require_standard(file)
    tables: list[Plain] = objects_of(document, "schema")
    if not tables:
        raise WrongUse(f"{file.name}:{file.line_of(document, 'schema')}: it describes no table; write its schema")
    if dataset and len(tables) > 1:
        raise WrongUse(f"{file.name} has {len(tables)} tables, and --dataset is the name of one; drop it")
    drafts = [_read_table(file, table, dataset) for table in tables]
    names = [draft.dataset for draft in drafts]
    for draft in drafts:
        if names.count(draft.dataset) > 1:
            raise WrongUse(f"{file.name}:{draft.line}: two tables would be the dataset {draft.dataset}; rename one")
    return drafts


def _require_standard(file: LocatedFile) -> None:
    document: Plain = file.content
    version, line = document.get("apiVersion"), file.line_of(document, "apiVersion")
    if version not in READ_VERSIONS:
        raise WrongUse(
            f"{file.name}:{line}: apiVersion is {version!r}, and {' and '.join(READ_VERSIONS)} are read; "
            "bring the document to one of them first"
        )
    if document.get("kind") != "DataContract":
        raise WrongUse(
            f"{file.name}:{file.line_of(document, 'kind')}: kind is {document.get('kind')!r}; write DataContract"
        )
    try:
        OpenDataContractStandard.model_validate(document)
    except ValidationError as error:
        faults = {_fault_line(file, fault["loc"]): fault for fault in error.errors()}
        lines = [
            f"{file.name}:{line}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}; write it as {version} has it"
            for line, fault in sorted(faults.items())
        ]
        raise WrongUse("\n".join(lines)) from error


def _fault_line(file: LocatedFile, place: tuple[int | str, ...]) -> int:
    value, line = file.content, 1
    for part in place:
        if is_object(value) and part in value:
            line, value = file.line_of(value, str(part)), value[str(part)]
        elif is_list(value) and isinstance(part, int) and part < len(value):
            value = value[part]
            line = file.lines.get((id(value), ""), line)
    return line


def _read_table(file: LocatedFile, table: Plain, dataset: str | None) -> DatasetDraft:
    document: Plain = file.content
    called = str(table.get("name") or table.get("physicalName") or document.get("name") or "")
    name = dataset or propose_dataset_name(called)
    require_dataset_name(name, "give one by --dataset")
    draft = DatasetDraft(name, file.name, file.line_of(table))
    if name != called and not dataset:
        draft.doubt(draft.line, f"the table {called!r} is the dataset {name} here", "give another name by --dataset")
    exported = _exported_contract(file, draft)
    draft.output_meta = {**exported, **_head(file, draft, table)}
    draft.output_meta["freshness_hours"] = _freshness(file, draft)
    columns = read_columns(file, draft, table)
    draft.output_meta["columns"] = columns
    _read_partitions(draft, table, columns)
    _note_other_keys(file, draft, table)
    draft.output_meta.pop("rules", None)
    if is_list(order := exported.get("rules")):
        places = {str(rule): place for place, rule in enumerate(order)}
        draft.rules.sort(key=lambda rule: places.get(rule.rule, len(places)))
    if draft.input_suite is None:
        draft.input_meta = input_meta(file, draft, table, columns)
    return draft


def _exported_contract(file: LocatedFile, draft: DatasetDraft) -> Plain:
    """Return the rest of an output's meta where a document is an export of Sluice, and keep its input's suite."""
    raw, rest = (custom_property(file.content, name) for name in (INPUT_CONTRACT, OUTPUT_CONTRACT))
    if not (
        is_object(raw)
        and is_object(rest)
        and is_object(raw.get("meta"))
        and raw.get("name") == f"{draft.dataset}.input"
    ):
        return {}
    draft.input_suite = raw
    return dict(rest)


def _head(file: LocatedFile, draft: DatasetDraft, table: Plain) -> Plain:
    document: Plain = file.content
    version, described = str(document.get("version") or ""), object_of(document, "description")
    if not re.fullmatch(VERSION, version):
        draft.doubt(
            file.line_of(document, "version"), f"version {version!r} is not semantic", "raise 0.1.0 to what it is"
        )
        version = ""
    for key in sorted(described.keys() - {"purpose"}):
        draft.lose(file.line_of(described, key), f"description.{key}", NO_PLACE)
    text = " ".join(str(table.get("description") or described.get("purpose") or "").split())
    return draft_head(version=version, owner=_owner(file, draft), description=text)


def _owner(file: LocatedFile, draft: DatasetDraft) -> str:
    document: Plain = file.content
    team = object_of(document, "team")
    members = objects_of(team, "members") or objects_of(document, "team")
    named = str(team.get("name") or "")
    owners = [member for member in members if "owner" in str(member.get("role")).lower()]
    owner = named or next((str(member.get("username") or member.get("name")) for member in owners), "")
    for member in members:
        if named or member not in owners[:1]:
            draft.lose(
                file.line_of(member), f"the team's member {member.get('username') or member.get('name')}", NO_PLACE
            )
    return owner


def _freshness(file: LocatedFile, draft: DatasetDraft) -> int:
    hours: int | None = None
    for level in objects_of(file.content, "slaProperties"):
        value: Any = level.get("value")
        unit, line = str(level.get("unit") or "h").lower(), file.line_of(level)
        is_fresh = level.get("property") in ("freshness", "fr") and isinstance(value, int | float) and unit in HOURS
        if is_fresh and hours is None and 1 <= ceil(value * HOURS[unit]) <= MAX_FRESHNESS_HOURS:
            hours = ceil(value * HOURS[unit])
        else:
            words = f"the service level {level.get('property')} {value} {level.get('unit') or ''}".rstrip()
            draft.lose(line, words, f"an alarm knows freshness, from 1 to {MAX_FRESHNESS_HOURS} hours")
    if hours is None:
        draft.doubt(
            1,
            f"no service level says how fresh data are, so freshness_hours is {FRESHNESS_HOURS}",
            "write what is promised",
        )
    return hours or FRESHNESS_HOURS


def _read_partitions(draft: DatasetDraft, table: Plain, columns: list[Plain]) -> None:
    partitions: Any = custom_property(table, PARTITIONS) or partition_columns(table, columns)
    if partitions:
        draft.output_meta["partition_by"] = partitions


def _note_other_keys(file: LocatedFile, draft: DatasetDraft, table: Plain) -> None:
    document: Plain = file.content
    for key in sorted(document.keys() - CARRIED):
        draft.lose(file.line_of(document, key), f"{key} of the document", NO_PLACE)
    for key in sorted(table.keys() - TABLE_CARRIED):
        draft.lose(file.line_of(table, key), f"{key} of the table", NO_PLACE)
    if not str(document.get("id") or "urn:datacontract:sluice:").startswith("urn:datacontract:sluice:"):
        draft.lose(file.line_of(document, "id"), f"the id {document['id']}", NO_PLACE)
    listed: list[Any] = [*objects_of(document, "customProperties"), *objects_of(table, "customProperties")]
    ours = (INPUT_CONTRACT, OUTPUT_CONTRACT) if draft.input_suite else ()
    for entry in listed:
        if entry.get("property") not in (*ours, PARTITIONS):
            draft.lose(file.line_of(entry), f"the custom property {entry.get('property')}", NO_PLACE)
