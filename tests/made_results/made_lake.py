"""A lake's contracts and its assets folder: some days of results for each dataset, the same for the same seed."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from etl.contract.loading import contract_of
from etl.contract.model import Contract
from sluice.site.rule_texts import RuleText, group_rules
from tests.lake import LAKE

NOW = datetime(2026, 11, 29, 6, 0, tzinfo=UTC)
TODAY = NOW.date()
UNJOINED_DAYS = 40  # of the last days each run has files of its own; older ones lie in months
NAMES = ("orders", "returns", "stores", "stock", "trips", "prices", "refunds", "visits", "parcels", "invoices")
OWNERS = ("shop-data", "logistics", "finance", "catalogue")


@dataclass(frozen=True)
class MadeLake:
    """What was made: the folder of assets, and the contracts by dataset."""

    assets: Path
    pairs: dict[str, tuple[Contract, Contract]]


@dataclass(frozen=True)
class _DatasetDays:
    dataset: str
    pair: tuple[Contract, Contract]
    chance: random.Random
    rows: int
    runs: list[dict[str, Any]] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)

    @cached_property
    def texts(self) -> list[tuple[str, RuleText]]:
        """The rules that a run judges, each with its stage."""
        groups = [(contract.stage, group) for contract in self.pair for group in group_rules(contract, *self.pair)]
        return [(stage, text) for stage, group in groups for text in group.lines]


def make_lake(root: Path, datasets: int = 3, days: int = 60, seed: int = 1, until: date = TODAY) -> MadeLake:
    """Write results of so many datasets under `root`/assets, each with its last day at `until`."""
    pairs: dict[str, tuple[Contract, Contract]] = {}
    for number in range(datasets):
        name = NAMES[number] if number < len(NAMES) else f"{NAMES[number % len(NAMES)]}_{number // len(NAMES)}"
        pairs[name] = make_contracts(name, OWNERS[number % len(OWNERS)])
        dataset_days = _DatasetDays(name, pairs[name], random.Random(f"{seed} {name}"), 400 * (number % 7 + 1) ** 3)
        for back in reversed(range(days)):
            _make_day(dataset_days, until - timedelta(days=back), back)
        write_lines(root / "assets", "runs", name, dataset_days.runs, until)
        write_lines(root / "assets", "rules", name, dataset_days.rules, until)
        _write_verdicts(root / "assets", dataset_days)
    return MadeLake(root / "assets", pairs)


def make_contracts(name: str, owner: str = "shop-data") -> tuple[Contract, Contract]:
    """Return contracts of a dataset, as those of the tests' trades are."""
    texts = [(LAKE / f"expectations/trades/{stage}.json").read_text() for stage in ("input", "output")]
    suites = [json.loads(text.replace("trades", name).replace("a trade", "a row")) for text in texts]
    for suite in suites:
        suite["meta"].update(owner=owner, description=f"Each day's {name.replace('_', ' ')}, as published.")
    return contract_of(suites[0]), contract_of(suites[1])


def _make_day(dataset_days: _DatasetDays, day: date, back: int) -> None:
    chance = dataset_days.chance
    if day.weekday() == 6 and dataset_days.rows < 4000:
        return
    bad = chance.random() < 0.03 or (back == 0 and dataset_days.dataset == NAMES[3])
    versions = {"input": "1.0.0", "output": "1.0.0" if back > 250 else "1.1.0" if back > 90 else "2.0.0"}
    if bad:
        _make_run(dataset_days, day, 5, versions, broken=True)
        if chance.random() < 0.8 and back:
            _make_run(dataset_days, day, 9, versions, broken=False)
    else:
        _make_run(dataset_days, day, 5, versions, broken=False)
    if chance.random() < 0.1:
        _make_run(dataset_days, day, 12, versions, broken=False, nothing=True)


def _make_run(
    dataset_days: _DatasetDays, day: date, hour: int, versions: dict[str, str], broken: bool, nothing: bool = False
) -> None:
    chance, started = dataset_days.chance, f"{day}T{hour:02}:{dataset_days.chance.randrange(60):02}:07+00:00"
    weekly = 0.6 if day.weekday() > 4 else 1.0
    rows = 0 if nothing else int(dataset_days.rows * weekly * chance.uniform(0.85, 1.15))
    aside = chance.randrange(1, 40) if not nothing and not broken and chance.random() < 0.25 else 0
    run: dict[str, Any] = {
        **{
            "version": 1,
            "dataset": dataset_days.dataset,
            "run_id": f"jr_{chance.getrandbits(160):040x}",
            "kind": "run",
        },
        **{"run_date": f"{day}", "started": started, "state": "FAILED" if broken else "SUCCEEDED"},
        **{"nothing_unread": nothing, "rows_read": rows, "rows_published": 0 if broken else rows - aside},
        **{"rows_quarantined": aside, "rows_replaced": 0, "objects": int(not nothing), "bytes": rows * 70},
        **{"seconds": round(50 + rows / 4000, 1), "dpu_seconds": round(120 + rows / 1500, 1)},
        **{"published_at": _published_at(dataset_days, started, broken or nothing), "freshness_hours": 26},
        **{"contracts": versions, "broken": [], "metrics": {}, "corrected": 0, "isolated": False},
        "is_ordinary": not broken and not nothing,
    }
    if not nothing:
        rules = [*_rule_lines(dataset_days, run, broken, aside)]
        run["broken"] = [
            {"rule": line["rule"], "severity": line["severity"], "rows": line["rows_broken"]}
            for line in rules
            if line["state"] == "broken"
        ]
        dataset_days.rules.extend(rules)
    dataset_days.runs.append(run)


