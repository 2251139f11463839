"""The commands of `sluice deployer`, a module each; `reach` is in the package of its walk.

Hides nothing: a command's module says what it takes, and prints documents as JSON or commands for a shell.
"""

__all__ = ["boundary", "deploy", "environments", "preview"]
