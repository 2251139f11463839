"""`prove`: every rule of a dataset is shown to bite."""
