"""The checks on what is read and on what was written, and what becomes of rows that break them.

Hides when a rule is decided: beside the write, by a query of its own, or row by row for what it breaks.
"""

__all__ = [
    "broken_rows",
    "change_resolution",
    "checks",
    "element_rules",
    "expired_rows",
    "gated_plan",
    "history_metrics",
    "key_conflicts",
    "lines_aside",
    "load_resolution",
    "object_rows",
    "observed_plan",
    "observed_rows",
    "onepass",
    "primary_key",
    "quarantine_outcome",
    "quarantine_routing",
    "references",
    "row_evidence",
    "row_numbers",
    "rows_aside",
    "rule_results",
    "run_changes",
    "snapshot_difference",
    "source_audit",
    "source_lines",
    "staged_audit",
    "staging",
    "structure",
    "transform_faults",
]
