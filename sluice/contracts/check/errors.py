"""What ends a check before or without a verdict."""


class WrongUse(ValueError):
    """What was asked for cannot be done; the message says what can."""


class RunFailed(RuntimeError):
    """A run failed for another reason than its data or contract."""
