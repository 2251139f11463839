"""What runs on Glue: the way of one file from the raw bucket to the published table.

Hides Spark and Great Expectations from the program and from most tools: of these `etl.contract` alone needs neither.
"""

__all__ = [
    "contract",
    "datasets",
    "errors",
    "gate",
    "history",
    "iceberg",
    "job",
    "ledger",
    "maintenance",
    "messages",
    "pipeline",
    "removal",
    "reporting",
    "results",
    "run",
    "runtime",
    "sources",
    "storage",
    "transform_errors",
    "wording",
]
