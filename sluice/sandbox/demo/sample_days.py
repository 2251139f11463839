"""The days that the demo tells of, by dataset: what other commands of the sandbox show of a lake that has these datasets."""

SAMPLE_DAYS = {"sales": "sluice/sandbox/demo/days/good.csv", "customers": "sluice/sandbox/demo/days/customers.jsonl"}
"""The sample day of each dataset that has one, below the repository's root."""
