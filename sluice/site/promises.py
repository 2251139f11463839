"""What a contract promises beside its rules, in words."""

import json
from dataclasses import fields
from typing import assert_never

from etl.contract.dialect import RFC_4180, Dialect, HeaderMatch
from etl.contract.input_column import FolderSource
from etl.contract.model import Contract, Reconciliation
from etl.contract.record_form import RecordForm
from etl.contract.source_format import SourceFormat
from etl.contract.validation.meta import PARTITION
from etl.wording import count_noun


def input_terms(input_contract: Contract) -> dict[str, str]:
    """Return the terms of what arrives, by name."""
    source_columns = {f"From {source.dataset}": ", ".join(source.columns) for source in input_contract.sources}
    return {
        "Format": _format_words(input_contract),
        **_name_terms(input_contract),
        **source_columns,
        **_arrival_terms(input_contract),
        **_quarantine_terms(input_contract),
    }


def _arrival_terms(contract: Contract) -> dict[str, str]:
    words = "; ".join(f"{arrival.pattern}: {arrival.terms}" for arrival in contract.arrivals)
    return {"Due": words} if words else {}


def _format_words(contract: Contract) -> str:
    match contract.format:
        case SourceFormat.CSV:
            words = _csv_words(contract.dialect)
        case SourceFormat.JSONL:
            words = f"{_record_words(contract.record_form)}, UTF-8, plain or gzipped"
        case SourceFormat.PARQUET:
            words = "Parquet, with exactly these types"
        case SourceFormat.ORC:
            words = "ORC, with exactly these types"
        case SourceFormat.AVRO:
            words = "Avro, with exactly these types"
        case SourceFormat.EXCEL:
            words = "Excel (.xlsx), a sheet with a header"
        case SourceFormat.TABLES:
            words = "rows of published tables, the days that changed"
        case _:
            assert_never(contract.format)
    return words


def _csv_words(dialect: Dialect) -> str:
    """Say how a CSV is written: each part of its dialect that is not RFC 4180's."""
    header = "with a header" if dialect.header else "without a header"
    values = {field.name: getattr(dialect, field.name) for field in fields(dialect)}
    others = [
        f"{name} {json.dumps(value, ensure_ascii=False)}"
        for name, value in values.items()
        if name not in ("header", "encoding") and value != getattr(RFC_4180, name)
    ]
    return ", ".join([f"CSV {header}", *others, dialect.encoding.upper(), "plain or gzipped"])


def _name_terms(contract: Contract) -> dict[str, str]:
    """Return what a file calls columns that are not called so, and what else its header may be."""
    sources = {column.name: column.source for column in contract.input_columns if column.source is not None}
    texts = {
        name: str(source) if isinstance(source, FolderSource) else repr(source) for name, source in sources.items()
    }
    names = [f"{name} is {text}" for name, text in texts.items()]
    others = "others are ignored" if contract.extra_columns.are_ignored else ""
    words = ", ".join(part for part in (*names, _order_words(contract.header_match), others) if part)
    return {"Names in the file": words} if words else {}


def _order_words(header_match: HeaderMatch) -> str:
    match header_match:
        case HeaderMatch.EXACT:
            return ""
        case HeaderMatch.BY_NAME:
            return "columns in any order"
        case HeaderMatch.BY_NAME_IGNORE_CASE:
            return "columns in any order, capitals or not"
        case _:
            assert_never(header_match)


def _record_words(form: RecordForm) -> str:
    match form:
        case RecordForm.LINES:
            return "JSON lines, one flat object each"
        case RecordForm.OBJECTS:
            return "JSON, one flat object after the other"
        case RecordForm.ARRAY:
            return "JSON, one array of flat objects"
        case RecordForm.PATH:
            return "JSON, one object with a list of flat objects"
        case _:
            assert_never(form)


def output_terms(published: Contract) -> dict[str, str]:
    """Return the terms of what is published, by name."""
    key = f"no two rows have the same {' and '.join(published.key)}" if published.has_key else "none: rows may be alike"
    if published.unique_within:
        key += f", as far as keys are looked for: among {published.unique_within.terms}"
    hours = published.freshness_hours
    return {
        "Key": key,
        "Partitions": " and ".join(map(_partition_words, published.partition_by)) or "none",
        "Freshness": f"published at least every {count_noun(hours, 'hour')}, or an alarm rings"
        if hours
        else "not watched",
        **{f"As in {reconciliation.dataset}": _sum_words(reconciliation) for reconciliation in published.reconciles},
        **_quarantine_terms(published),
    }


def _sum_words(reconciliation: Reconciliation) -> str:
    return f"{', '.join(reconciliation.sums)} add up to the same by {', '.join(reconciliation.by)}, or the run fails"


def _partition_words(part: str) -> str:
    match = PARTITION.fullmatch(part)
    dated = match and match["dated"]
    return f"by {part.partition('(')[0]} of {dated}" if dated else f"by {part}"


def _quarantine_terms(contract: Contract) -> dict[str, str]:
    warnings = sum(rule.severity.quarantines_rows for rule in contract.rules)
    if not warnings:
        return {}
    rules = count_noun(warnings, "rule")
    return {
        "Set aside": f"rows that break {rules}, up to {100 * contract.max_quarantined:g} % of a run; above, it fails"
    }
