"""The commands `python -m sandbox` by their old name, until the next version; the code is in `sluice.sandbox`."""
