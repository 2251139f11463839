"""The proof of the one rule that compares a copy of a snapshot with the table: too many rows would leave."""

from collections.abc import Iterator

from etl.contract.model import Contract
from etl.contract.stage import Stage
from etl.contract.structure_rules import StructureRule
from sluice.contracts.prove.lake import Lake
from sluice.contracts.prove.report import Proof
from sluice.contracts.prove.transform_faults import broken_rules
from sluice.contracts.prove.valid_day import ValidDay

CUT_OFF = "a copy of which only the first row is left"
ALL_MAY_LEAVE = "its max_gone is {}, so that any copy may come: no copy can trip it; allow a smaller share to leave"
UNTRIPPED = "a copy with one row of {} does not break it"


def prove_gone(output: Contract, day: ValidDay, lake: Lake) -> Iterator[Proof]:
    """Yield the proof that a copy is refused which lacks most rows of the one before; none where a day has too few rows.

    Args:
        output: the contract of the snapshot.
        day: rows that keep both contracts.
        lake: where copies go through the gate.
    """
    rule, allowed, rows = StructureRule.GONE.id_of(output.dataset), output.loading.max_gone, len(day.raw)
    if allowed >= 1:
        yield Proof(rule, Stage.STRUCTURE, why=ALL_MAY_LEAVE.format(allowed))
        return
    if rows - 1 <= allowed * rows:
        return
    tripped = broken_rules(lake.run_copies(output, day.raw, day.raw[:1]))
    why = "" if rule in tripped else UNTRIPPED.format(rows)
    yield Proof(rule, Stage.STRUCTURE, CUT_OFF, tuple(sorted(tripped - {rule})), why)
