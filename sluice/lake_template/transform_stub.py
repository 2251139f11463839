"""The transform that a new dataset begins with: it publishes what came, typed, until somebody adds columns."""

import keyword

STUB = '''"""{title}: published as they come, typed.

A column that is computed is named in `ADDS` and in the output suite, and `transform` adds it.
"""

from pyspark.sql import DataFrame

ADDS = ()


def transform({rows}: DataFrame) -> DataFrame:
    """Return every row and column as it is."""
    return {rows}
'''


def render_transform(dataset: str) -> str:
    """Return the text of `etl/datasets/<dataset>.py`."""
    rows = "rows" if keyword.iskeyword(dataset) or keyword.issoftkeyword(dataset) else dataset
    return STUB.format(title=dataset.replace("_", " ").capitalize(), rows=rows)
