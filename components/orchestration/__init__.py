"""When and in which order datasets run, and who tells of it: schedules, arriving files, and the state machines.

Hides the states of the flow and of the watch, their queries in JSONata, and how files that arrive are gathered.
"""

__all__ = [
    "digest",
    "due",
    "due_groups",
    "due_states",
    "due_words",
    "flow",
    "message_words",
    "queue",
    "run_words",
    "stack_alarm",
    "watch",
    "watch_states",
    "watch_words",
]
