"""When and in which order datasets run: schedules, arriving files, and the state machine.

Hides the states of the flow, its queries in JSONata, and how files that arrive are gathered.
"""

__all__ = ["flow", "queue"]
