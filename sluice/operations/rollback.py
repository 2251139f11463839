"""A rollback carried out: what is un-published is skipped first, then `main` is set, so that a death between loses nothing."""

from typing import Any

from etl.errors import LedgerGone
from etl.ledger import ledger, skip_list
from etl.ledger.ledger import Ledger
from etl.ledger.skip_list import Skip, SkipList
from sluice.cli.errors import WrongUse
from sluice.operations import skip_changes
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.requarantined_rows import bring_back
from sluice.operations.rollback_plan import RollbackPlan
from sluice.operations.snapshot_history import History


def read_ledgers(dataset: DeployedDataset, history: History, target: int) -> tuple[Ledger, Ledger]:
    """Return the ledger of what readers see, behind anything that somebody else wrote, and that of the target."""
    now = (
        ledger.read_ledger(dataset.s3, history.head_at(history.newest_own))
        if history.newest_own is not None
        else Ledger()
    )
    try:
        return now, ledger.read_ledger(dataset.s3, history.head_at(target))
    except LedgerGone as fault:
        raise WrongUse(
            f"{target} cannot be shown: {history.summaries[target][ledger.POINTER]}, its ledger, is gone, and only that of "
            "what readers see can be rebuilt; choose another snapshot"
        ) from fault


def carry_out(dataset: DeployedDataset, table: Any, plan: RollbackPlan, after: Ledger, added: list[Skip]) -> list[str]:
    """Skip `added`, bring back the rows that are aside again, show the target; return runs of which no row aside is kept.

    Args:
        dataset: whose table is set back.
        table: it, as pyiceberg loaded it: the commit is made only on the `main` that it saw then.
        plan: what was agreed.
        after: the target's ledger.
        added: the skips that go with it.

    Raises:
        WrongUse: somebody else changed the table or the skips meanwhile; neither was changed.
    """
    skips = skip_list.read_skip_list(dataset.s3, dataset.location)
    if added:
        skip_changes.write_skip_list(
            dataset, [*skip_changes.without_versions(skips.skipped, plan.skipped), *added], skips
        )
    try:
        lost = bring_back(dataset, plan.quarantined_again, after)
        _set_current_snapshot(table, plan.target)
    except Exception:
        # An answer can be lost after the commit was made: what readers see decides.
        if dataset.head.snapshot != str(plan.target):
            _restore_skips(dataset, skips, added)
            raise
        lost = []
    if plan.undoes_rollback:
        skips = skip_list.read_skip_list(dataset.s3, dataset.location)
        skip_changes.write_skip_list(
            dataset, skip_changes.without_versions(skips.skipped, plan.republished.items()), skips
        )
    return lost


def _set_current_snapshot(table: Any, snapshot: int) -> None:
    from pyiceberg.exceptions import CommitFailedException  # noqa: PLC0415  loaded with the table

    try:
        table.manage_snapshots().set_current_snapshot(snapshot_id=snapshot).commit()
    except CommitFailedException as fault:
        raise WrongUse(
            f"somebody else changed the table at the same time ({fault}); readers see what that left and nothing was "
            "rolled back or skipped: look again (status), then try again"
        ) from fault


def _restore_skips(dataset: DeployedDataset, before: SkipList, added: list[Skip]) -> None:
    """Leave the skips as they were, but for what others changed meanwhile."""
    if not added:
        return
    versions = {(skip.key, skip.version) for skip in added}
    now = skip_list.read_skip_list(dataset.s3, dataset.location)
    remaining = [skip for skip in now.skipped if skip not in added]
    skip_changes.write_skip_list(
        dataset, [*remaining, *(skip for skip in before.skipped if (skip.key, skip.version) in versions)], now
    )
