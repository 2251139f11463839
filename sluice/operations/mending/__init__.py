"""Rows that were set aside as a file that people mend: JSON lines, a CSV or a workbook, written and taken back.

Hides how a spreadsheet shows a row, what it changes by itself, and how a file is held against the rows that it shows.
"""

__all__ = ["mended_rows", "row_files", "shown_rows"]
