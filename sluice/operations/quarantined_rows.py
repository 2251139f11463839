"""The rows that were set aside and count: those of the runs that the ledger of the published snapshot names."""

import json
from typing import Any

from etl.contract.masking import Masking
from etl.contract.sample_values import MASK
from etl.contract.table_names import RUN
from sluice.operations.deployed_dataset import Deployed
from sluice.operations.errors import WrongUse


def rows(dataset: Deployed, run: str | None = None) -> list[dict[str, Any]]:
    """Return the rows aside, of one run or of all, oldest first; `source` is the row as it came, parsed.

    Raises:
        WrongUse: the run has none.
    """
    known = dataset.ledger
    if run is not None and run not in known.quarantined:
        raise WrongUse(f"{dataset.name}: {known.refusal(run)}")
    counted = [run] if run is not None else list(known.quarantined)
    table = dataset.account.table(dataset.quarantine) if counted else None
    if table is None:
        return []
    from pyiceberg.expressions import In  # noqa: PLC0415  half a second to import

    found = (
        table.scan(row_filter=In(RUN, counted))  # pyright: ignore[reportCallIssue]
        .to_arrow()
        .sort_by([("set_aside_at", "ascending"), ("row", "ascending")])
    )
    every = [row for row in found.to_pylist() if known.counts(row["object"], row[RUN])]
    return [{**row, "source": parsed(row["source"])} for row in every]


def count(dataset: Deployed) -> int:
    """Return how many rows are aside."""
    known = dataset.ledger
    table = dataset.account.table(dataset.quarantine) if known.quarantined else None
    if table is None:
        return 0
    from pyiceberg.expressions import In  # noqa: PLC0415

    found = table.scan(row_filter=In(RUN, known.quarantined), selected_fields=("object", RUN)).to_arrow()  # pyright: ignore[reportCallIssue]
    return sum(known.counts(row["object"], row[RUN]) for row in found.to_pylist())


def parsed(source: str) -> Any:
    """Return a row's text as JSON; numbers stay the text they were, a row that is none stays whole."""
    try:
        return json.loads(source, parse_float=str, parse_int=str)
    except ValueError:
        return source


def masked(source: Any, masking: Masking) -> Any:
    """Return a row with what may be about a person masked; its fields may be shifted, so each value is looked at."""
    if not isinstance(source, dict):
        return MASK if masking.applies else source
    return {name: value if masking.may_show(value, [name]) else MASK for name, value in source.items()}
