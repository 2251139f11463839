"""What tells a person: alarms, the topic, dead letters, logs and the dashboard.

Hides metrics, their dimensions and periods, and how a target that cannot be reached is noticed.
"""

__all__ = ["alarms", "channels", "dashboard", "dead_letters", "listeners", "logs", "topic"]
