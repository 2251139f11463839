"""How faults of each object of a suite read: one table, by the class of the model.

In the sentences, `{key}` is the key, `{value}` what stands there, `{name}` the name of a column, `{entry}` that of a bound.
A key's own wording stands beside it in the model.
"""

from dataclasses import dataclass

from etl.contract.arrivals import DueArrival
from etl.contract.columns import ColumnSpec
from etl.contract.dialect import Dialect
from etl.contract.history import HistoryBound
from etl.contract.input_column import InputColumn
from etl.contract.input_meta import FileInputMeta, TableInputMeta
from etl.contract.loads import KeepDays, Load, UniqueWithin
from etl.contract.other_datasets import Reconciliation, Reference, TableSource
from etl.contract.output_meta import OutputMeta
from etl.contract.structure_levels import StructureLevels
from etl.contract.suite_meta import AnyMeta
from etl.contract.suite_model import RuleMeta, Suite, SuiteRule
from etl.contract.validation.suite_paths import hints_of

Words = tuple[str, str]
"""What is wrong, and the remedy."""


@dataclass(frozen=True)
class Wording:
    """How faults of one object read.

    Attributes:
        whole: what is wrong where it is no object, with the remedy.
        wrong: what is wrong with the value of a key; the remedy is the key's own.
        missing: what is wrong where a key is not there; "" where the whole object is the fault then.
        unknown: what is wrong with a key that it does not have; None where the whole object is the fault then.
        keys: the keys that it may have, for remedies.
        misplaced: the same for keys that stand in the wrong kind of suite.
    """

    whole: Words
    wrong: str
    missing: str = ""
    unknown: Words | None = None
    keys: tuple[str, ...] = ()
    misplaced: tuple[tuple[str, Words], ...] = ()


def _keys(*owners: type) -> tuple[str, ...]:
    return tuple(sorted({key for owner in owners for key in hints_of(owner)}))


def _meta(*owners: type, misplaced: tuple[tuple[str, Words], ...] = ()) -> Wording:
    unknown = ("meta.{key} is unknown in an {stage} suite", "{likely}it may have {keys}")
    whole = ("meta is missing", "it holds version, owner, description and columns")
    return Wording(whole, "meta.{key} is {value}", "meta.{key} is missing", unknown, _keys(*owners), misplaced)


def _column(owner: type) -> Wording:
    return Wording(
        ("meta.columns holds {value}", "a column is an object with name, type and description"),
        "column {name} has {key} {value}",
        "column {name} has no {key}",
        ("column {name} has an unknown key {key!r}", "{likely}it may have {keys}"),
        tuple(hints_of(owner)),
    )


_FILES: Words = ("meta.{key} stands in an input of files", 'write "format": "tables", or drop it')
_TABLES: Words = ("meta.{key} stands in an input of tables, which no object can poison", "drop it")
_NO_OBJECTS: Words = ("meta.{key} stands in an input of tables, which reads no objects", "drop it")
_INPUTS = (FileInputMeta, TableInputMeta)
WORDINGS: dict[type, Wording] = {
    Suite: Wording(
        ("a suite is a JSON object", "write one with name, meta and expectations"),
        "{key} is {value}",
        "{key} is {value}",
        ("{key!r} is no part of a suite", "it has name, meta and expectations"),
    ),
    FileInputMeta: _meta(*_INPUTS, misplaced=(("day", _FILES), ("sources", _FILES))),
    TableInputMeta: _meta(
        *_INPUTS,
        misplaced=(
            ("on_poison", _TABLES),
            *(
                (key, _NO_OBJECTS)
                for key in ("copies", "files", "records", "structure", "sheet", "first_row", "arrivals")
            ),
        ),
    ),
    OutputMeta: _meta(OutputMeta),
    AnyMeta: _meta(AnyMeta),
    ColumnSpec: _column(ColumnSpec),
    InputColumn: _column(InputColumn),
    Dialect: Wording(
        ("meta.dialect is {value}", 'write an object such as {{"delimiter": ";"}}, or leave it out'),
        "meta.dialect.{key} is {value}",
        "meta.dialect.{key} is missing",
        ("meta.dialect.{key} is unknown", "{likely}it may have {keys}"),
        _keys(Dialect),
    ),
    StructureLevels: Wording(
        ("meta.structure is {value}", 'write an object such as {{"row": "warning"}}, or leave it out'),
        "meta.structure.{key} is {value}",
        "meta.structure.{key} is missing",
        ("meta.structure.{key} is unknown", "{likely}it may have {keys}"),
        _keys(StructureLevels),
    ),
    Load: Wording(
        ("meta.load is {value}", 'write "append", "upsert", {{"kind": "snapshot"}} or {{"kind": "changes", ...}}'),
        "meta.load.{key} is {value}",
        "meta.load has no {key}",
        ("meta.load.{key} is unknown", "{likely}it may have {keys}"),
        _keys(Load),
    ),
    UniqueWithin: Wording(
        ("meta.unique_within is {value}", 'write an object such as {{"column": "started_on", "days": 90}}'),
        "meta.unique_within.{key} is {value}",
        "meta.unique_within has no {key}",
        ("meta.unique_within.{key} is unknown", "{likely}it may have {keys}"),
        _keys(UniqueWithin),
    ),
    KeepDays: Wording(
        ("meta.keep_days is {value}", 'write an object such as {{"column": "started_on", "days": 730}}'),
        "meta.keep_days.{key} is {value}",
        "meta.keep_days has no {key}",
        ("meta.keep_days.{key} is unknown", "{likely}it may have {keys}"),
        _keys(KeepDays),
    ),
    HistoryBound: Wording(
        ("meta.history holds {value}", 'write an object such as {{"metric": "row_count", "times": 0.5}}'),
        "meta.history.{entry}.{key} is {value}",
        "meta.history.{entry} has no {key}",
        ("meta.history.{entry}.{key} is unknown", "{likely}it may have {keys}"),
        _keys(HistoryBound),
    ),
    DueArrival: Wording(
        ("meta.arrivals holds {value}", "write an object with pattern and by, or pattern and manifest"),
        "an arrival's {key} is {value}",
        "an arrival has no {key}",
        ("an arrival has an unknown key {key!r}", "{likely}it may have {keys}"),
        _keys(DueArrival),
    ),
    Reference: Wording(
        ("meta.references holds {value}", "write an object with name, column, dataset, key"),
        "a reference's {key} is {value}",
    ),
    TableSource: Wording(
        ("meta.sources holds {value}", "write an object with dataset, columns, day, on"), "a source's {key} is {value}"
    ),
    Reconciliation: Wording(
        ("meta.reconciles holds {value}", "write an object with dataset, by, sums"),
        "a reconciliation's {key} is {value}",
    ),
    SuiteRule: Wording(
        ("expectations holds {value}", "write an object with type, kwargs, severity and meta"),
        "{key} is {value}",
        "{key} is missing",
        ("{key!r} is unknown", "{likely}an expectation has {keys}"),
        _keys(SuiteRule),
    ),
    RuleMeta: Wording(
        ("meta is missing", 'write {{"rule": "{dataset}.<column>.<what>", "why": "..."}}'),
        "meta.{key} is {value}",
        "meta.{key} is missing",
        ("meta.{key} is unknown", "{likely}an expectation's meta has {keys}"),
        _keys(RuleMeta),
    ),
}


def wording_of(owner: type) -> Wording:
    """Return the wording of a model class, or of the one that it is a kind of."""
    return next(WORDINGS[base] for base in owner.__mro__ if base in WORDINGS)
