"""The command `sluice`: the table of its commands, and what all of them share.

Hides typer's and rich's page layout from the commands, which come as plain functions, and Python's exceptions from the user.
"""

__all__ = ["app", "commands", "errors", "exit_codes", "module_parser", "old_names", "options"]
