"""A stack's configuration: read, checked, and handed on as frozen records.

Hides how the engine hands values over, how each is read and told of, and how faults are gathered before one is raised.
"""

__all__ = [
    "boundary",
    "config_reader",
    "contracts",
    "cron",
    "dataset_options",
    "lake_folder",
    "option_types",
    "options",
    "query_judge",
    "retention",
    "stack_settings",
    "warehouse",
]
