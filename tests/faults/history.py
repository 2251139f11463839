"""Rules that know history, in a lake under faults: which days they refuse, told from the results that lie there."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.faults.model import Model
from tests.faults.trades import File, Load
from tests.spark.lake import Lake

LAST, TIMES = 3, 3
KNOWING_LOADS = (Load.APPEND, Load.UPSERT)  # whose lakes know history: a copy, and changes, have no rows of a day
ROWS_HIGH = "trades.history.rows_high"
BOUNDS: dict[str, Any] = {
    "rows_high": {"metric": "row_count", "of": "max", "last": LAST, "at_least": 1, "times": TIMES},
    "amount_high": {"metric": "sum", "column": "total_amount", "last": LAST, "at_least": 1},
    "regions_low": {"metric": "distinct_count", "column": "region", "last": LAST, "at_least": 1},
}
RULES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "rows_high": ("critical", "expect_table_row_count_to_be_between", {"max_value": {"$PARAMETER": "rows_high"}}),
    "amount_high": (
        "info",
        "expect_column_sum_to_be_between",
        {"column": "total_amount", "max_value": {"$PARAMETER": "amount_high"}},
    ),
    "regions_low": (
        "info",
        "expect_column_unique_value_count_to_be_between",
        {"column": "region", "min_value": {"$PARAMETER": "regions_low"}},
    ),
}


def run_date_of(day: int) -> date:
    """Return the date of a day of a season: before today, so that results of all days lie near each other."""
    return datetime.now(UTC).date() - timedelta(days=30 - day)


def declare_history(lake: Lake) -> None:
    """Have the output refuse a day with more than three times the most rows of the last three, and watch two figures."""
    key = "contracts/output.json"
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read())
    suite["meta"]["history"] = BOUNDS
    for name, (severity, kind, kwargs) in RULES.items():
        meta = {"rule": f"trades.history.{name}", "why": "As it usually is."}
        suite["expectations"].append({"type": kind, "kwargs": kwargs, "severity": severity, "meta": meta})
    lake.put_key(key, json.dumps(suite).encode())


def refuses_day(s3: Any, bucket: str, model: Model, run_date: date, listing: Mapping[str, File] | None = None) -> bool:
    """Say whether history refuses what a run would publish of a listing: all that is there by default."""
    unread = model.unread_files(listing)
    if model.load not in KNOWING_LOADS:
        return False
    if not unread or unread.keys() & model.published_files.keys():  # a correction is no day
        return False
    lines = [line for line in _lines(s3, bucket) if line["is_ordinary"] and line["run_date"] < run_date.isoformat()]
    counts = [
        line["metrics"]["output"]["row_count"]
        for line in sorted(lines, key=lambda line: (line["run_date"], line["started"], line["run_id"]))
    ]
    rows = sum(row[-2] in unread for row in model.state_after(listing).rows)
    return bool(counts) and rows > math.ceil(TIMES * max(counts[-LAST:]))


def _lines(s3: Any, bucket: str) -> list[dict[str, Any]]:
    stored = s3.list_objects_v2(Bucket=bucket, Prefix="results/runs/dataset=trades/").get("Contents", ())
    return [json.loads(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()) for entry in stored]
