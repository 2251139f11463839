"""Which raw objects are manifests, and which wait for one: by the entries of `meta.arrivals` that name a manifest."""

from collections.abc import Iterable

from etl.contract.arrivals import DueArrival
from etl.contract.file_glob import TOKEN
from etl.contract.key_globs import key_globs, matches_key
from etl.contract.loads import Load, LoadKind

SUCCESS_MARKER = "_SUCCESS"
"""What Spark and Hadoop leave in a folder that is complete: empty, or with a report that is no manifest (S3A committers)."""
UNNAMED = "\uffff" * 3
"""Stands in a key for what a glob does not name."""


def with_manifest(arrivals: Iterable[DueArrival]) -> tuple[DueArrival, ...]:
    """Return the entries that name a manifest."""
    return tuple(arrival for arrival in arrivals if arrival.manifest is not None)


def with_success_marker(arrivals: tuple[DueArrival, ...], load: Load) -> tuple[DueArrival, ...]:
    """Return the entries that runs go by: where a copy of a snapshot is a folder, and none names a manifest, `_SUCCESS`."""
    if load.kind is not LoadKind.SNAPSHOT or not load.of.has_several_objects or with_manifest(arrivals):
        return arrivals
    return (*arrivals, DueArrival(pattern="*", manifest=SUCCESS_MARKER))


def is_manifest(key: str, arrivals: Iterable[DueArrival], dataset: str) -> bool:
    """Say whether an object is a manifest of one of the entries: it is no data then, whatever `meta.files` takes."""
    return any(matches_key(key, arrival.manifest or "", dataset) for arrival in with_manifest(arrivals))


def takes_all_of(manifest: str, pattern: str, dataset: str) -> bool:
    """Say whether a manifest's glob takes what a pattern takes, so that nothing would be left as data.

    It is told by a key for each alternative of the pattern, whose wildcards stand for characters that no glob names.
    """
    keys = ["".join(map(_sample_text, TOKEN.findall(glob))) for glob in key_globs(pattern, dataset)]
    return all(matches_key(key, manifest, dataset) for key in keys)


def _sample_text(part: str) -> str:
    """Return a text that a part of a glob takes."""
    match part:
        case "**/":
            return f"{UNNAMED}/"
        case "*" | "**":
            return UNNAMED
        case "?":
            return UNNAMED[0]
        case _ if part.startswith("[!"):
            return UNNAMED[0]
        case _:
            return part[1] if part.startswith("[") else part
