"""An AWS emulator on loopback, and what it takes to run Glue jobs, flows and alarms in it.

Hides MiniStack, and the places in it that our adapters take.
"""

__all__ = ["emulator", "keys", "mailbox", "recorder", "subscriber"]
