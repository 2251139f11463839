"""A contract as the job and the tools use it: a suite's meta with its rules, flat and frozen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from etl.contract.column_paths import root_of, types_within
from etl.contract.columns import ColumnSpec
from etl.contract.dialect import RFC_4180, Dialect, ExtraColumns, HeaderMatch
from etl.contract.history import HistoryBound
from etl.contract.input_column import InputColumn, file_source, folder_of, plain_column
from etl.contract.loads import Load
from etl.contract.masking import Masking
from etl.contract.other_datasets import Reconciliation, Reference, TableSource
from etl.contract.policies import ConflictPolicy, CopyPolicy, FailedNeedPolicy, PoisonPolicy
from etl.contract.record_form import RecordForm, record_form
from etl.contract.run_parameters import parameter_names
from etl.contract.severity import Severity
from etl.contract.source_format import SourceFormat
from etl.contract.stage import SuiteStage, suite_stage
from etl.contract.structure_levels import StructureLevels
from etl.contract.suite_meta import AnyMeta
from etl.contract.types import ColumnType
from etl.contract.vocabulary import ROW_COUNT_TYPES, UNIQUE_TYPES, VOCABULARY

__all__ = ["ColumnSpec", "Contract", "Reconciliation", "Reference", "Rule", "TableSource"]


@dataclass(frozen=True)
class Rule:
    """One expectation.

    Attributes:
        rule: its stable id.
        type: what Great Expectations calls it.
        kwargs: the library's arguments.
        severity: critical, warning or info.
        why: one sentence for the reviewer.
        counterexample: values of columns that break it, for a rule that no generated fault trips.
        references: those whose helper column it judges.
        history: the bounds from earlier runs that it uses, by name.
    """

    rule: str
    type: str
    kwargs: dict[str, Any]
    severity: Severity
    why: str
    counterexample: dict[str, Any] | None = None
    references: tuple[Reference, ...] = ()
    history: Mapping[str, HistoryBound] = field(default_factory=dict[str, HistoryBound])

    def __post_init__(self) -> None:
        """Take the severity's text too.

        Raises:
            ValueError: there is no such severity.
        """
        object.__setattr__(self, "severity", Severity(self.severity))

    @property
    def parameters(self) -> dict[str, str]:
        """What its bounds take from the run or from its history: names of parameters, by argument."""
        return parameter_names(self.kwargs)

    def history_bound(self, argument: str) -> HistoryBound | None:
        """Return the bound from earlier runs that an argument names, None where it names none."""
        return self.history.get(self.parameters.get(argument, ""))

    @property
    def roots(self) -> tuple[str, ...]:
        """The declared columns that it judges, or something within."""
        return tuple(dict.fromkeys(map(root_of, self.columns)))

    @property
    def columns(self) -> tuple[str, ...]:
        """What it judges: columns, or paths into them."""
        expectation = VOCABULARY[self.type]
        listed_columns = [name for argument in expectation.column_lists for name in self.kwargs[argument]]
        return (*(self.kwargs[argument] for argument in expectation.columns), *listed_columns)


@dataclass(frozen=True, kw_only=True)
class Contract(AnyMeta):
    """A suite as the job uses it: the keys of its meta, and those of the other stage at their defaults.

    Attributes:
        dataset: whose contract it is.
        stage: input or output.
        rules: its expectations.
        masking: what this suite says of persons, or, of one that is paired, what both say.
        optional_columns: of an input that is paired, the columns that a whole file may lack, with what its rows have then.
        suite: the parsed JSON that it was made from.
    """

    # An output's are no columns of a file.
    columns: tuple[ColumnSpec, ...]  # pyright: ignore[reportIncompatibleVariableOverride]
    dataset: str
    stage: SuiteStage
    rules: tuple[Rule, ...]
    masking: Masking = field(default=Masking(), repr=False, compare=False)
    optional_columns: Mapping[str, str] = field(default_factory=dict[str, str], repr=False, compare=False)
    suite: dict[str, Any] = field(repr=False, compare=False, default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        """Take the texts of what it chooses too, as a suite has them.

        Raises:
            ValueError: one of them is none.
        """
        for name, choice in CHOICES.items():
            object.__setattr__(self, name, choice(getattr(self, name)))

    @property
    def loading(self) -> Load:
        """How the rows of an output come into the published table: what `load` says, or what `on_conflict` means."""
        return self.load or Load.from_conflicts(self.on_conflict)

    @property
    def transform_module(self) -> str:
        """The name of the module in `etl/datasets` that has the transform of an output's rows."""
        return self.transform or self.dataset

    @property
    def names(self) -> list[str]:
        """The declared names in their order."""
        return [column.name for column in self.columns]

    @property
    def record_form(self) -> RecordForm:
        """How the records of a JSON file stand in it."""
        return record_form(self.records)

    @property
    def has_key(self) -> bool:
        """Whether columns tell one published row from another: of an output; rows without a key are told by their object."""
        return bool(self.key)

    @property
    def judged_types(self) -> dict[str, ColumnType]:
        """The types of what rules judge: of the declared columns, and by path of what is within them."""
        types = {column.name: column.type for column in self.columns}
        return {**types, **types_within(types)}

    @property
    def input_columns(self) -> tuple[InputColumn, ...]:
        """The declared columns of an input, each with the options that its text is read by."""
        return tuple(InputColumn.from_column(column) for column in self.columns)

    @cached_property
    def file_names(self) -> dict[str, str]:
        """By each declared column, what a file calls it whose values stand under names: JSON, Parquet, ORC."""
        return {column.name: str(file_source(column)) for column in self.columns}

    @property
    def renames_columns(self) -> bool:
        """Whether a file calls a column otherwise than the contract."""
        return any(name != file_name for name, file_name in self.file_names.items())

    @property
    def folder_columns(self) -> tuple[InputColumn, ...]:
        """The declared columns whose values stand in the key of an object, in its folders `<name>=<value>`."""
        return tuple(column for column in self.input_columns if folder_of(column) is not None)

    def as_file_contents(self) -> "Contract":
        """Return the contract of what a file itself holds: without the columns that its key has."""
        columns = tuple(column for column in self.columns if folder_of(column) is None)
        return self if len(columns) == len(self.columns) else replace(self, columns=columns)

    @property
    def has_reading_options(self) -> bool:
        """Whether a column's text is read by options, so that it is not the plain text of its value."""
        return any(column.reading_options for column in self.input_columns)

    @property
    def pii(self) -> frozenset[str]:
        """The columns whose values are masked wherever they leave the lake: of both suites where they are
        `with_shared_masking`.
        """
        return self.masking.columns

    @property
    def helper_columns(self) -> tuple[ColumnSpec, ...]:
        """The helper columns of its references: typed as the columns that point, never published."""
        specs = {column.name: column for column in self.columns}
        return tuple(replace(specs[reference.column], name=reference.name) for reference in self.references)

    def without_rules_on(self, names: set[str]) -> "Contract":
        """Return the contract without the rules that judge one of the columns."""
        return replace(self, rules=tuple(rule for rule in self.rules if not names & set(rule.roots)))

    @property
    def has_lines(self) -> bool:
        """Whether a row is one line of a file: lines are read by any number of tasks, and found again by their text."""
        takes_whole_files = self.dialect.takes_whole_files or self.record_form.takes_whole_files
        return self.format.is_text and not (self.format.takes_whole_files or takes_whole_files)

    def as_stored_rows(self) -> "Contract":
        """Return the contract by which rows that were set aside are read: JSON texts of the declared columns, whatever the
        files were.
        """
        return replace(
            self,
            format=SourceFormat.JSONL,
            columns=tuple(plain_column(column) for column in self.columns),
            dialect=RFC_4180,
            records=RecordForm.LINES,
            sheet="",
            first_row=1,
            header_match=HeaderMatch.EXACT,
            extra_columns=ExtraColumns.REFUSE,
        )

    def without_optional_columns(self) -> "Contract | None":
        """Return the contract of a file that lacks the columns that it may lack; None where it may lack none."""
        columns = tuple(column for column in self.columns if column.name not in self.optional_columns)
        return None if len(columns) == len(self.columns) else replace(self, columns=columns)

    def with_columns(self, columns: tuple[ColumnSpec, ...]) -> "Contract":
        """Return the contract with other columns."""
        return replace(self, columns=columns)

    def without_counts(self) -> "Contract":
        """Return the contract without the rules on how many rows there are."""
        return replace(self, rules=tuple(rule for rule in self.rules if rule.type not in ROW_COUNT_TYPES))

    def is_key_rule(self, rule: Rule) -> bool:
        """Say whether `rule` demands that the key be unique, which concerns the table and not only the run."""
        return rule.type in UNIQUE_TYPES and set(rule.columns) == set(self.key)


# By field of a contract, what reads its text.
CHOICES: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "stage": suite_stage,
        "format": SourceFormat,
        "on_conflict": ConflictPolicy,
        "load": Load.from_json,
        "on_poison": PoisonPolicy,
        "copies": CopyPolicy,
        "on_failed_need": FailedNeedPolicy,
        "dialect": Dialect.from_json,
        "header_match": HeaderMatch,
        "extra_columns": ExtraColumns,
        "structure": StructureLevels.from_json,
    }
)
