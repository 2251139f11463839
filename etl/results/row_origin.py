"""Where the rows come from that broke a rule: the object, its version and the row, as evidence beside the samples."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etl.contract.sample_values import MASK
from etl.results.schema_settings import SCHEMA_SETTINGS
from etl.wording import join_names

MAX_SKIP_COMMANDS = 3  # objects in a sentence


@dataclass(frozen=True)
class Origin:
    """Where a row comes from."""

    __pydantic_config__ = SCHEMA_SETTINGS

    object: str
    """The object's key; a day, of a dataset that is built from tables."""
    version: str
    """The object's version; the snapshot of the source, of a dataset that is built from tables."""
    row: int | None = None
    """Counts from 1: the physical line of the unpacked file, or the row of a Parquet file; null where it is not known."""

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


def parse_origins(places: Iterable[Mapping[str, Any] | None]) -> list[Origin | None]:
    """Return the places of a violation, as plain data of a verdict, as origins."""
    return [Origin(**place) if place else None for place in places]


def skip_commands(dataset: str, origins: Iterable[Origin | None]) -> list[str]:
    """Return for each object the command that leaves it alone."""
    objects = dict.fromkeys((origin.object, origin.version) for origin in origins if origin)
    return [
        f"sluice skip {dataset} {shlex.quote(key)} --version {shlex.quote(version)} --why TEXT"
        for key, version in objects
    ]


def skip_hint(dataset: str, origins: Iterable[Origin | None]) -> str:
    """Return the first of these commands for the end of a message; empty without any."""
    commands = skip_commands(dataset, origins)
    return f". To leave an object alone: {join_names(commands, MAX_SKIP_COMMANDS, '; ')}" if commands else ""
