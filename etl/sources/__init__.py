"""Where rows come from: preflight of raw objects, one reader for each format, derived tables, and replay.

Hides formats, encodings and compressions: what leaves here is a frame of typed columns with each row's origin.
"""

__all__ = [
    "avro_container",
    "avro_schema",
    "avro_values",
    "casting",
    "columnar_reader",
    "compression",
    "copied_objects",
    "csv_header",
    "csv_records",
    "csv_syntax",
    "derived_source",
    "encodings",
    "excel_sheet",
    "excel_values",
    "json_forms",
    "json_reader",
    "json_records",
    "json_syntax",
    "line_faults",
    "line_regex",
    "nested_json",
    "new_objects",
    "physical_lines",
    "preflight",
    "provenance",
    "readers",
    "reconciliation",
    "replay",
    "text_lines",
    "time_reading",
    "value_reading",
    "whole_files",
]
