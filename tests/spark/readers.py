"""Published tables as a reader asks them in SQL: Athena's dialect, translated to DuckDB over what lies in the lake."""

import json
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp, parse_one

from components.readers import queries
from components.settings.stack_settings import parse_settings
from etl.contract.layout import DatasetLocations
from sluice.operations.account import Account
from sluice.program.graph import stack_config
from tests.keys import KEYS
from tests.spark.lake import Lake

LEDGER = pa.schema(
    [
        ("$path", pa.string()),
        ("quarantined", pa.list_(pa.string())),
        ("corrected", pa.map_(pa.string(), pa.list_(pa.string()))),
    ]
)
METADATA = ("refs", "snapshots", "history")
DEV_SETTINGS = {
    key.removeprefix("sluice:"): value for key, value in stack_config("dev").items() if key.startswith("sluice:")
}
QUERIES = {
    query.name: query.sql for query in queries.athena_queries(parse_settings(DEV_SETTINGS, "dev", "eu-west-1").datasets)
}
"""The saved queries of a stack, by name."""


def query_lake(lake: Lake, sql: str, now: datetime | None = None) -> list[dict[str, Any]]:
    """Run a query over the tables of the lake's database; `now` is what it takes for the current time.

    DuckDB travels in no time: `FOR TIMESTAMP AS OF` becomes a scan of the snapshot that the table's history has for it.
    """
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        parsed = parse_one(sql, dialect="athena")
        if now:
            instant = exp.cast(exp.Literal.string(now.isoformat()), "TIMESTAMPTZ")
            for node in list(parsed.find_all(exp.CurrentTimestamp)):
                node.replace(instant.copy())
        for node in list(parsed.find_all(exp.Table)):
            _register_table(db, lake, node)
        return db.sql(parsed.sql(dialect="duckdb")).to_arrow_table().to_pylist()


def _register_table(db: duckdb.DuckDBPyConnection, lake: Lake, node: exp.Table) -> None:
    """Let DuckDB know a table under the name that the query has for it; the query's own parts are left alone."""
    name, _, kind = node.name.partition("$")
    if (version := node.args.get("version")) is not None:
        [[milliseconds]] = db.execute(f"SELECT epoch_ms({version.expression.sql(dialect='duckdb')})").fetchall()
        node.set("version", None)
        node.set("this", exp.to_identifier(f"{name} then", quoted=True))
        db.register(f"{name} then", _table_at(_load_table(lake, name), milliseconds))
    elif name.endswith(("_ledger", "_ledger_former")):
        dataset, _, former = name.partition("_ledger")
        places = DatasetLocations("", dataset)
        db.register(name, _ledger_rows(lake, f"{places.former_ledgers if former else places.ledgers}/"))
    elif (table := _load_table(lake, name)) is not None:
        assert not kind or kind in METADATA
        db.register(node.name, getattr(table.inspect, kind)() if kind else table.scan().to_arrow())


def _table_at(table: Any, milliseconds: int) -> pa.Table:
    """Return what readers of `main` saw at a moment."""
    snapshot_ids = [entry.snapshot_id for entry in table.metadata.snapshot_log if entry.timestamp_ms <= milliseconds]
    assert snapshot_ids, "Athena refuses to travel to before the first snapshot"
    return table.scan(snapshot_id=snapshot_ids[-1]).to_arrow()


def _load_table(lake: Lake, name: str) -> Any:
    glue = lake.aws.glue
    account = Account(KEYS.session(), glue.meta.endpoint_url)
    return account.load_table(f"lake.{lake.database}.{name}")


def _ledger_rows(lake: Lake, prefix: str) -> pa.Table:
    """Return every file of a folder of ledgers as the JSON reader of Athena has it: the first object of a line, or nulls."""
    contents = lake.aws.s3.list_objects_v2(Bucket=lake.bucket, Prefix=prefix).get("Contents", ())
    keys = [entry["Key"] for entry in contents]
    assert not keys or [key for key in keys if key.endswith(".segments")], "the folder has files that are no ledger"
    rows = []
    for key in keys:
        text = lake.aws.s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read().decode()
        decoded, _ = json.JSONDecoder().raw_decode(text)
        contents = decoded if isinstance(decoded, dict) else {}  # a list is what is skipped
        corrected = contents.get("corrected")
        rows.append(
            {
                "$path": f"s3://{lake.bucket}/{key}",
                "quarantined": contents.get("quarantined"),
                "corrected": None if corrected is None else list(corrected.items()),
            }
        )
    return pa.Table.from_pylist(rows, schema=LEDGER)
