"""What the program needs of a dataset's contract: the files to upload, and the promises that alarms watch."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LONGEST_WATCH = 168
"""Hours: an alarm with a period of an hour looks back 7 days at most (CloudWatch, PutMetricAlarm)."""


@dataclass(frozen=True)
class Terms:
    """A contract as deployed: both suites as text.

    `freshness_hours` is the longest time between two publishes, `references` the datasets whose keys its rows point to.
    """

    input: str
    output: str
    owner: str
    version: str
    freshness_hours: int
    references: tuple[str, ...] = ()


NO_TERMS = Terms("", "", "", "", 1)


def terms(dataset: str, root: Path = ROOT) -> Terms:
    """Read `expectations/<dataset>/{input,output}.json`.

    Raises ValueError saying what was expected where. Only what is deployed is looked at: the job loads the suites
    strictly, and so does `make check`.
    """
    texts = {side: suite(root, f"expectations/{dataset}/{side}.json") for side in ("input", "output")}
    where = f"expectations/{dataset}/output.json"
    meta = described(texts["output"], where)
    hours = meta["freshness_hours"]
    if isinstance(hours, bool) or not isinstance(hours, int) or not 1 <= hours <= LONGEST_WATCH:
        raise ValueError(f"freshness_hours from 1 to {LONGEST_WATCH}, and {where} has {hours!r}")
    return Terms(texts["input"], texts["output"], meta["owner"], meta["version"], hours, _references(meta, where))


def _references(meta: dict[str, Any], where: str) -> tuple[str, ...]:
    """Return the datasets that are pointed to; their names go into a role's policy, where a * would mean every table."""
    found = meta.get("references", [])
    names = (
        [one.get("dataset") if isinstance(one, dict) else None for one in found] if isinstance(found, list) else [None]
    )
    if not all(isinstance(name, str) and re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names):
        raise ValueError(f"references that name datasets in lower case, and {where} has {found!r}")
    return tuple(sorted({str(name) for name in names}))


def suite(root: Path, where: str) -> str:
    path = root / where
    if not path.is_file():
        raise ValueError(f"a dataset with contracts, and {where} is missing")
    return path.read_text(encoding="utf-8")


def described(text: str, where: str) -> dict[str, Any]:
    try:
        meta = json.loads(text)["meta"]
        missing = [key for key in ("owner", "version", "freshness_hours") if key not in meta]
    except (ValueError, KeyError, TypeError) as fault:
        raise ValueError(f"a suite with a meta, and {where} is none: {fault!r}") from fault
    if missing:
        raise ValueError(f"a contract with {', '.join(missing)} in its meta, and {where} has none")
    return meta
