"""What the program needs of a dataset's contract: the files to upload, and the promises that alarms watch."""

import json
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST_WATCH = 168
"""Hours: CloudWatch evaluates at most 7 days where the period is an hour (PutMetricAlarm, EvaluationPeriods)."""


@dataclass(frozen=True)
class Terms:
    """A contract as deployed; `freshness_hours` is the longest time between two publishes."""

    input: str
    output: str
    owner: str
    version: str
    freshness_hours: int


def terms(dataset: str, folder: Path = ROOT / "expectations") -> Terms:
    """Read `<folder>/<dataset>/{input,output}.json`.

    Raises ValueError naming the file and what it lacks. Only what is deployed is looked at; the job loads the suites
    strictly and `make check` does so before a merge.
    """
    texts = {}
    for side in ("input", "output"):
        path = folder / dataset / f"{side}.json"
        if not path.is_file():
            raise ValueError(f"a dataset with contracts: expectations/{dataset}/{side}.json is missing")
        texts[side] = path.read_text(encoding="utf-8")
    where = f"expectations/{dataset}/output.json"
    try:
        meta = json.loads(texts["output"])["meta"]
        owner, version, hours = meta["owner"], meta["version"], meta["freshness_hours"]
    except (ValueError, KeyError, TypeError) as fault:
        raise ValueError(f"a contract with meta owner, version and freshness_hours: {where}, {fault!r}") from fault
    if not isinstance(hours, int) or not 1 <= hours <= LONGEST_WATCH:
        raise ValueError(f"freshness_hours from 1 to {LONGEST_WATCH}: {where} has {hours!r}")
    return Terms(texts["input"], texts["output"], str(owner), str(version), hours)
