"""The lake's trades under each load: what `expectations/trades` says, with a load of the output beside it."""

import json
from collections.abc import Mapping
from typing import Any

from tests.lake import LAKE

OPERATION, ORDER = "op", "sequence"
CHANGES: Mapping[str, Any] = {"kind": "changes", "operation": OPERATION, "order": [ORDER]}
SNAPSHOT: Mapping[str, Any] = {"kind": "snapshot"}
FOLDERS: Mapping[str, Any] = {"kind": "snapshot", "of": "folder"}
CHANGES_HEADER = (
    "op,sequence,transaction_id,customer_id,product_id,quantity,unit_price,transaction_date,region"  # as DMS writes
)


def trades_suites(load: str | Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the suites of trades by stage; changes have an `op` before all columns, and are published with a `sequence`."""
    suites = {
        stage: json.loads((LAKE / "expectations" / "trades" / f"{stage}.json").read_text())
        for stage in ("input", "output")
    }
    suites["output"]["meta"]["load"] = load
    if isinstance(load, Mapping) and load["kind"] == "changes":
        sequence = {"name": ORDER, "type": "int", "description": "one more with each change"}
        operation = {"name": OPERATION, "type": "string", "description": "I, U or D"}
        columns = suites["input"]["meta"]["columns"]
        suites["input"]["meta"]["columns"] = [operation, {**sequence, "type": "string"}, *columns]
        suites["output"]["meta"]["columns"].append(sequence)
    return suites
