"""Whether what a row points to is published: keys of other datasets as helper columns, joined without the driver.

A suite's `meta.references` names a helper column that rules may use: the value of the row's own column where the other
dataset's published table has it as a key, null where it has not. It exists while rows can still be set aside, and is never
published.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.contract.faults import Fault
from etl.contract.model import Contract, Reference
from etl.contract.validation.cross_dataset import Publication, unresolved_reference
from etl.errors import ContractInvalid
from etl.gate.primary_key import KEY_PROPERTY as KEY
from etl.iceberg.current_snapshot import Head, read_head
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.runtime.arguments import JobArguments
from etl.storage.clients import Clients


@dataclass(frozen=True)
class ResolvedReferences:
    """The references of a contract whose dataset is published, each with the snapshot that this run compares with."""

    arguments: JobArguments
    snapshots: dict[Reference, str]

    @classmethod
    def from_published(cls, aws: Clients, arguments: JobArguments, contract: Contract) -> "ResolvedReferences":
        """Look up which referenced datasets are published, without Spark.

        Raises:
            ContractInvalid: what a reference names is not the whole key of a published table, as its snapshot says it.
        """
        heads = {
            reference: read_head(aws.glue, aws.s3, arguments.table_of(reference.dataset))
            for reference in contract.references
        }
        _raise_faults(
            arguments,
            (fault for reference, published_head in heads.items() for fault in _key_faults(reference, published_head)),
        )
        return cls(
            arguments,
            {
                reference: published_head.snapshot
                for reference, published_head in heads.items()
                if published_head.snapshot is not None
            },
        )

    def without_unresolved_rules(self, contract: Contract) -> Contract:
        """Return the contract without the rules that nothing is known for yet."""
        missing = {reference.name for reference in contract.references if reference not in self.snapshots}
        return contract.without_rules_on(missing) if missing else contract

    def join_columns(self, frame: DataFrame) -> DataFrame:
        """Add each helper column to a frame; keeps one row per row.

        Raises:
            ContractInvalid: a reference names a column that the other table has not.
        """
        for reference, snapshot in self.snapshots.items():
            frame = self._join_column(frame, reference, snapshot)
        return frame

    def _join_column(self, frame: DataFrame, reference: Reference, snapshot: str) -> DataFrame:
        # One snapshot for the whole run: both passes over the rows must come to the same answer.
        table = frame.sparkSession.read.option("versionAsOf", snapshot).table(
            self.arguments.table_of(reference.dataset)
        )
        columns = dict(table.dtypes)
        if reference.key not in columns:
            _raise_faults(self.arguments, unresolved_reference(reference, Publication(columns)))
        # A broadcast would collect the keys on the driver.
        keys = table.select(F.col(reference.key).alias(reference.name)).distinct().hint("shuffle_hash")
        return frame.join(keys, F.col(reference.column) == F.col(reference.name), "left")


def unevaluated_results(contract: Contract, judged: Contract) -> list[RuleResult]:
    """Return the results of the rules of `contract` that `judged` lacks: not evaluated."""
    judged_ids = {rule.rule for rule in judged.rules}
    return [
        RuleResult(rule.rule, contract.stage, rule.severity, RuleState.NOT_EVALUATED, why=rule.why)
        for rule in contract.rules
        if rule.rule not in judged_ids
    ]


def _key_faults(reference: Reference, head: Head) -> Iterator[Fault]:
    """Yield what is wrong with a reference where the published snapshot says what its table's key is."""
    key: object = None
    with suppress(ValueError):
        key = json.loads(head.summary.get(KEY, "null"))
    if isinstance(key, list) and key != [reference.key]:
        names = tuple(map(str, key))
        yield from unresolved_reference(reference, Publication({**dict.fromkeys(names, ""), reference.key: ""}, names))


def _raise_faults(arguments: JobArguments, faults: Iterator[Fault]) -> None:
    if messages := [f"{arguments.dataset}.output: {fault}" for fault in faults]:
        raise ContractInvalid("\n".join(messages))
