"""One module a command: `arguments(parser)` and `run(dataset, options)`, which returns the exit code.

Hides what a command asks of AWS.
"""

__all__ = [
    "quarantine",
    "repair",
    "replay",
    "rerun",
    "retire",
    "rollback",
    "skip",
    "start",
    "status",
    "unskip",
    "withdraw",
]
