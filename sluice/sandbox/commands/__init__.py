"""The commands of `sluice` that work on this machine, a module each.

Hides nothing: a command's module only says what it takes.
"""

__all__ = ["arrive", "dataset_files", "demo", "try_files", "up"]
