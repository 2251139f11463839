"""What `meta.arrivals` of an input of files must agree on: its entries with each other, and with which objects are data."""

from collections.abc import Iterator
from typing import Any

from etl.contract.arrivals import MIDNIGHT
from etl.contract.faults import short_repr
from etl.contract.file_glob import is_file_glob
from etl.contract.glob_overlap import globs_overlap
from etl.contract.key_globs import data_key_globs, key_globs, takes_only_hidden_names
from etl.contract.manifest_globs import takes_all_of
from etl.contract.source_format import SourceFormat
from etl.contract.validation.checked_suite import SoundSuite
from etl.contract.validation.suite_paths import PlacedFault

ARRIVALS = ("meta", "arrivals")
OF_A_DAY = ("since", "days", "count")
"""Keys that say when somebody looks, and for what."""


def arrivals_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    """Yield what is wrong with the objects that are due."""
    if sound.meta.get("format") == SourceFormat.TABLES:
        return
    arrivals = sound.entries("arrivals")
    for index, arrival in enumerate(arrivals):
        for key, problem, remedy in (*_time_faults(arrival), *_glob_faults(arrival, sound)):
            yield PlacedFault((*ARRIVALS, index, key), f"an arrival {problem}", remedy)
        if arrival and arrival in arrivals[:index]:
            problem = f"meta.arrivals has {short_repr(arrival.get('pattern'))} twice with all the same"
            yield PlacedFault((*ARRIVALS, index), problem, "keep one of them; count says how many are due")


def _time_faults(arrival: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    if "by" in arrival:
        if arrival["by"] == arrival.get("since", MIDNIGHT):
            remedy = "write a since such as 20:00; where it is later than by, it is of the day before"
            yield "by", f"is due by {arrival['by']} and counts only since then", remedy
        return
    if arrival.get("manifest") is None:
        remedy = "write a time of day in UTC such as 05:30, or the manifest that it waits for"
        yield "pattern", f"{short_repr(arrival.get('pattern'))} has neither by nor manifest, so nothing is due", remedy
    for key in OF_A_DAY:
        if key in arrival:
            yield key, f"has {key} without by, and nobody looks then", "drop it, or write a time of day such as 05:30"


def _glob_faults(arrival: dict[str, Any], sound: SoundSuite) -> Iterator[tuple[str, str, str]]:
    pattern, manifest, files = arrival.get("pattern", ""), arrival.get("manifest"), sound.meta.get("files", "")
    if not is_file_glob(pattern):
        return
    if takes_only_hidden_names(pattern, sound.dataset):
        remedy = "write a glob of objects that are data; a manifest alone may be called so"
        yield "pattern", f"is due as {short_repr(pattern)}, and no run reads names that start with _ or a dot", remedy
    elif files and is_file_glob(files) and not _takes_data(pattern, files, sound.dataset):
        remedy = f"write a glob of objects that {files} takes, from {sound.dataset}/ on or below it"
        yield (
            "pattern",
            f"is due as {short_repr(pattern)}, and meta.files {short_repr(files)} takes none of these",
            remedy,
        )
    if manifest == pattern:
        yield (
            "manifest",
            f"has {short_repr(manifest)} as its manifest too",
            "write a glob of the manifest alone, or null",
        )
    elif manifest and is_file_glob(manifest) and takes_all_of(manifest, pattern, sound.dataset):
        globs = f"{short_repr(manifest)}, which takes all that {short_repr(pattern)} does"
        problem = f"has the manifest {globs}, and a manifest is no data"
        yield "manifest", problem, f"write a glob of the manifest alone, such as {sound.dataset}/*.manifest.json"


def _takes_data(pattern: str, files: str, dataset: str) -> bool:
    return globs_overlap(key_globs(pattern, dataset), data_key_globs(files, dataset))
