"""What tells a person: alarms, the topic, dead letters, logs and the dashboard."""
