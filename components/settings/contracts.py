"""What the program needs of a dataset's contract: the files to upload, and the promises that alarms watch."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.contract.faults import likely
from etl.contract.query_text import QUERY, REMEDY
from etl.contract.validation.cross_dataset import publications, unresolved

SIDES = ("input", "output")
ROOT = Path(__file__).resolve().parents[2]
LONGEST_WATCH = 168
"""Hours: an alarm with a period of an hour looks back 7 days at most (CloudWatch, PutMetricAlarm)."""


@dataclass(frozen=True)
class Terms:
    """A contract as deployed: both suites as text.

    `freshness_hours` is the longest time between two publishes, `references` the datasets whose keys its rows point to,
    `sources` those whose published tables it is built from: none where it is built from files. `on_failed_need` says
    whether a flow runs it all the same where one of what it needs failed (`run`), or not (`stop`). `sets_aside` says
    whether a run can publish and leave rows out: where no rule does that, nothing of it can ring.
    """

    input: str
    output: str
    owner: str
    version: str
    freshness_hours: int
    references: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    on_failed_need: str = "run"
    sets_aside: bool = False


NO_TERMS = Terms("", "", "", "", 1)


def terms(dataset: str, root: Path = ROOT) -> Terms:
    """Read `expectations/<dataset>/{input,output}.json`.

    Raises ValueError saying what was expected where. Only what is deployed is looked at: the job loads the suites
    strictly, and so does `make check`.
    """
    paths = {side: f"expectations/{dataset}/{side}.json" for side in ("input", "output")}
    texts = {side: suite(root, path) for side, path in paths.items()}
    for side, text in texts.items():
        _harmless(text, paths[side])
    where = f"expectations/{dataset}/output.json"
    meta = described(texts["output"], where)
    hours = meta["freshness_hours"]
    if isinstance(hours, bool) or not isinstance(hours, int) or not 1 <= hours <= LONGEST_WATCH:
        raise ValueError(f"freshness_hours from 1 to {LONGEST_WATCH}, and {where} has {hours!r}")
    on_failed_need = meta.get("on_failed_need", "run")
    if on_failed_need not in ("run", "stop"):
        raise ValueError(f"on_failed_need run or stop, and {where} has {on_failed_need!r}")
    return Terms(
        input=texts["input"],
        output=texts["output"],
        owner=meta["owner"],
        version=meta["version"],
        freshness_hours=hours,
        references=_named(meta, "references", where),
        sources=_sources(texts["input"], f"expectations/{dataset}/input.json"),
        on_failed_need=on_failed_need,
        sets_aside=any(sets_aside(json.loads(text)) for text in texts.values()),
    )


def sets_aside(suite: dict[str, Any]) -> bool:
    """Whether a run under a suite can set rows aside: it has a `warning`, and a share above 0 that its warnings may take.

    Without such a share a row that breaks a warning fails the run, which then leaves no row anywhere.
    """
    most = suite["meta"].get("max_quarantined", 0)
    allowed = isinstance(most, int | float) and most > 0
    return allowed and any(rule.get("severity") == "warning" for rule in _objects(suite, "expectations"))


def unanswered(dataset: str, root: Path = ROOT) -> list[str]:
    """Return a sentence for each name in a dataset's contracts that nothing of the project answers to.

    A dataset that is there and that a stack does not deploy is none of them.
    """
    others = publications(root / "expectations")
    suites = {
        where: json.loads(suite(root, where)) for where in (f"expectations/{dataset}/{side}.json" for side in SIDES)
    }
    faults = [
        f"contracts whose names are there, and {where}: {fault}"
        for where, found in suites.items()
        for fault in unresolved(found, others)
    ]
    names = (str(found.get("name", "")).partition(".")[0] for found in suites.values())
    module = f"etl/datasets/{next(filter(None, names), dataset)}.py"
    return faults if (root / module).is_file() else [*faults, f"a dataset with a transform, and {module} is missing"]


def _sources(text: str, where: str) -> tuple[str, ...]:
    try:
        meta = json.loads(text)["meta"]
        return _named(meta, "sources", where) if "sources" in meta else ()
    except (KeyError, TypeError, json.JSONDecodeError) as fault:
        raise ValueError(f"a suite with a meta, and {where} is none: {fault!r}") from fault


def _named(meta: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    """Return the datasets that a list of objects names; they go into a role's policy, where a * would mean every table."""
    found = meta.get(key, [])
    names = (
        [one.get("dataset") if isinstance(one, dict) else None for one in found] if isinstance(found, list) else [None]
    )
    if not all(isinstance(name, str) and re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names):
        raise ValueError(f"{key} that name datasets in lower case, and {where} has {found!r}")
    return tuple(sorted({str(name) for name in names}))


def _harmless(text: str, where: str) -> None:
    """Refuse a suite whose query would do more than select rows: a run would too, but only once it is deployed.

    Raises:
        ValueError: naming the rule.
    """
    if QUERY not in text:
        return
    from components.readers.query_judge import refusal  # noqa: PLC0415  loads sqlglot

    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return  # told where its meta is read
    columns = [str(column.get("name")) for column in _objects(found, "meta", "columns")]
    for rule in _objects(found, "expectations"):
        kwargs, meta = rule.get("kwargs"), rule.get("meta")
        if isinstance(kwargs, dict) and QUERY in kwargs and (fault := refusal(str(kwargs[QUERY]), columns)):
            name = meta.get("rule") if isinstance(meta, dict) else rule.get("type")
            raise ValueError(f"queries that only select rows, and {name} of {where} does more: {fault}; {REMEDY}")


def _objects(value: Any, *path: str) -> list[dict[str, Any]]:
    """Return the objects of the list at a path of parsed JSON; what is none is strict loading's to refuse."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def suite(root: Path, where: str) -> str:
    path = root / where
    if not path.is_file():
        others = (folder.name for folder in (root / "expectations").glob("*") if folder.is_dir())
        raise ValueError(f"a dataset with contracts, and {where} is missing{likely(path.parent.name, others)}")
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
