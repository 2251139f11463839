"""Ids as people read and type them: run ids of Glue and snapshot ids of Iceberg, by their beginning where that is unique.

One rule: an id is short where it stands in a table or a report, and whole where AWS or another tool takes it, in JSON and in
files. Each command takes it short.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

from etl.wording import join_names
from sluice.cli.errors import WrongUse

RUN_PREFIX = "jr_"  # what ids of runs begin with (AWS Glue, StartJobRun)
FEWEST = 8  # characters behind it: two of a thousand runs are alike so far once in ten thousand lakes
MOST_NAMED = 5


def shorten_ids(ids: Collection[str]) -> dict[str, str]:
    """Return the short form of each id: as many characters as tell it from the others, and some at least."""
    ordered = sorted(set(ids))
    alike = [_shared(before, after) for before, after in pairwise(ordered)]
    neighbours = zip([0, *alike], [*alike, 0], strict=True) if ordered else ()
    return {name: name[: _length(name, max(pair))] for name, pair in zip(ordered, neighbours, strict=True)}


def short_id(name: str) -> str:
    """Return the short form of an id that stands alone."""
    return name[: _length(name, 0)]


def with_short_ids(rows: Sequence[Mapping[str, Any]], name: str) -> list[dict[str, Any]]:
    """Return rows of a table with the ids under a name short."""
    short = shorten_ids({row[name] for row in rows})
    return [{**row, name: short[row[name]]} for row in rows]


def resolve_id(text: str, ids: Collection[str], subject: str) -> str:
    """Return the id that a text names: itself, or the only one that begins with it. One that is not there stays as it is.

    Args:
        text: what was typed; an ellipsis at its end is no part of it.
        ids: those that there are.
        subject: what they are, such as `run`, for the message.

    Raises:
        WrongUse: several begin with it.
    """
    beginning = text.rstrip("…")
    matching = sorted(name for name in set(ids) if name.startswith(beginning)) if beginning else []
    if beginning in ids or len(matching) == 1:
        return beginning if beginning in ids else matching[0]
    if matching:
        listed = join_names(matching, MOST_NAMED, "\n  ")
        raise WrongUse(f"{text} is the beginning of {len(matching):,} {subject}s, type more of it:\n  {listed}")
    return text


def _shared(first: str, second: str) -> int:
    """Return how many characters two texts begin with alike."""
    pairs = zip(first, second, strict=False)
    return next((position for position, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))


def _length(name: str, shared: int) -> int:
    fewest = FEWEST + (len(RUN_PREFIX) if name.startswith(RUN_PREFIX) else 0)
    return max(shared + 1, fewest)
