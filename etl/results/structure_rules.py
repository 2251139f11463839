"""Results of structure rules, which no suite states: what no expectation can say of objects, rows and casts.

Each has an id, `<dataset>.structure.<what>`, and appears in the verdict like the contract's own rules.
"""

from etl.results.verdict import RuleResult, RuleState

STAGE = "structure"
WHY = {
    "key": "The object's key is no path that Spark can read; rename the object, or leave it out with `operate skip`.",
    "empty": "A file without a byte is a failed upload; put the whole file again under the same key.",
    "gzip": "The gzip stream is broken or cut off; put the whole file again under the same key.",
    "compression": "Read are plain text, gzip named .gz and bzip2 named .bz2, and Parquet's and ORC's codecs that the job has; "
    "rename the object, or put it again unpacked; `operate skip` leaves it out.",
    "encoding": "Text is read as UTF-8; put the file again as UTF-8, or leave it out with `operate skip`.",
    "format": "The object is no file of the declared format; put the right file under the same key.",
    "schema": "A Parquet or ORC file must have the declared columns with the declared types; mend the export.",
    "header": "The header must be the declared names in the declared order, once; mend the export, or the contract.",
    "rows": "A file of only a header is an empty export; put the whole file again under the same key.",
    "row": "A CSV row has one well-quoted field a column, without line breaks; a JSON line is a flat object of declared keys.",
    "text": "Values are UTF-8 text without control characters, separators of lines or half a surrogate pair; put a file "
    "without them under the same key, or skip this one.",
    "transform": "The transform cannot take this; let it use Spark's try_ functions, or refuse such values by a rule of the "
    "input contract; `operate skip` leaves the object out.",
    "cast": "The text must be the type's plain form and fit it whole, a date is of the years 1 to 9999; nothing is rounded.",
}


def _structure_result(
    dataset: str, rule_name: str, unexpected: int, samples: tuple[str | None, ...] = ()
) -> RuleResult:
    """Return the result of the rule `what`, broken where `unexpected` is not 0.

    `what` is a key of WHY, with a column behind it where the rule is about one.
    """
    why = WHY[rule_name.partition(".")[0]]
    return RuleResult(
        f"{dataset}.structure.{rule_name}",
        STAGE,
        "critical",
        RuleState.from_outcome(not unexpected),
        unexpected,
        samples,
        why,
    )
