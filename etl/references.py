"""Whether what a row points to is published: keys of other datasets as helper columns, joined without the driver.

A suite's `meta.references` names a helper column that rules may use: the value of the row's own column where the other
dataset's published table has it as a key, null where it has not. It exists while rows can still be set aside, and is never
published.
"""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from etl.arguments import Order
from etl.clients import Clients
from etl.contract import Contract, Reference
from etl.head import head
from etl.verdict import RuleResult


@dataclass(frozen=True)
class Known:
    """The references of a contract whose dataset is published, each with the snapshot that this run compares with."""

    order: Order
    snapshots: dict[Reference, str]

    @classmethod
    def of(cls, aws: Clients, order: Order, contract: Contract) -> "Known":
        """Look up which referenced datasets are published, without Spark."""
        heads = {one: head(aws.glue, aws.s3, order.beside(one.dataset)).snapshot for one in contract.references}
        return cls(order, {one: snapshot for one, snapshot in heads.items() if snapshot is not None})

    def judged(self, contract: Contract) -> Contract:
        """Return the contract without the rules that nothing is known for yet."""
        missing = {one.name for one in contract.references if one not in self.snapshots}
        return contract.without_rules_on(missing) if missing else contract

    def joined(self, frame: DataFrame) -> DataFrame:
        """Add each helper column to a frame; keeps one row per row."""
        for reference, snapshot in self.snapshots.items():
            frame = self._joined(frame, reference, snapshot)
        return frame

    def _joined(self, frame: DataFrame, reference: Reference, snapshot: str) -> DataFrame:
        # One snapshot for the whole run: both passes over the rows must come to the same answer.
        table = frame.sparkSession.read.option("versionAsOf", snapshot).table(self.order.beside(reference.dataset))
        # A broadcast would collect the keys on the driver.
        keys = table.select(F.col(reference.key).alias(reference.name)).distinct().hint("shuffle_hash")
        return frame.join(keys, F.col(reference.column) == F.col(reference.name), "left")


def unevaluated(contract: Contract, judged: Contract) -> list[RuleResult]:
    """Return the results of the rules of `contract` that `judged` lacks: neither held nor broken."""
    kept = {rule.rule for rule in judged.rules}
    return [
        RuleResult(rule.rule, contract.stage, rule.severity, held=True, why=rule.why, evaluated=False)
        for rule in contract.rules
        if rule.rule not in kept
    ]
