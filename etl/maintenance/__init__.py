"""The weekly maintenance of a dataset's tables: it changes how they are stored, and nothing that a reader sees."""
