"""A contract as the job and the tools use it: one Great Expectations suite with its columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from etl.contract.masking import Masking
from etl.contract.policies import ConflictPolicy, FailedNeedPolicy, PoisonPolicy
from etl.contract.severity import Severity
from etl.contract.source_format import SourceFormat
from etl.contract.stage import SuiteStage, suite_stage
from etl.contract.types import ColumnType
from etl.contract.vocabulary import ROW_COUNT_TYPES, UNIQUE_TYPES, VOCABULARY


@dataclass(frozen=True)
class ColumnSpec:
    """A declared column: its name, Spark SQL type, meaning, and whether it is about a person."""

    name: str
    type: ColumnType
    description: str
    pii: bool = False

    def __post_init__(self) -> None:
        """Take the type's text too.

        Raises:
            ValueError: a contract may not declare it.
        """
        object.__setattr__(self, "type", ColumnType(self.type))


@dataclass(frozen=True)
class Reference:
    """A key of another dataset that rows point to: as the helper column `name` it is `column`'s value, null if unknown."""

    name: str
    column: str
    dataset: str
    key: str


@dataclass(frozen=True)
class TableSource:
    """A published table that rows are built from: `columns` are read, and only a change in these counts.

    One source has `day`, its column of dates that says which day a row is built for. Each other has `on`, the column by
    which that one's rows, where it has the same name, find theirs.
    """

    dataset: str
    columns: tuple[str, ...]
    day: str = ""
    on: str = ""


@dataclass(frozen=True)
class Reconciliation:
    """Sums that the output shares with a source: by own column, what the source calls it; `*` counts its rows."""

    dataset: str
    by: Mapping[str, str]
    sums: Mapping[str, str]


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
    """

    rule: str
    type: str
    kwargs: dict[str, Any]
    severity: Severity
    why: str
    counterexample: dict[str, Any] | None = None
    references: tuple[Reference, ...] = ()

    def __post_init__(self) -> None:
        """Take the severity's text too.

        Raises:
            ValueError: there is no such severity.
        """
        object.__setattr__(self, "severity", Severity(self.severity))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it judges."""
        expectation = VOCABULARY[self.type]
        listed_columns = [name for argument in expectation.column_lists for name in self.kwargs[argument]]
        return (*(self.kwargs[argument] for argument in expectation.columns), *listed_columns)


@dataclass(frozen=True)
class Contract:
    """A suite as the job uses it; `format` is the input's, `key`, `partition_by` and `freshness_hours` are the output's.

    `max_quarantined` is the share of rows, 0 to 1, that its warnings may set aside before the run fails; `references` are
    keys of other datasets that the output's rows point to. `on_conflict` says what a key that the table holds from another
    object is: a violation (refuse), or the newer object's row wins (replace). `on_poison` says whether an object that
    breaks the contract blocks the run's others (block), or these are published and the run fails all the same (isolate).
    `sources` are the tables that an input of format `tables` is built from, `day` its column of the day that a row is of;
    `reconciles` are the sums that the output shares with them. `on_failed_need` says whether a flow runs the dataset all
    the same where one that it needs failed (run), or not (stop). `transform` is the module of `etl/datasets` that its rows
    go through, empty where that is the dataset's own. `masking` is what this suite says of persons, or, of one that
    is `with_shared_masking`, what both say.
    """

    dataset: str
    stage: SuiteStage
    version: str
    owner: str
    description: str
    columns: tuple[ColumnSpec, ...]
    rules: tuple[Rule, ...]
    key: tuple[str, ...] = ()
    partition_by: tuple[str, ...] = ()
    freshness_hours: int | None = None
    format: SourceFormat = SourceFormat.CSV
    max_quarantined: float = 0
    references: tuple[Reference, ...] = ()
    on_conflict: ConflictPolicy = ConflictPolicy.REFUSE
    on_poison: PoisonPolicy = PoisonPolicy.BLOCK
    on_failed_need: FailedNeedPolicy = FailedNeedPolicy.RUN
    sources: tuple[TableSource, ...] = ()
    day: str = ""
    reconciles: tuple[Reconciliation, ...] = ()
    transform: str = ""
    masking: Masking = field(default=Masking(), repr=False, compare=False)
    suite: dict[str, Any] = field(repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Take the texts of what it chooses too, as a suite has them.

        Raises:
            ValueError: one of them is none.
        """
        for name, choice in CHOICES.items():
            object.__setattr__(self, name, choice(getattr(self, name)))

    @property
    def transform_module(self) -> str:
        """The name of the module in `etl/datasets` that has the transform of an output's rows."""
        return self.transform or self.dataset

    @property
    def names(self) -> list[str]:
        """The declared names in their order."""
        return [column.name for column in self.columns]

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
        return replace(self, rules=tuple(rule for rule in self.rules if not names & set(rule.columns)))

    def without_counts(self) -> "Contract":
        """Return the contract without the rules on how many rows there are."""
        return replace(self, rules=tuple(rule for rule in self.rules if rule.type not in ROW_COUNT_TYPES))

    def is_key_rule(self, rule: Rule) -> bool:
        """Say whether `rule` demands that the key be unique, which concerns the table and not only the run."""
        return rule.type in UNIQUE_TYPES and set(rule.columns) == set(self.key)


# By field of a contract, what reads its text.
CHOICES: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "stage": suite_stage,
        "format": SourceFormat,
        "on_conflict": ConflictPolicy,
        "on_poison": PoisonPolicy,
        "on_failed_need": FailedNeedPolicy,
    }
)
