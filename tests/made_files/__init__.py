"""Files that hypothesis makes up, written by Python's own `csv` and `json` and by pyarrow, with the rows that they mean."""
