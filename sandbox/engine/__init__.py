"""Old names of commands, until the next version."""
