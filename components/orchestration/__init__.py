"""When and in which order datasets run: schedules, arriving files, and the state machine."""
