"""Which raw objects are manifests, and which wait for one: by the entries of `meta.arrivals` that name a manifest."""

from collections.abc import Iterable

from etl.contract.arrivals import DueArrival
from etl.contract.key_globs import matches_key


def with_manifest(arrivals: Iterable[DueArrival]) -> tuple[DueArrival, ...]:
    """Return the entries that name a manifest."""
    return tuple(arrival for arrival in arrivals if arrival.manifest is not None)


def is_manifest(key: str, arrivals: Iterable[DueArrival], dataset: str) -> bool:
    """Say whether an object is a manifest of one of the entries: it is no data then, whatever `meta.files` takes."""
    return any(matches_key(key, arrival.manifest or "", dataset) for arrival in with_manifest(arrivals))
