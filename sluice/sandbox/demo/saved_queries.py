"""The stack's saved questions, asked of what is published: Athena's SQL, translated for DuckDB over the tables' files."""

from datetime import date
from typing import Any

from components.settings.lake_folder import expectations_folder
from sluice.sandbox.lake import Dataset
from sluice.sandbox.published_values import to_json_value


def run_saved_query(query_name: str, dataset: Dataset, today: date) -> list[dict[str, Any]]:
    """Return the rows that `expectations/<dataset>/queries/<query_name>.sql`, which reads `dataset` alone, has for an answer.

    `today` is what it takes for the current date; numbers and dates are text.
    """
    # Half a second to import, and only who asks pays it.
    import duckdb  # noqa: PLC0415
    from sqlglot import exp, parse_one  # noqa: PLC0415

    file = expectations_folder() / dataset.name / "queries" / f"{query_name}.sql"
    parsed = parse_one(file.read_text(encoding="utf-8"), dialect="athena")
    for node in list(parsed.find_all(exp.CurrentDate)):
        node.replace(exp.cast(exp.Literal.string(today.isoformat()), "DATE"))
    table = dataset.emulator.account.load_table(dataset.arguments["--table"])
    with duckdb.connect() as connection:
        connection.register(dataset.name, table.scan().to_arrow())
        rows = connection.sql(parsed.sql(dialect="duckdb")).to_arrow_table().to_pylist()
    return [{name: to_json_value(value) for name, value in row.items()} for row in rows]
