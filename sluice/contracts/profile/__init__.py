"""`profile`: a draft of both suites of a dataset from a sample."""
