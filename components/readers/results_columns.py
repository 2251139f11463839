"""The columns of the tables over the runs' results: each field of a line, but for the dataset, which names the folder.

`tests/program/test_results_tables.py` holds them against the models that the job writes by.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ResultColumn:
    """A column of a table over JSON: `type` as Hive has it, and what it is about."""

    name: str
    type: str
    comment: str


RUN_COLUMNS = (
    ResultColumn("version", "int", "Of this form: 1; null where the line is no JSON"),
    ResultColumn("run_id", "string", "Glue's id of the run"),
    ResultColumn("kind", "string", "run for what arrived; replay, rerun: what was read again; withdraw: what left"),
    ResultColumn("run_date", "string", "The day that people know the run by, yyyy-MM-dd"),
    ResultColumn("started", "string", "When the run began, UTC, as ISO text; the day is its date"),
    ResultColumn("state", "string", "SUCCEEDED or FAILED"),
    ResultColumn("nothing_unread", "boolean", "Whether there was nothing to read: no rule was judged"),
    ResultColumn("rows_read", "bigint", "Rows that were read"),
    ResultColumn("rows_published", "bigint", "Rows of the run that readers see"),
    ResultColumn("rows_quarantined", "bigint", "Rows that were set aside, since they broke a warning"),
    ResultColumn("rows_replaced", "bigint", "Rows of the run whose key a newer object has too"),
    ResultColumn("rows_unchanged", "bigint", "Of a snapshot, rows that readers saw already, as they are"),
    ResultColumn("rows_gone", "bigint", "Of a snapshot, rows that left the table since the copy lacks them"),
    ResultColumn("objects", "bigint", "Objects that were read; days, of a dataset that is built from tables"),
    ResultColumn("bytes", "bigint", "How large these objects are; null where the dataset is built from tables"),
    ResultColumn("seconds", "double", "How long the run took, in seconds"),
    ResultColumn("dpu_seconds", "double", "Seconds of Glue's data processing units; null where Glue does not say"),
    ResultColumn("published_at", "string", "When what readers see after the run was published, UTC, as ISO text"),
    ResultColumn("freshness_hours", "bigint", "How old that may become, by the contract"),
    ResultColumn("contracts", "map<string,string>", "The contracts' versions by stage, input and output"),
    ResultColumn(
        "broken", "array<struct<rule:string,severity:string,rows:bigint>>", "The rules that the data broke, with rows"
    ),
    ResultColumn("metrics", "map<string,map<string,double>>", "What was counted of the rows, by stage and metric"),
    ResultColumn("corrected", "bigint", "Objects whose earlier rows the run replaced"),
    ResultColumn("rows_deleted", "bigint", "Of changes, the deletes that are the last change of their key"),
    ResultColumn(
        "rows_late", "bigint", "Of changes, those older than what the table has of their key; they do nothing"
    ),
    ResultColumn("isolated", "boolean", "Whether objects were published alone, since together they broke the contract"),
    ResultColumn("is_ordinary", "boolean", "Whether the run counts as history of its dataset"),
    ResultColumn("rows_expired", "bigint", "Rows that were left out, since the table keeps no rows that old"),
)
RULE_COLUMNS = (
    ResultColumn("version", "int", "Of this form: 1; null where the line is no JSON"),
    ResultColumn("run_id", "string", "Glue's id of the run"),
    ResultColumn("kind", "string", "run for what arrived; replay, rerun: what was read again; withdraw: what left"),
    ResultColumn("run_date", "string", "The day that people know the run by, yyyy-MM-dd"),
    ResultColumn("started", "string", "When the run began, UTC, as ISO text; the day is its date"),
    ResultColumn("rule", "string", "The rule's stable id"),
    ResultColumn("stage", "string", "Where the rule is judged"),
    ResultColumn("severity", "string", "What breaking it does to a run: critical, warning or info"),
    ResultColumn("state", "string", "held, broken, not_evaluated or error"),
    ResultColumn("way", "string", "observed by the pass that wrote the rows, or computed by one of its own"),
    ResultColumn(
        "rows_judged", "bigint", "Rows, objects or groups that it was held against; null where nobody counted"
    ),
    ResultColumn("rows_broken", "bigint", "Rows that broke it; objects, for a rule about objects; 1 for the whole"),
    ResultColumn(
        "observed",
        "string",
        "What was observed of the whole, also where it held; *** for a person's value",
    ),
)
