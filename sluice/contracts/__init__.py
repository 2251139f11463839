"""Contracts as a reviewer reads them: a package for each command, from `lint` to `export`.

Hides Spark from all commands but `prove` and `backtest`.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = [
    "backtest",
    "check",
    "dataset_names",
    "diff",
    "export",
    "importing",
    "lint",
    "output_form",
    "profile",
    "prove",
    "rule_words",
    "schema",
    "suite_files",
    "tables",
]
