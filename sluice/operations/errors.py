"""What a command refuses, and why."""


class WrongUse(ValueError):
    """What was asked for cannot be done; the message says what can. Nothing was changed."""
