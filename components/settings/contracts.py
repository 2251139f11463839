"""What the program needs of a dataset's contract: the files to upload, and the promises that alarms watch."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.settings.due_arrivals import NONE_DUE, DueArrivals, read_due_arrivals
from components.settings.history_starts import bounds_per_run
from components.settings.lake_folder import lake_folder
from etl.contract.faults import did_you_mean_ending
from etl.contract.json_values import is_list, is_object
from etl.contract.loads import KeepDays, LoadKind
from etl.contract.policies import FailedNeedPolicy
from etl.contract.query_text import QUERY, REMEDY
from etl.contract.severity import QUARANTINING
from etl.contract.stage import SUITE_STAGES, Stage
from etl.contract.validation.cross_dataset import read_publications, unresolved_dataset_names

MAX_FRESHNESS_HOURS = 168
"""Hours: an alarm with a period of an hour looks back 7 days at most (CloudWatch, PutMetricAlarm)."""
NO_TAG = re.compile(r"[^\w\s+\-=.:/@]")
"""What no value of a tag may hold (AWS, Tag naming limits and requirements)."""
MAX_TAG_LENGTH = 256


@dataclass(frozen=True)
class DeployedContract:
    """A contract as deployed: both suites as text.

    `owner` is the contract's as a tag can have it.
    `freshness_hours` is the longest time between two publishes, `references` the datasets whose keys its rows point to,
    `sources` those whose published tables it is built from: none where it is built from files. `on_failed_need` says
    whether a flow runs it all the same where one of what it needs failed (`run`), or not (`stop`). `may_quarantine` says
    whether a run can publish and leave rows out: where no rule does that, nothing of it can ring. `bounds_per_run` are the
    bounds from earlier runs, of either suite, that count runs and not days. `due` are the objects that somebody looks for by
    a time of a day. `keep_days` says how long published rows stay; None for ever. `has_changes` says whether the load is of
    changes: then deleted keys have a table beside the published one.
    """

    input: str
    output: str
    owner: str
    version: str
    freshness_hours: int
    references: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    on_failed_need: FailedNeedPolicy = FailedNeedPolicy.RUN
    may_quarantine: bool = False
    bounds_per_run: tuple[str, ...] = ()
    due: DueArrivals = NONE_DUE
    keep_days: KeepDays | None = None
    has_changes: bool = False


NO_CONTRACT = DeployedContract("", "", "", "", 1)


def load_contract(dataset: str, root: Path | None = None) -> DeployedContract:
    """Read `expectations/<dataset>/{input,output}.json` of the user's lake, or of the one at `root`.

    Raises ValueError saying what was expected where. Only what is deployed is looked at: the job loads the suites
    strictly, and so does `make check`.
    """
    root = root or lake_folder()
    paths = {side: f"expectations/{dataset}/{side}.json" for side in SUITE_STAGES}
    texts = {side: read_suite(root, path) for side, path in paths.items()}
    for side, text in texts.items():
        _refuse_harmful_queries(text, paths[side])
    location = f"expectations/{dataset}/output.json"
    meta = read_meta(texts[Stage.OUTPUT], location)
    hours = meta["freshness_hours"]
    if isinstance(hours, bool) or not isinstance(hours, int) or not 1 <= hours <= MAX_FRESHNESS_HOURS:
        raise ValueError(f"freshness_hours from 1 to {MAX_FRESHNESS_HOURS}, and {location} has {hours!r}")
    on_failed_need = meta.get("on_failed_need", FailedNeedPolicy.RUN)
    if on_failed_need not in tuple(FailedNeedPolicy):
        raise ValueError(f"on_failed_need {' or '.join(FailedNeedPolicy)}, and {location} has {on_failed_need!r}")
    return DeployedContract(
        input=texts[Stage.INPUT],
        output=texts[Stage.OUTPUT],
        owner=_tag_value(meta["owner"]),
        version=meta["version"],
        freshness_hours=hours,
        references=_named_datasets(meta, "references", location),
        sources=_source_datasets(texts[Stage.INPUT], f"expectations/{dataset}/input.json"),
        on_failed_need=FailedNeedPolicy(on_failed_need),
        due=read_due_arrivals(texts[Stage.INPUT], f"expectations/{dataset}/input.json"),
        may_quarantine=any(suite_may_quarantine(json.loads(text)) for text in texts.values()),
        bounds_per_run=tuple(name for text in texts.values() for name in bounds_per_run(text)),
        keep_days=_keep_days(meta, location),
        has_changes=is_object(load := meta.get("load")) and load.get("kind") == LoadKind.CHANGES,
    )


def _keep_days(meta: dict[str, Any], location: str) -> KeepDays | None:
    """Return how long published rows stay; what is wrong with the column is strict loading's to say."""
    value = meta.get("keep_days")
    if value is None:
        return None
    match value:
        case {"column": str(column), "days": int(days)} if column and days > 0 and value.keys() == {"column", "days"}:
            return KeepDays(column=column, days=days)
        case _:
            raise ValueError(f'keep_days such as {{"column": "sold_on", "days": 730}}, and {location} has {value!r}')


def _tag_value(text: str) -> str:
    """Return a text as a tag's value: what it may not hold becomes an underscore, as the ? of a draft."""
    return NO_TAG.sub("_", text)[:MAX_TAG_LENGTH]


