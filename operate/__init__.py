"""The commands `python -m operate` by their old name, until the next version; the code is in `sluice.operations`."""
