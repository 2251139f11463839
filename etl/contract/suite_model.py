"""What a suite file holds, key by key: the one description of its shape.

Loading checks fields by it (`etl.contract.validation.field_faults`), contracts are instances of it, and the JSON Schema and
docs/contract.md are generated from it. The classes are dataclasses that pydantic reads. Constructed directly they check
nothing: a table of the job's own has columns that no suite may declare. What two keys must agree on is a cross-check.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter

from etl.contract.field_kinds import (
    DATASET_LENGTH,
    DATASET_NAME,
    MISSING,
    NAME,
    STRICT,
    AnyText,
    Remedy,
    Row,
    Text,
    matching,
    wrong_value,
)
from etl.contract.input_meta import FileInputMeta, TableInputMeta
from etl.contract.json_values import is_object
from etl.contract.output_meta import OutputMeta
from etl.contract.severity import Severity
from etl.contract.shared_meta import SharedMeta
from etl.contract.source_format import SourceFormat
from etl.contract.stage import Stage
from etl.contract.suite_meta import AnyMeta
from etl.contract.vocabulary import REFUSED, VOCABULARY

S = TypeVar("S", bound="Suite")
RULE_ID = rf"{NAME}(\.[a-z0-9_]+)+"
SUITE_NAME = rf"{DATASET_NAME}\.(input|output)"


def _expectation_type(kind: str) -> str:
    if kind in REFUSED:
        reason, remedy = REFUSED[kind]
        raise wrong_value(remedy, f"type {kind}: {reason}")
    if kind not in VOCABULARY:
        raise wrong_value(UNKNOWN_TYPE.text, UNKNOWN_TYPE.problem)
    return kind


UNKNOWN_TYPE = Remedy("{likely}the gate knows {choices}", "type {value} is unknown", tuple(VOCABULARY))


@dataclass(frozen=True, kw_only=True)
class RuleMeta:
    """What a rule says of itself."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    rule: Annotated[
        AnyText,
        matching(RULE_ID, "write a stable id such as {dataset}.<column>.<what>, in lower case"),
        Field(description="a stable id: <dataset>.<column>.<what>", examples=["trips.fare.range"]),
    ]
    why: Annotated[
        Text,
        Remedy("give the reviewer one sentence", MISSING),
        Field(description="one sentence for the reviewer", examples=["A trip that costs nothing was not made."]),
    ]
    counterexample: Annotated[
        Row,
        Remedy("write an object of columns and the values that break the rule"),
        Field(
            description="columns, or paths into them such as lines[].quantity, and the values that break the rule, where "
            "sluice prove finds none itself",
            examples=[{"fare": 0}],
        ),
    ] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, kw_only=True)
class SuiteRule:
    """One expectation of a suite, as the file has it."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    type: Annotated[
        AnyText,
        AfterValidator(_expectation_type),
        UNKNOWN_TYPE,
        Field(description="what is demanded", examples=["expect_column_values_to_be_between"]),
    ]
    kwargs: Annotated[
        dict[str, Any],
        Remedy("write the expectation's arguments as an object", MISSING),
        Field(description="its arguments", examples=[{"column": "fare", "min_value": 0.01}]),
    ]
    severity: Annotated[
        Severity,
        Field(description="critical fails the run, warning sets the row aside, info is recorded"),
    ] = Severity.CRITICAL
    meta: Annotated[RuleMeta, Field(description="what the rule says of itself")]


@dataclass(frozen=True, kw_only=True)
class Suite:
    """One suite file."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    editor_schema: Annotated[
        AnyText,
        Remedy('write "../schema.json", or drop it'),
        Field(
            alias="$schema",
            description="the JSON Schema by which an editor completes and checks the file; nothing else reads it",
            examples=["../schema.json"],
        ),
    ] = ""
    name: Annotated[
        AnyText,
        matching(
            SUITE_NAME,
            f"write <dataset>.input or <dataset>.output, in lower case; at most {DATASET_LENGTH} characters are the dataset's",
        ),
        Field(description="<dataset>.input or <dataset>.output", examples=["trips.output"]),
    ]
    meta: Annotated[SharedMeta, Field(description="what the suite says of the dataset")]
    expectations: Annotated[
        tuple[SuiteRule, ...],
        Remedy("add at least a row count", "the suite has no expectations, so it would pass anything"),
        Field(description="the rules, judged together", min_length=1),
    ]


@dataclass(frozen=True, kw_only=True)
class FileInputSuite(Suite):
    """The suite of rows that arrive in raw objects."""

    meta: FileInputMeta


@dataclass(frozen=True, kw_only=True)
class TableInputSuite(Suite):
    """The suite of rows that are built from published tables."""

    meta: TableInputMeta


@dataclass(frozen=True, kw_only=True)
class OutputSuite(Suite):
    """The suite of what is published."""

    meta: OutputMeta


@dataclass(frozen=True, kw_only=True)
class AnySuite(Suite):
    """A suite whose name says no stage, or that may be of any: it has every key, and needs those of both stages."""

    meta: AnyMeta


def suite_class(suite: dict[str, Any], stage: str) -> type[Suite]:
    """Return the shape of a suite (parsed JSON) of a stage, "" where its name says none."""
    if stage == Stage.OUTPUT:
        return OutputSuite
    if stage != Stage.INPUT:
        return AnySuite
    meta = suite.get("meta")
    is_built = is_object(meta) and meta.get("format") == SourceFormat.TABLES
    return TableInputSuite if is_built else FileInputSuite


def suite_adapter(shape: type[S]) -> TypeAdapter[S]:
    """Return what validates suites of a shape."""
    return _adapter(shape)


@cache
def _adapter(shape: type[Suite]) -> TypeAdapter[Any]:
    """Make it when it is first used: that takes some milliseconds."""
    return TypeAdapter(shape)
