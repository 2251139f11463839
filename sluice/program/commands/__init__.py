"""The commands of `sluice` on the program, a module each.

Hides nothing: a command's module says what it takes and prints what the package around it finds.
"""

__all__ = ["deployer", "plan", "wheels"]
