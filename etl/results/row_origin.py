"""Where the rows come from that broke a rule: the object, its version and the row, as evidence beside the samples."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from etl.contract.sample_values import MASK
from etl.wording import join_names

MAX_SKIP_COMMANDS = 3  # objects in a sentence


@dataclass(frozen=True)
class Origin:
    """A row's origin.

    `row` counts from 1: the physical line of the unpacked file, or the row of a Parquet file; None where it is not known.
    Of a dataset that is built from tables `object` is a day and `version` the snapshot of its source.
    """

    object: str
    version: str
    row: int | None = None

    @property
    def in_words(self) -> str:
        """The object and the row, for a sentence."""
        return self.object if self.row is None else f"{self.object} row {self.row}"


@dataclass(frozen=True)
class Candidate:
    """A row that broke a rule: what a sample of it shows, and where it is from."""

    text: str | None
    origin: Origin


def match_origins(samples: Sequence[str | None], candidates: Sequence[Candidate]) -> list[list[Origin]]:
    """Return for each sample the origins of rows that show it; a masked one is of any row that shows no other sample."""
    plain = {sample for sample in samples if sample is None or MASK not in sample}
    return [
        [row.origin for row in candidates if row.text == sample or (sample not in plain and row.text not in plain)]
        for sample in samples
    ]


def sample_in_words(sample: str | None, origin: Origin | None) -> str:
    """Return a sample for a message, with its origin; an object that the sample names already is not named again."""
    text = "null" if sample is None else repr(sample)
    if origin is None or (origin.row is None and origin.object in text):
        return text
    return f"{text} in {origin.in_words}"


def parse_origins(places: Iterable[Any]) -> list[Origin | None]:
    """Return the places of a verdict file's rule."""
    return [origin and Origin(str(origin["object"]), str(origin["version"]), origin["row"]) for origin in places]


def skip_commands(dataset: str, origins: Iterable[Origin | None]) -> list[str]:
    """Return for each object the command that leaves it alone."""
    objects = dict.fromkeys((origin.object, origin.version) for origin in origins if origin)
    return [
        f"python -m operate skip {dataset} {shlex.quote(key)} --version {shlex.quote(version)} --why TEXT"
        for key, version in objects
    ]


def skip_hint(dataset: str, origins: Iterable[Origin | None]) -> str:
    """Return the first of these commands for the end of a message; empty without any."""
    commands = skip_commands(dataset, origins)
    return f". To leave an object alone: {join_names(commands, MAX_SKIP_COMMANDS, '; ')}" if commands else ""
