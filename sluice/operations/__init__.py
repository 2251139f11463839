"""An operator's commands against a deployed lake, on AWS or in the sandbox: nothing here runs on Glue or needs a JVM.

Hides the clients, the ledger's files and how a table is rolled back; the commands are the face.
"""

__all__ = [
    "account",
    "command_options",
    "commands",
    "deployed_dataset",
    "flows",
    "job_runs",
    "quarantined_rows",
    "retiring",
]
