"""A stack's configuration: read, checked, and handed on as frozen records.

Hides how the engine hands values over, how each is read and told of, and how faults are gathered before one is raised.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = [
    "audience",
    "boundary",
    "channels",
    "config_reader",
    "contracts",
    "cron",
    "dataset_options",
    "history_starts",
    "lake_folder",
    "mapping_types",
    "option_types",
    "options",
    "project_name",
    "query_judge",
    "retention",
    "stack_settings",
    "warehouse",
]
