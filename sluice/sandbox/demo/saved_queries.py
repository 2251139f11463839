"""The stack's saved questions, asked of what is published: Athena's SQL, translated for DuckDB over the tables' files."""

from datetime import date
from typing import Any

from sluice.sandbox.emulator.emulator import ROOT
from sluice.sandbox.lake import Dataset
from sluice.sandbox.published_rows import plain

QUESTIONS = ROOT / "components" / "readers" / "sql" / "athena"


def answer(question: str, dataset: Dataset, today: date) -> list[dict[str, Any]]:
    """Return the rows that `components/readers/sql/athena/<question>.sql`, which is about `dataset` alone, has for an answer.

    `today` is what it takes for the current date; numbers and dates are text.
    """
    # Half a second to import, and only who asks pays it.
    import duckdb  # noqa: PLC0415
    from sqlglot import exp, parse_one  # noqa: PLC0415

    parsed = parse_one((QUESTIONS / f"{question}.sql").read_text(encoding="utf-8"), dialect="athena")
    for node in list(parsed.find_all(exp.CurrentDate)):
        node.replace(exp.cast(exp.Literal.string(today.isoformat()), "DATE"))
    table = dataset.emulator.account.table(dataset.arguments["--table"])
    with duckdb.connect() as db:
        db.register(dataset.name, table.scan().to_arrow())
        rows = db.sql(parsed.sql(dialect="duckdb")).to_arrow_table().to_pylist()
    return [{name: plain(value) for name, value in row.items()} for row in rows]
