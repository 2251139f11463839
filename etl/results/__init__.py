"""A run's outcome: the verdict, each rule's result, where its rows are from, lineage events and Data Docs.

Hides the layout of the verdict's JSON, of OpenLineage's facets and of Great Expectations' pages, and how verdicts are merged.
"""

# It lists modules; tests/unit/test_faces.py holds that they are there.
# pyright: reportUnsupportedDunderAll=false
__all__ = [
    "contract_failures",
    "data_docs",
    "lineage",
    "merging",
    "result_lines",
    "results_reader",
    "results_schema",
    "results_writer",
    "row_origin",
    "rule_line",
    "rule_result",
    "rule_state",
    "run_line",
    "structure_rules",
    "used_bound",
    "verdict",
    "verdict_file",
    "waiting_objects",
    "withdrawn_object",
]
