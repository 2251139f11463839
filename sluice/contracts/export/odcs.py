"""A dataset's contract as a document of the Open Data Contract Standard 3.1 (https://bitol-io.github.io/open-data-contract-standard).

It describes what readers get: the published table. What the standard has no field for stands under `customProperties`.
"""

import json
import re
from typing import Any

from open_data_contract_standard.model import OpenDataContractStandard

from etl.contract.model import ColumnSpec, Contract, Rule
from etl.contract.types import ColumnType, TypeKind
from etl.contract.validation.meta import PARTITION
from sluice.contracts.export.odcs_metrics import PRESENT, UNIQUE, Plain
from sluice.contracts.export.odcs_quality import quality_rule, states_rule, type_options

API = "v3.1.0"
INPUT_CONTRACT, OUTPUT_CONTRACT = "inputContract", "outputContract"
"""The custom properties that hold what the standard has no place for: the input's suite, and the rest of the output's meta."""
SAID_KEYS = ("version", "owner", "description", "columns", "key", "partition_by", "freshness_hours")
"""Keys of an output's meta that stand elsewhere in a document."""
PARTITIONS, NON_FINITE = "partitionBy", "nonFinite"
STABLE_ID = re.compile(r"[A-Za-z0-9_-]+")


def render_document(input_contract: Contract, published: Contract) -> str:
    """Return both contracts of a dataset as one YAML document, the same for the same contracts."""
    head = f"# From the contracts of {published.dataset}, by sluice export --odcs: change those, and export again.\n"
    return head + standard_document(input_contract, published).to_yaml()


def build_document(input_contract: Contract, published: Contract) -> Plain:
    """Return the document of a dataset as plain data, as the YAML text has it."""
    return standard_document(input_contract, published).model_dump(exclude_none=True, by_alias=True)


def standard_document(input_contract: Contract, published: Contract) -> OpenDataContractStandard:
    """Return the document of a dataset from what its raw files must hold and what is published.

    Raises:
        ValidationError: the standard's own model refuses a value.
    """
    is_draft = input_contract.draft or published.draft
    return OpenDataContractStandard.model_validate(
        {
            "apiVersion": API,
            "kind": "DataContract",
            "id": f"urn:datacontract:sluice:{published.dataset}",
            "name": published.dataset,
            "version": published.version,
            "status": "draft" if is_draft else "active",
            "description": {"purpose": published.description},
            "team": {"name": published.owner},
            "schema": [_table_schema(published)],
            "slaProperties": _service_levels(published),
            "customProperties": _custom_properties(input_contract, published),
        }
    )


def render_input_document(input_contract: Contract) -> str:
    """Return the contract of what arrives as a YAML document of its own, for whoever sends it."""
    name = f"{input_contract.dataset}.{input_contract.stage}"
    head = f"# From the contract {name}, by sluice export --odcs --input: change that, and export again.\n"
    document = {
        "apiVersion": API,
        "kind": "DataContract",
        "id": f"urn:datacontract:sluice:{name}",
        "name": name,
        "version": input_contract.version,
        "status": "draft" if input_contract.draft else "active",
        "description": {"purpose": input_contract.description},
        "team": {"name": input_contract.owner},
        "schema": [{**_table_schema(input_contract), "physicalType": str(input_contract.format)}],
    }
    return head + OpenDataContractStandard.model_validate(document).to_yaml()


def _table_schema(contract: Contract) -> Plain:
    columns = {column.name: _column_property(contract, column) for column in contract.columns}
    return {
        **_stable_id(contract.dataset),
        "name": contract.dataset,
        "physicalName": contract.dataset,
        "logicalType": "object",
        "physicalType": "table",
        "description": contract.description,
        **_partition_properties(contract),
        "properties": list(columns.values()),
        **_quality_rules(contract, [rule for rule in contract.rules if _rule_column(contract, rule) is None]),
    }


