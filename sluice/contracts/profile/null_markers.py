"""Texts that stand for no value in a column: NA, N/A, null, \\N, a dash."""

MARKERS = frozenset(
    (
        *(
            "na",
            "n/a",
            "#n/a",
            "n.a.",
            "n.a",
            "k.a.",
            "null",
            "(null)",
            "[null]",
            "<null>",
            "none",
            "(none)",
            "nil",
            "nan",
            "-nan",
            "#nan",
            "<na>",
        ),
        *(
            "\\n",
            "-",
            "--",
            "---",
            "–",
            "—",
            ".",
            "..",
            "...",
            "?",
            "*",
            "missing",
            "(missing)",
            "unknown",
            "not available",
            "undefined",
        ),
        *(
            "#value!",
            "#ref!",
            "#div/0!",
            "#name?",
            "#num!",
            "nat",
            "void",
            "empty",
            "(empty)",
            "(blank)",
            "n/d",
            "nd",
            "s/d",
        ),
    )
)
ALWAYS = frozenset(("\\N", "(null)", "<NA>", "<null>", "[null]"))
"""What no text of anybody is."""
MOST_MARKERS = 3


def is_marker(text: str) -> bool:
    """Say whether a text may stand for null: a marker, or blanks alone."""
    bare = text.strip().lower()
    return not bare or bare in MARKERS
