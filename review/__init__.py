"""The commands `python -m review` by their old name, until the next version; the code is in `sluice.contracts`."""
