"""The rows that were set aside and count: those of the runs that the ledger of the published snapshot names."""

import json
from typing import Any

from etl.contract.masking import Masking
from etl.contract.sample_values import MASK
from etl.contract.table_names import RUN
from sluice.cli.errors import WrongUse
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.short_ids import resolve_id


def quarantined_rows(dataset: DeployedDataset, run: str | None = None) -> list[dict[str, Any]]:
    """Return the rows aside, of one run by its whole id or of all, oldest first.

    `source` is the row as it came, parsed, null of a line that was none, whose text is `raw`.

    Raises:
        WrongUse: the run has none.
    """
    ledger = dataset.ledger
    if run is not None and run not in ledger.quarantined:
        raise WrongUse(f"{dataset.name}: {ledger.replay_refusal(run)}")
    run_ids = [run] if run is not None else list(ledger.quarantined)
    table = dataset.account.load_table(dataset.quarantine) if run_ids else None
    if table is None:
        return []
    from pyiceberg.expressions import In  # noqa: PLC0415  half a second to import

    quarantined = (
        table.scan(row_filter=In(RUN, run_ids))  # pyright: ignore[reportCallIssue]
        .to_arrow()
        .sort_by([("set_aside_at", "ascending"), ("row", "ascending")])
    )
    effective_rows = [row for row in quarantined.to_pylist() if ledger.counts_as_quarantined(row["object"], row[RUN])]
    return [{"raw": None, **row, "source": parse_source(row["source"])} for row in effective_rows]


def resolve_run(dataset: DeployedDataset, text: str) -> str:
    """Return the id of the run that a text names, whole or by its beginning.

    Raises:
        WrongUse: several runs with rows aside begin with it.
    """
    ledger = dataset.ledger
    return resolve_id(text, {*ledger.quarantined, *ledger.replays}, "run")


def count_quarantined_rows(dataset: DeployedDataset) -> int:
    """Return how many rows are aside."""
    ledger = dataset.ledger
    table = dataset.account.load_table(dataset.quarantine) if ledger.quarantined else None
    if table is None:
        return 0
    from pyiceberg.expressions import In  # noqa: PLC0415

    quarantined = table.scan(row_filter=In(RUN, ledger.quarantined), selected_fields=("object", RUN)).to_arrow()  # pyright: ignore[reportCallIssue]
    return sum(ledger.counts_as_quarantined(row["object"], row[RUN]) for row in quarantined.to_pylist())


def parse_source(source: str | None) -> Any:
    """Return a row's text as JSON; numbers stay the text they were, a row that is none stays whole, None is none yet."""
    if source is None:
        return None
    try:
        return json.loads(source, parse_float=str, parse_int=str)
    except ValueError:
        return source


def mask_source(source: Any, masking: Masking) -> Any:
    """Return a row with what may be about a person masked; its fields may be shifted, so each value is looked at."""
    if not isinstance(source, dict):
        return source if source is None else mask_raw(source, masking)
    return {name: value if masking.may_show(value, [name]) else MASK for name, value in source.items()}


def mask_raw(raw: str | None, masking: Masking) -> str | None:
    """Return a line as it stands in its file, as whole lines are shown: not where one may be about a person."""
    return MASK if raw is not None and (masking.applies or masking.hides_lines) else raw
