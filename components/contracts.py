"""What the program needs of a dataset's contract: the files to upload, and the promises that alarms watch."""

import json
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
    references = tuple(sorted({one["dataset"] for one in meta.get("references", ())}))
    return Terms(texts["input"], texts["output"], meta["owner"], meta["version"], hours, references)


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
