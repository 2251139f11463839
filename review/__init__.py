"""Old names of commands, until the next version: `sluice.cli.old_names` has the new ones."""
