"""What operators' commands cannot find, and why."""

from etl.errors import SluiceError


class NoFlow(SluiceError):
    """No state machine runs a stack's jobs; the message says where it was looked for."""