def suite_may_quarantine(suite: dict[str, Any]) -> bool:
    """Whether a run under a suite can set rows aside: it has a `warning`, of a rule or of structure, and a share above 0 that
    its warnings may take.

    Without such a share a row that breaks a warning fails the run, which then leaves no row anywhere.
    """
    max_share = suite["meta"].get("max_quarantined", 0)
    allowed = isinstance(max_share, int | float) and max_share > 0
    structure = suite["meta"].get("structure")
    levels = [*structure.values()] if is_object(structure) else []
    severities = [*levels, *(rule.get("severity") for rule in _objects_at(suite, "expectations"))]
    return allowed and any(severity in QUARANTINING for severity in severities)


def unresolved_names(dataset: str, root: Path | None = None) -> list[str]:
    """Return a sentence for each name in a dataset's contracts that nothing of the project answers to.

    A dataset that is there and that a stack does not deploy is none of them.
    """
    root = root or lake_folder()
    known_publications = read_publications(root / "expectations")
    suites = {
        location: json.loads(read_suite(root, location))
        for location in (f"expectations/{dataset}/{side}.json" for side in SUITE_STAGES)
    }
    faults = [
        f"contracts whose names are there, and {location}: {fault}"
        for location, suite_json in suites.items()
        for fault in unresolved_dataset_names(suite_json, known_publications)
    ]
    names = [str(suite_json.get("name", "")).partition(".")[0] for suite_json in suites.values()]
    output_meta = suites[f"expectations/{dataset}/output.json"].get("meta")
    named = str(output_meta.get("transform", "")) if is_object(output_meta) else ""
    module = next(filter(None, [named, *names]), dataset)
    return [*faults, *_missing_module(module, root, is_named=bool(named))]


def _missing_module(module: str, root: Path, *, is_named: bool) -> Iterator[str]:
    folder = root / "etl" / "datasets"
    if (folder / f"{module}.py").is_file():
        return
    if is_named:
        suggestion = did_you_mean_ending(module, [path.stem for path in folder.glob("[!_]*.py")])
        yield f"a transform that is there, and meta.transform names {module}: etl/datasets/{module}.py is missing{suggestion}"
    else:
        yield f"a dataset with a transform, and etl/datasets/{module}.py is missing"


def _source_datasets(text: str, location: str) -> tuple[str, ...]:
    try:
        meta = json.loads(text)["meta"]
        return _named_datasets(meta, "sources", location) if "sources" in meta else ()
    except (KeyError, TypeError, json.JSONDecodeError) as fault:
        raise ValueError(f"a suite with a meta, and {location} is none: {fault!r}") from fault


def _named_datasets(meta: dict[str, Any], key: str, location: str) -> tuple[str, ...]:
    """Return the datasets that a list of objects names; they go into a role's policy, where a * would mean every table."""
    entries = meta.get(key, [])
    listed = entries if is_list(entries) else [None]
    names = [entry.get("dataset") if is_object(entry) else None for entry in listed]
    if not all(isinstance(name, str) and re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names):
        raise ValueError(f"{key} that name datasets in lower case, and {location} has {entries!r}")
    return tuple(sorted({str(name) for name in names}))


def _refuse_harmful_queries(text: str, location: str) -> None:
    """Refuse a suite whose query would do more than select rows: a run would too, but only once it is deployed.

    Raises:
        ValueError: naming the rule.
    """
    if QUERY not in text:
        return
    from components.settings.query_judge import query_refusal  # noqa: PLC0415  loads sqlglot

    try:
        suite_json = json.loads(text)
    except json.JSONDecodeError:
        return  # told where its meta is read
    columns = [str(column.get("name")) for column in _objects_at(suite_json, "meta", "columns")]
    for rule in _objects_at(suite_json, "expectations"):
        kwargs, meta = rule.get("kwargs"), rule.get("meta")
        if is_object(kwargs) and QUERY in kwargs and (fault := query_refusal(str(kwargs[QUERY]), columns)):
            name = meta.get("rule") if is_object(meta) else rule.get("type")
            raise ValueError(f"queries that only select rows, and {name} of {location} does more: {fault}; {REMEDY}")


def _objects_at(value: Any, *path: str) -> list[dict[str, Any]]:
    """Return the objects of the list at a path of parsed JSON; what is none is strict loading's to refuse."""
    for name in path:
        value = value.get(name) if is_object(value) else None
    return [entry for entry in value if is_object(entry)] if is_list(value) else []


def read_suite(root: Path, location: str) -> str:
    """Return the text of a suite; raises ValueError with what is meant where there is none."""
    path = root / location
    if not path.is_file():
        dataset_names = (folder.name for folder in (root / "expectations").glob("*") if folder.is_dir())
        raise ValueError(
            f"a dataset with contracts, and {location} is missing{did_you_mean_ending(path.parent.name, dataset_names)}"
        )
    return path.read_text(encoding="utf-8")


def read_meta(text: str, location: str) -> dict[str, Any]:
    """Return the `meta` of a suite's text; raises ValueError where it, or a key that the program needs, is missing."""
    try:
        meta = json.loads(text)["meta"]
        missing = [key for key in ("owner", "version", "freshness_hours") if key not in meta]
    except (ValueError, KeyError, TypeError) as fault:
        raise ValueError(f"a suite with a meta, and {location} is none: {fault!r}") from fault
    if missing:
        raise ValueError(f"a contract with {', '.join(missing)} in its meta, and {location} has none")
    return meta
