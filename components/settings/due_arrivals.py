"""What the program needs of an input that says which objects are due."""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from etl.contract.arrivals import DueArrival
from etl.contract.file_glob import is_file_glob
from etl.contract.json_values import is_object


@dataclass(frozen=True)
class DueArrivals:
    """The arrivals that somebody looks for by a time, the glob of what is data, and those of manifests, which are none."""

    watched: tuple[DueArrival, ...] = ()
    files: str = ""
    manifests: tuple[str, ...] = ()


NONE_DUE = DueArrivals()


def read_due_arrivals(text: str, location: str) -> DueArrivals:
    """Read them of an input suite's text, which has a meta.

    Raises:
        ValueError: one of them is none; strict loading says more.
    """
    meta: Any = json.loads(text)["meta"]
    if not is_object(meta) or "arrivals" not in meta:
        return NONE_DUE
    files = meta.get("files", "")
    try:
        arrivals = _adapter().validate_python(meta["arrivals"])
    except ValidationError as fault:
        raise ValueError(f"arrivals as docs/contract.md has them, and {location} has others: {fault}") from fault
    if files and not (isinstance(files, str) and is_file_glob(files)):
        raise ValueError(f"files that is a glob, and {location} has {files!r}")
    watched = tuple(arrival for arrival in arrivals if arrival.is_watched)
    return DueArrivals(watched, files, tuple(arrival.manifest for arrival in arrivals if arrival.manifest))


def _adapter() -> TypeAdapter[tuple[DueArrival, ...]]:
    return TypeAdapter(tuple[DueArrival, ...])
