"""What a command refuses, and why."""

from etl.errors import SluiceError


class WrongUse(ValueError):
    """What was asked for cannot be done; the message says what can. Nothing was changed."""


class NoFlow(SluiceError):
    """No state machine runs a stack's jobs; the message says where it was looked for."""
