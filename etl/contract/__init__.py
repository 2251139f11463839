"""What a dataset promises: its suites with columns, types, rules and names, loaded strictly.

Imports neither Spark nor Great Expectations. Hides how a suite is read, and in which order its faults are looked for.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = [
    "column_paths",
    "columns",
    "date_patterns",
    "dialect",
    "faults",
    "field_kinds",
    "file_glob",
    "input_column",
    "input_meta",
    "json_values",
    "key_folders",
    "layout",
    "loading",
    "masking",
    "model",
    "other_datasets",
    "output_meta",
    "policies",
    "query_functions",
    "query_text",
    "record_form",
    "regex",
    "run_parameters",
    "sample_values",
    "severity",
    "shared_meta",
    "source_format",
    "stage",
    "structure_levels",
    "structure_rules",
    "suite_meta",
    "suite_model",
    "table_names",
    "time_readings",
    "type_kinds",
    "types",
    "validation",
    "value_forms",
    "vocabulary",
]
