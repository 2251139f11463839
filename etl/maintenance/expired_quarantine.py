"""Which rows of a quarantine nobody will ask for again."""

from datetime import datetime, timedelta

from etl.ledger.ledger import Ledger
from etl.ledger.quarantine_table import counting_condition


def removal_condition(ledger: Ledger, now: datetime, unpublished_days: int, quarantine_days: int) -> str:
    """Return Spark SQL for the rows to remove: those that do not count, and those that are too old.

    A run's rows are in the quarantine before the ledger names it, so what does not count yet stays for `unpublished_days`.
    `quarantine_days` 0 is for ever.
    """
    uncounted = f"NOT ({counting_condition(ledger)}) AND {_age_condition(now, unpublished_days)}"
    return f"({uncounted}) OR {_age_condition(now, quarantine_days)}" if quarantine_days else uncounted


def _age_condition(now: datetime, days: int) -> str:
    limit = now - timedelta(days=days)
    return f"set_aside_at < timestamp_millis({int(limit.timestamp() * 1000)})"
