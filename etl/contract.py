"""A contract: one Great Expectations suite with its columns, loaded strictly.

The library drops what it does not know and passes an empty suite; here whatever cannot be meant is an error, all faults
at once, each with file, rule and remedy.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from etl.errors import ContractInvalid
from etl.strict import faults_of
from etl.vocabulary import UNIQUE, VOCABULARY


@dataclass(frozen=True)
class ColumnSpec:
    """A declared column: its name, Spark SQL type, meaning, and whether it is about a person."""

    name: str
    type: str
    description: str
    pii: bool = False


@dataclass(frozen=True)
class Rule:
    """One expectation: `rule` is its stable id, `why` the sentence for the reviewer, `kwargs` the library's arguments."""

    rule: str
    type: str
    kwargs: dict[str, Any]
    severity: str
    why: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it judges."""
        known = VOCABULARY[self.type]
        listed = [name for argument in known.column_lists for name in self.kwargs[argument]]
        return (*(self.kwargs[argument] for argument in known.columns), *listed)


@dataclass(frozen=True)
class Contract:
    """A suite as the job uses it; `key`, `partition_by` and `freshness_hours` are the output's only."""

    dataset: str
    stage: str
    version: str
    owner: str
    description: str
    columns: tuple[ColumnSpec, ...]
    rules: tuple[Rule, ...]
    key: tuple[str, ...] = ()
    partition_by: tuple[str, ...] = ()
    freshness_hours: int | None = None
    format: str = "csv"
    suite: dict[str, Any] = field(repr=False, compare=False, default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The declared names in their order."""
        return [column.name for column in self.columns]

    @property
    def pii(self) -> frozenset[str]:
        """The columns whose values are masked wherever they leave the lake."""
        return frozenset(column.name for column in self.columns if column.pii)

    def is_key_rule(self, rule: Rule) -> bool:
        """Say whether `rule` demands that the key be unique, which concerns the table and not only the run."""
        return rule.type in UNIQUE and set(rule.columns) == set(self.key)


def load(text: str, where: str) -> Contract:
    """Read a suite file's text; `where` names the file in messages.

    Raises:
        ContractInvalid: with every fault, each naming file, rule and remedy.
    """
    try:
        suite = json.loads(text, object_pairs_hook=_unique_keys)
    except ValueError as error:
        raise ContractInvalid(f"{where}: this is no JSON a contract can be: {error}") from error
    if faults := faults_of(suite):
        raise ContractInvalid("\n".join(f"{where}: {fault}" for fault in faults))
    meta = suite["meta"]
    dataset, stage = suite["name"].split(".")
    return Contract(
        dataset=dataset,
        stage=stage,
        version=meta["version"],
        owner=meta["owner"],
        description=meta["description"],
        columns=tuple(ColumnSpec(**column) for column in meta["columns"]),
        rules=tuple(_rule(expectation) for expectation in suite["expectations"]),
        key=tuple(meta.get("key", ())),
        partition_by=tuple(meta.get("partition_by", ())),
        freshness_hours=meta.get("freshness_hours"),
        format=meta.get("format", "csv"),
        suite=suite,
    )


def _rule(expectation: dict[str, Any]) -> Rule:
    meta = expectation["meta"]
    severity = expectation.get("severity", "critical")
    return Rule(meta["rule"], expectation["type"], expectation["kwargs"], severity, meta["why"])


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"the key {', '.join(map(repr, twice))} stands twice in one object; keep one of them")
    return found
