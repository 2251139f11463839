"""What a contract promises beside its rules, in words."""

from etl.contract.model import Contract, Reconciliation
from etl.contract.validation.meta import PARTITION
from etl.wording import counted

FORMATS = {
    "csv": "CSV with a header, UTF-8, plain or gzipped",
    "jsonl": "JSON lines, one flat object each, UTF-8, plain or gzipped",
    "parquet": "Parquet, with exactly these types",
    "orc": "ORC, with exactly these types",
    "tables": "rows of published tables, the days that changed",
}


def of_input(given: Contract) -> dict[str, str]:
    """Return the terms of what arrives, by name."""
    read = {f"From {one.dataset}": ", ".join(one.columns) for one in given.sources}
    return {"Format": FORMATS[given.format], **read, **_aside(given)}


def of_output(published: Contract) -> dict[str, str]:
    """Return the terms of what is published, by name."""
    key = " and ".join(published.key)
    hours = published.freshness_hours
    return {
        "Key": f"no two rows have the same {key}",
        "Partitions": " and ".join(map(_partition, published.partition_by)) or "none",
        "Freshness": f"published at least every {counted(hours, 'hour')}, or an alarm rings"
        if hours
        else "not watched",
        **{f"As in {one.dataset}": _sums(one) for one in published.reconciles},
        **_aside(published),
    }


def _sums(one: Reconciliation) -> str:
    return f"{', '.join(one.sums)} add up to the same by {', '.join(one.by)}, or the run fails"


def _partition(one: str) -> str:
    found = PARTITION.fullmatch(one)
    dated = found and found["dated"]
    return f"by {one.partition('(')[0]} of {dated}" if dated else f"by {one}"


def _aside(contract: Contract) -> dict[str, str]:
    warnings = sum(rule.severity == "warning" for rule in contract.rules)
    if not warnings:
        return {}
    rules = counted(warnings, "rule")
    return {
        "Set aside": f"rows that break {rules}, up to {100 * contract.max_quarantined:g} % of a run; above, it fails"
    }
