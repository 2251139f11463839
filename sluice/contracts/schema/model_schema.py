"""The contract's model as JSON Schema, draft 7, which editors know best: pydantic's own schema, with our names."""

from typing import Any

from pydantic import TypeAdapter

from etl.contract.arrivals import DueArrival
from etl.contract.columns import ColumnSpec
from etl.contract.dialect import Dialect
from etl.contract.history import HistoryBound
from etl.contract.input_column import InputColumn
from etl.contract.input_meta import FileInputMeta, TableInputMeta
from etl.contract.json_values import is_list, is_object
from etl.contract.loads import KeepDays, Load, UniqueWithin
from etl.contract.other_datasets import Reconciliation, Reference, TableSource
from etl.contract.output_meta import OutputMeta
from etl.contract.shared_meta import SharedMeta
from etl.contract.structure_levels import StructureLevels
from etl.contract.suite_model import RuleMeta, Suite, SuiteRule

Schema = dict[str, Any]
DEFINITIONS: dict[type, str] = {
    FileInputMeta: "file_input",
    TableInputMeta: "table_input",
    OutputMeta: "output",
    SharedMeta: "meta",
    Dialect: "dialect",
    StructureLevels: "structure",
    InputColumn: "input_column",
    ColumnSpec: "column",
    HistoryBound: "history",
    DueArrival: "arrival",
    Load: "load",
    UniqueWithin: "unique_within",
    KeepDays: "keep_days",
    Reference: "reference",
    TableSource: "source",
    Reconciliation: "reconciliation",
    SuiteRule: "expectation",
    RuleMeta: "expectation_meta",
}
"""What the schema calls each object of a suite."""
_NAMES = {owner.__name__: name for owner, name in DEFINITIONS.items()}
_PREFIX = "#/definitions/"


def model_definitions() -> dict[str, Schema]:
    """Return the schema of each object of a suite, by the name that it has in `definitions`."""
    return {name: model_schema(owner) for owner, name in DEFINITIONS.items()}


def model_schema(owner: type) -> Schema:
    """Return the schema of one class of the model; others that it holds are references into `definitions`."""
    generated = TypeAdapter(owner).json_schema(ref_template=f"{_PREFIX}{{model}}")
    definitions = generated.pop("$defs", {})
    generated.pop("description", None)  # the class's docstring
    return _draft_7(generated, definitions)


def suite_keys() -> Schema:
    """Return the schema of a suite file's own keys: `properties`, and which of them are `required`."""
    return model_schema(Suite)


def _draft_7(node: Any, definitions: dict[str, Schema]) -> Any:
    """Return a node without titles, enums in place, and other objects by our names."""
    if is_list(node):
        return [_draft_7(entry, definitions) for entry in node]
    if not is_object(node):
        return node
    if "$ref" in node:
        return _reference(node, definitions)
    kept = {key: value for key, value in node.items() if key != "title"}
    return {
        key: {name: _draft_7(field, definitions) for name, field in value.items()}
        if key == "properties"
        else _draft_7(value, definitions)
        for key, value in kept.items()
    }


def _reference(node: Schema, definitions: dict[str, Schema]) -> Schema:
    name = node["$ref"].removeprefix(_PREFIX)
    beside = {key: value for key, value in node.items() if key != "$ref"}
    if "enum" in definitions[name]:
        values = {key: value for key, value in definitions[name].items() if key not in ("title", "description")}
        return {**values, **beside}
    # Draft 7 ignores what stands beside a reference.
    reference = {"$ref": f"{_PREFIX}{_NAMES.get(name, name)}"}
    return {**beside, "allOf": [reference]} if beside else reference
