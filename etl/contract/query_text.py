"""A query's text, before anybody parses it: where its batch stands, and what no parser would show."""

import re

QUERY = "unexpected_rows_query"
"""The argument of an expectation that is SQL."""
BATCH = "{batch}"
LIBRARY_BATCH_NAME = "tmp_view"
"""The library's own name for the batch (great_expectations, query_metrics/query_row_count)."""
MAX_QUERY_LENGTH = 20_000  # characters
REMEDY = "write one SELECT over {batch}, which may join itself, with functions of etl/contract/query_functions.py"
HIDDEN = re.compile(r"[^\n\r\t -~\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def escape_braces(query: str) -> str:
    """Return a query as the library takes it: all braces but those of `{batch}` doubled, so that `str.format` reads none."""
    return BATCH.join(part.replace("{", "{{").replace("}", "}}") for part in query.split(BATCH))


def substitute_batch(query: str, table: str) -> str:
    """Return the SQL that runs: `table` for `{batch}`, and without a last semicolon, which the library takes off too."""
    return query.replace(BATCH, table).rstrip("; \t\r\n\v\f")


def fault_of_text(query: str) -> str | None:
    """Say why a query's text is refused whatever it parses to; None where it is not."""
    if BATCH not in query:
        return f"it does not name {BATCH}"
    if "${" in query:
        return "it holds ${, which Spark replaces by a variable of the session or the environment"
    if LIBRARY_BATCH_NAME in query.lower():
        return f"it holds {LIBRARY_BATCH_NAME}, the name that {BATCH} has while it runs"
    if hidden := HIDDEN.search(query):
        return f"it holds the control character U+{ord(hidden[0]):04X}"
    if len(query) > MAX_QUERY_LENGTH:
        return f"it is {len(query)} characters long, and the most is {MAX_QUERY_LENGTH}"
    return None
