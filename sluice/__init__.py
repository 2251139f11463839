"""The tools beside the job and the program: contracts, operations, the sandbox, and looks at the program.

Hides nothing from its commands; the job and the program import nothing of it.
"""

__all__ = ["architecture", "cli", "console", "contracts", "lake_template", "operations", "program", "sandbox", "site"]
