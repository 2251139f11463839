"""The gate that rides on the pass that writes (docs/decisions/0008); a mechanism stays where it pays (0038).

`metric_replay` asks Great Expectations which Spark columns its metrics need (`metric_collection`) and later hands it the
observed values. `bitmask` packs row rules into bits, `observations` has them counted beside the write, and `object_marks`
does so for each raw object. What no observation tells (`metric_queries`) is answered from the data files by
`staged_metrics`, with `data_files`, `row_hashes`, `hash_shares` and `value_counts`. `line_precompute` has one regular
expression look at a whole line, with what `time_patterns` knows of formats; `fallback_pass` looks at the lines that it
does not prove. `row_by_row` says where one tally may be of rows as they were read and as they are written. `row_queries`
takes queries for bad rows that look at each row by itself. `key_lookup` looks for a run's keys in earlier data files, by
`key_hashes`.

Hides how a metric is read from a data file, and by which hashes values are counted.
"""

__all__ = [
    "bitmask",
    "data_files",
    "fallback_pass",
    "key_lookup",
    "line_precompute",
    "metric_collection",
    "metric_queries",
    "metric_replay",
    "metric_requests",
    "object_marks",
    "observations",
    "query_judge",
    "row_by_row",
    "row_conditions",
    "row_queries",
    "staged_metrics",
]
