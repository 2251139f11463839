"""Contracts as a reviewer reads them: a package for each command, from `lint` to `docs`.

Hides Spark from all commands but `prove` and `backtest`.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = ["backtest", "dataset_names", "diff", "docs", "export", "lint", "profile", "prove", "schema", "suite_files"]
