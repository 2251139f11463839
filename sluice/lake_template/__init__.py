"""A lake of one's own: `init` makes one from this repository, `new` adds a dataset to it from sample files.

Hides copier, how text is put into a file without changing the rest of it, and that all files of a command change together.
"""

__all__ = [
    "code_owners",
    "file_changes",
    "init_lake",
    "new_dataset",
    "stack_entries",
    "template_source",
    "update_check",
]