def _published_at(dataset_days: _DatasetDays, started: str, keeps_last: bool) -> str | None:
    """Return when what readers see was published: a run that publishes nothing leaves what the one before it left."""
    if not keeps_last:
        return started
    return dataset_days.runs[-1]["published_at"] if dataset_days.runs else None


def _rule_lines(dataset_days: _DatasetDays, run: dict[str, Any], broken: bool, aside: int) -> Iterator[dict[str, Any]]:
    texts = dataset_days.texts
    criticals = [text.id for _, text in texts if text.severity == "critical" and not text.by_itself]
    warnings = [text.id for _, text in texts if text.severity == "warning" and not text.by_itself]
    hit = (
        {dataset_days.chance.choice(criticals[:6])}
        if broken
        else {dataset_days.chance.choice(warnings)}
        if aside
        else set[str]()
    )
    for stage, text in texts:
        breaks = text.id in hit
        observed = str(run["rows_read"]) if text.id.endswith(".rows") else None
        yield {
            **{name: run[name] for name in ("version", "dataset", "run_id", "kind", "run_date", "started")},
            **{"rule": text.id, "stage": "structure" if text.by_itself else str(stage), "severity": str(text.severity)},
            **{"state": "broken" if breaks else "held", "way": "observed", "rows_judged": run["rows_read"]},
            **{"rows_broken": (aside or 3) if breaks else 0, "observed": observed},
        }


def write_lines(assets: Path, table: str, dataset: str, lines: list[dict[str, Any]], until: date) -> None:
    """Write lines as the lake has them: whole months that are over as copies, the last days as files of each run."""
    files: dict[str, list[str]] = {}
    joined = f"{until - timedelta(days=UNJOINED_DAYS):%Y-%m}"
    for line in lines:
        day = line["started"][:10]
        if day[:7] < joined:
            key = f"results/months/{table}/dataset={dataset}/{day[:7]}.jsonl"
            (assets / f"results/{table}/dataset={dataset}/day={day}").mkdir(parents=True, exist_ok=True)
        else:
            key = f"results/{table}/dataset={dataset}/day={day}/{re.sub('[^a-zA-Z0-9_-]', '-', line['run_id'])}.jsonl"
        files.setdefault(key, []).append(json.dumps(line))
    for key, texts in files.items():
        path = assets / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")


def _write_verdicts(assets: Path, dataset_days: _DatasetDays) -> None:
    """Write the verdicts of the last runs that were bad, and of the last run."""
    folder = assets / "verdicts" / dataset_days.dataset
    folder.mkdir(parents=True)
    bad = [run for run in dataset_days.runs if run["broken"]][-20:]
    for run in [*bad, dataset_days.runs[-1]]:
        text = json.dumps(make_verdict(dataset_days, run))
        (folder / f"{run['run_id']}.json").write_text(text)
        (folder / "latest.json").write_text(text)


def make_verdict(dataset_days: _DatasetDays, run: dict[str, Any]) -> dict[str, Any]:
    """Return the verdict file of a line of runs, with samples and places of what broke."""
    key = f"{dataset_days.dataset}/{run['run_date']}.csv"
    whys = {rule.rule: rule.why for contract in dataset_days.pair for rule in contract.rules}
    rules = [
        {
            **{"rule": broken["rule"], "stage": "output", "severity": broken["severity"], "state": "broken"},
            **{"unexpected": broken["rows"], "samples": ["-2", None], "why": whys.get(broken["rule"], "")},
            "places": [{"object": key, "version": "1", "row": dataset_days.chance.randrange(2, 400)}, None],
        }
        for broken in run["broken"]
    ]
    shared = {name: run[name] for name in ("dataset", "run_id", "kind", "started", "state", "contracts", "seconds")}
    rows = {name: run[name] for name in ("rows_read", "rows_published", "rows_quarantined", "nothing_unread")}
    message = f"{dataset_days.dataset} broke its contract, nothing was published" if rules else "published"
    objects = [{"key": key, "version": "1"}] if run["objects"] else []
    return {**shared, **rows, "version": 1, "job": "job", "message": message, "objects": objects, "rules": rules}


def load_contracts(dataset: str) -> tuple[Contract, Contract]:
    """Return the contracts of one of the tests' datasets."""
    folder = LAKE / "expectations" / dataset
    input_contract, published = (
        contract_of(json.loads((folder / f"{stage}.json").read_text())) for stage in ("input", "output")
    )
    return input_contract, published
