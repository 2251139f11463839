"""Contracts as a reviewer reads them: a package for each command, from `lint` to `docs`.

Hides Spark from all commands but `prove` and `backtest`.
"""

__all__ = ["backtest", "commands", "diff", "docs", "export", "lint", "profile", "prove", "schema", "suite_files"]
