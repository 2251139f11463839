"""The demo's customers who come as changes: inserts, an update, a delete, and an update that comes after the delete."""

import json
from typing import Any

from etl.contract.stage import Stage
from etl.storage.raw_objects import S3Prefix
from sluice.sandbox import published_rows
from sluice.sandbox.demo.quarantine_day import ROW_LIMIT, upload_and_run
from sluice.sandbox.lake import Dataset
from sluice.sandbox.output import SandboxConsole
from sluice.sandbox.try_day import RunFailed

OPERATION = {"name": "op", "type": "string", "description": "what the change does: c, u or d"}
ORDER = {"name": "changed_at", "type": "timestamp", "description": "when the customer changed, UTC"}
LOAD = {"kind": "changes", "operation": OPERATION["name"], "order": [ORDER["name"]]}
STAGES = (Stage.INPUT, Stage.OUTPUT)
CHANGES_FILE, LATE_FILE = "changes.jsonl", "late_changes.jsonl"
DELETED = "CUST199"


def run_changes_day(console: SandboxConsole, customers: Dataset) -> None:
    """Tell of changes: what is deleted is gone, and a change that comes late undoes nothing.

    Raises:
        RunFailed: readers see a customer who was deleted.
    """
    console.print_heading(
        "10. The CRM sends changes: a new customer, a new address, a deletion, and one that comes late"
    )
    _declare_changes(customers)
    console.print_paragraph("The contract of customers says from now on how a day loads:")
    console.print_verbatim(f'"load": {json.dumps(LOAD)}')
    upload_and_run(console, customers, CHANGES_FILE, "2025-01-22.jsonl", "SUCCEEDED")
    _show_customers(console, customers)
    console.print_paragraph(
        f"An address of {DELETED} arrives that was changed half an hour before the customer was deleted. It stays out:"
    )
    upload_and_run(console, customers, LATE_FILE, "2025-01-23.jsonl", "SUCCEEDED")
    _show_customers(console, customers)


def _show_customers(console: SandboxConsole, customers: Dataset) -> None:
    rows = published_rows.published_rows(customers, ROW_LIMIT)
    console.print_paragraph("Readers see:")
    console.print_rows(rows)
    if DELETED in (row["customer_id"] for row in rows):
        raise RunFailed(f"{DELETED} was deleted, and readers see it")


def _declare_changes(customers: Dataset) -> None:
    """Let the deployed contract take changes: the one in `expectations` takes whole customers."""
    read, published = (customers.deployed.read_json(customers.arguments[f"--{stage}-contract"]) for stage in STAGES)
    read["meta"]["columns"] = [OPERATION, {**ORDER, "type": "string"}, *read["meta"]["columns"]]
    published["meta"]["columns"].append(ORDER)
    published["meta"].pop("on_conflict")
    published["meta"]["load"] = LOAD
    for stage, suite in zip(STAGES, (read, published), strict=True):
        _put_suite(customers, stage, suite)


def _put_suite(customers: Dataset, stage: Stage, suite: dict[str, Any]) -> None:
    place = S3Prefix.from_uri(customers.arguments[f"--{stage}-contract"])
    customers.deployed.s3.put_object(Bucket=place.bucket, Key=place.prefix, Body=json.dumps(suite).encode())
