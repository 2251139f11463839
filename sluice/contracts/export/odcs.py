"""A dataset's contract as a document of the Open Data Contract Standard 3.1 (https://bitol-io.github.io/open-data-contract-standard).

It describes what readers get: the published table. What the standard has no field for stands under `customProperties`.
"""

import re
from typing import Any

import yaml

from etl.contract.model import ColumnSpec, Contract, Rule
from etl.contract.validation.meta import PARTITION
from sluice.contracts.export.odcs_quality import PRESENT, UNIQUE, Plain, options, quality, states

API = "v3.1.0"
LOGICAL = {"int": "integer", "bigint": "integer", "boolean": "boolean", "date": "date", "string": "string"}
STABLE_ID = re.compile(r"[A-Za-z0-9_-]+")
WIDTH = 120


def written(given: Contract, published: Contract) -> str:
    """Return both contracts of a dataset as one YAML document, the same for the same contracts."""
    head = f"# From the contracts of {published.dataset}, by review export --odcs: change those, and export again.\n"
    return head + yaml.dump(document(given, published), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=WIDTH)


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Write what stands twice twice: an anchor is no part of a contract."""
        return True


def document(given: Contract, published: Contract) -> Plain:
    """Return the document of a dataset from what its raw files must hold and what is published."""
    is_draft = any(contract.suite["meta"].get("draft") for contract in (given, published))
    return {
        "apiVersion": API,
        "kind": "DataContract",
        "id": f"urn:datacontract:sluice:{published.dataset}",
        "name": published.dataset,
        "version": published.version,
        "status": "draft" if is_draft else "active",
        "description": {"purpose": published.description},
        "team": {"name": published.owner},
        "schema": [_table(published)],
        "slaProperties": _service(published),
        "customProperties": _custom(given, published),
    }


def _table(contract: Contract) -> Plain:
    columns = {column.name: _property(contract, column) for column in contract.columns}
    return {
        **_id(contract.dataset),
        "name": contract.dataset,
        "physicalName": contract.dataset,
        "logicalType": "object",
        "physicalType": "table",
        "description": contract.description,
        **_partitions(contract),
        "properties": list(columns.values()),
        **_quality([rule for rule in contract.rules if _column(contract, rule) is None]),
    }


def _property(contract: Contract, column: ColumnSpec) -> Plain:
    rules = [rule for rule in contract.rules if _column(contract, rule) == column.name]
    bounds = options(column, rules)
    return {
        **_id(column.name),
        "name": column.name,
        "logicalType": LOGICAL.get(column.type, "number"),
        "physicalType": column.type,
        "description": column.description,
        **_place("primaryKey", "primaryKeyPosition", column.name, contract.key),
        **({"required": True} if any(states(rule, PRESENT) for rule in rules) else {}),
        **({"unique": True} if any(states(rule, UNIQUE) for rule in rules) else {}),
        **_place("partitioned", "partitionKeyPosition", column.name, tuple(map(_partitioned, contract.partition_by))),
        **({"classification": "pii", "tags": ["pii"]} if column.pii else {}),
        **({"logicalTypeOptions": bounds} if bounds else {}),
        **_relationships(contract, column.name),
        **_quality(rules),
    }


def _column(contract: Contract, rule: Rule) -> str | None:
    """Return the column that a rule is about alone, None where it is about the table."""
    return rule.columns[0] if len(rule.columns) == 1 and rule.columns[0] in contract.names else None


def _id(name: str) -> Plain:
    return {"id": name} if STABLE_ID.fullmatch(name) else {}


def _place(flag: str, position: str, name: str, names: tuple[str, ...]) -> Plain:
    return {flag: True, position: names.index(name) + 1} if name in names else {}


def _partitioned(part: str) -> str:
    found = PARTITION.fullmatch(part)
    return str(found and (found["dated"] or found["plain"]))


def _partitions(contract: Contract) -> Plain:
    # A property can say that it is partitioned by, but not that it is by its month.
    return _properties(partitionBy=list(contract.partition_by))


def _relationships(contract: Contract, name: str) -> Plain:
    """Return the keys of other datasets that a column points to, each in that dataset's own document."""
    found = [
        {"type": "foreignKey", "to": f"{one['dataset']}.odcs.yaml#schema/{one['dataset']}/properties/{one['key']}"}
        for one in contract.suite["meta"].get("references", ())
        if one["column"] == name and STABLE_ID.fullmatch(one["key"])
    ]
    return {"relationships": found} if found else {}


def _quality(rules: list[Rule]) -> Plain:
    return {"quality": [quality(rule) for rule in rules]} if rules else {}


def _service(contract: Contract) -> list[Plain]:
    said = "hours since the table was last published; beyond it an alarm rings"
    return [{"property": "freshness", "value": contract.freshness_hours, "unit": "h", "description": said}]


def _custom(given: Contract, published: Contract) -> list[Plain]:
    raw = {"name": f"{given.dataset}.{given.stage}", "version": given.version, "format": given.format}
    references = published.suite["meta"].get("references", [])
    more = {"maxQuarantined": published.max_quarantined} if published.max_quarantined else {}
    own = {
        name: suite["meta"].get(name, []) for suite, name in ((given.suite, "sources"), (published.suite, "reconciles"))
    }
    return _properties(inputContract=raw, **more, references=references, **own)["customProperties"]


def _properties(**values: Any) -> Plain:
    found = [{"property": name, "value": value} for name, value in values.items() if value not in ([], None)]
    return {"customProperties": found} if found else {}
