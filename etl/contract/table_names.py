"""Names of tables and columns that a table, its quarantine and whoever reads them share."""

RUN = "_run_id"  # which run brought a row
OBJECT, VERSION = "_object", "_version"  # which raw object a row came in
LINE = "_line"  # a row as it came, as text
ORDINAL = "_ordinal"  # the row's number within its object from 0, null where the format counts none
RAW_TEXT = "_raw_text"  # of a line that broke a rule on its structure, the line or record as its object has it
FILE_HEADER = "_file_header"  # the header of the CSV that such a line is from
RULES = "_rules"  # the ids of the warning rules that a row broke, an array of text

RESULTS_OF_RUNS, RESULTS_OF_RULES = "results_runs", "results_rules"
"""Tables of the catalog that are no dataset's: a line for each run, and for each rule of a run."""


def quarantine_of(published: str) -> str:
    """Return the name of a published table's quarantine."""
    return f"{published}_quarantine"


def changes_of(published: str) -> str:
    """Return the name of the table of a published table's deleted keys, where its load is of changes."""
    return f"{published}_changes"


def companion_tables_of(dataset: str) -> set[str]:
    """Return the tables of the catalog that a dataset has beside its published one, whoever makes them."""
    return {
        quarantine_of(dataset),
        changes_of(dataset),
        f"{dataset}_ledger",
        f"{dataset}_ledger_former",
        f"raw_{dataset}",
    }
