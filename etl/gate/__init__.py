"""The checks on what is read and on what was written, and what becomes of rows that break them."""