def _column_property(contract: Contract, column: ColumnSpec) -> Plain:
    rules = [rule for rule in contract.rules if _rule_column(contract, rule) == column.name]
    whole = [rule for rule in rules if rule.columns == (column.name,)]
    bounds = type_options(column, whole)
    return {
        **_stable_id(column.name),
        "name": column.name,
        **_type_properties(column.type),
        "description": column.description,
        **_key_position("primaryKey", "primaryKeyPosition", column.name, contract.key),
        **({"required": True} if any(states_rule(rule, PRESENT) for rule in whole) else {}),
        **({"unique": True} if any(states_rule(rule, UNIQUE) for rule in whole) else {}),
        **_key_position(
            "partitioned", "partitionKeyPosition", column.name, tuple(map(_partition_column, contract.partition_by))
        ),
        **({"classification": "pii", "tags": ["pii"]} if column.pii else {}),
        **({"logicalTypeOptions": bounds} if bounds else {}),
        **_property_list(**{NON_FINITE: column.non_finite or None}),
        **_column_relationships(contract, column.name),
        **_quality_rules(contract, rules),
    }


def _type_properties(declared: ColumnType) -> Plain:
    """Return a type as the standard has it: of an object its fields as properties, of a list its elements as items."""
    types: Plain = {"logicalType": declared.kind.logical, "physicalType": str(declared)}
    match declared.kind:
        case TypeKind.STRUCT:
            return types | {
                "properties": [{"name": name, **_type_properties(part)} for name, part in declared.parts.items()]
            }
        case TypeKind.ARRAY:
            [element] = declared.parts.values()
            return types | {"items": _type_properties(element)}
        case _:
            return types


def _rule_column(contract: Contract, rule: Rule) -> str | None:
    """Return the column that a rule is about alone, or about what is within it; None where it is about the table."""
    return rule.roots[0] if len(rule.columns) == 1 and rule.roots[0] in contract.names else None


def _stable_id(name: str) -> Plain:
    return {"id": name} if STABLE_ID.fullmatch(name) else {}


def _key_position(flag: str, position: str, name: str, names: tuple[str, ...]) -> Plain:
    return {flag: True, position: names.index(name) + 1} if name in names else {}


def _partition_column(part: str) -> str:
    match = PARTITION.fullmatch(part)
    return str(match and (match["dated"] or match["plain"]))


def _partition_properties(contract: Contract) -> Plain:
    # A property can say that it is partitioned by, but not that it is by its month.
    return _property_list(**{PARTITIONS: list(contract.partition_by)})


def _column_relationships(contract: Contract, name: str) -> Plain:
    """Return the keys of other datasets that a column points to, each in that dataset's own document."""
    relationships = [
        {
            "type": "foreignKey",
            "to": f"{reference['dataset']}.odcs.yaml#schema/{reference['dataset']}/properties/{reference['key']}",
        }
        for reference in contract.suite["meta"].get("references", ())
        if reference["column"] == name and STABLE_ID.fullmatch(reference["key"])
    ]
    return {"relationships": relationships} if relationships else {}


def _quality_rules(contract: Contract, rules: list[Rule]) -> Plain:
    types = {column.name: column.type for column in contract.columns}
    return {"quality": [quality_rule(rule, types) for rule in rules]} if rules else {}


def _service_levels(contract: Contract) -> list[Plain]:
    description = "hours since the table was last published; beyond it an alarm rings"
    return [{"property": "freshness", "value": contract.freshness_hours, "unit": "h", "description": description}]


def _custom_properties(input_contract: Contract, published: Contract) -> list[Plain]:
    raw = {key: value for key, value in input_contract.suite.items() if not key.startswith("$")}
    rest = {key: value for key, value in published.suite["meta"].items() if key not in SAID_KEYS}
    # A document lists rules by their columns, and people read them in the contract's order.
    rest["rules"] = [rule.rule for rule in published.rules]
    # What two parts of a suite share would be an alias in YAML.
    plain = json.loads(json.dumps({INPUT_CONTRACT: raw, OUTPUT_CONTRACT: rest}))
    return _property_list(**plain)["customProperties"]


def _property_list(**values: Any) -> Plain:
    properties = [{"property": name, "value": value} for name, value in values.items() if value not in ([], None)]
    return {"customProperties": properties} if properties else {}
