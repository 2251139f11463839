"""What was said before: one object for each dataset and run date that is bad, so that nobody is told the same twice.

`incidents/<dataset>/<run-date>.json` is of a bad date; `<run-date>.set_aside.json` of one whose rows were set aside,
`<run-date>.results.json` of one whose results are not whole. The flow writes the first kind too, for a run that ended before it
could.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from etl.contract.json_values import is_list, is_object
from etl.contract.severity import Severity
from etl.messages.message import MessageKind

VERSION = 1
SUFFIXES = {kind: f".{kind}" for kind in MessageKind if kind.is_remembered and kind is not MessageKind.BAD}
CRASH = "run"
"""What stands among an incident's rules where the flow or the watch noted it, of a run that was killed or never began."""
DAYS_REMEMBERED = 14
"""How long rows aside and results are remembered: a replay after that says nothing of its own."""
MAX_OBJECTS = 100
"""Objects that an incident names. One that is about more is settled by a run that publishes, and not by skipping."""


@dataclass(frozen=True)
class Incident:
    """What was said of a dataset on a run date.

    Attributes:
        run_date: the day as ISO text.
        rules: ids of the broken rules that people were told of, and `error:<class>` for what else ended a run.
        severity: who was told.
        run_id: the run that told first.
        kind: bad, set_aside or results.
        runs: all runs that it is about.
        objects: keys of the objects that broke the rules; none where that is not known, or where there are too many.
    """

    run_date: str
    rules: tuple[str, ...]
    severity: Severity
    run_id: str
    kind: MessageKind
    runs: tuple[str, ...]
    objects: tuple[str, ...] = ()

    @classmethod
    def begin(
        cls, run_date: str, faults: Iterable[str], severity: Severity, run_id: str, kind: MessageKind
    ) -> "Incident":
        """Return what is remembered of the first run of a date that has these faults."""
        return cls(run_date, tuple(sorted(faults)), severity, run_id, kind, (run_id,))

    @classmethod
    def unreadable(cls, run_date: str, kind: MessageKind) -> "Incident":
        """Return what an object that cannot be read stands for: its date was told of, so it ends, and no rule was."""
        severity = Severity.CRITICAL if kind is MessageKind.BAD else Severity.WARNING
        return cls(run_date, (), severity, "", kind, ())

    def covers(self, faults: Iterable[str]) -> bool:
        """Return whether people were told of all these already."""
        return {*faults} <= {*self.rules}

    def extended(self, faults: Iterable[str], run_id: str) -> "Incident":
        """Return it with what a later run is about."""
        rules, runs = tuple(sorted({*self.rules, *faults})), tuple(dict.fromkeys((*self.runs, run_id)))
        return replace(self, rules=rules, runs=runs, run_id=self.run_id or run_id)

    def about(self, objects: Iterable[str]) -> "Incident":
        """Return it with the objects that broke the rules now; those of before were mended, or break them still."""
        listed = tuple(sorted({*objects}))
        return replace(self, objects=listed if len(listed) <= MAX_OBJECTS else ())

    def without_run(self, run_id: str) -> "Incident":
        """Return it without a run that is settled."""
        return replace(self, runs=tuple(run for run in self.runs if run != run_id))

    def is_settled_by_skipping(self, skipped: Collection[str]) -> bool:
        """Return whether all that is bad is left alone by now; `skipped` are keys of objects."""
        return bool(self.objects) and {*self.objects} <= {*skipped}

    def as_json(self) -> dict[str, Any]:
        """Return the object's content."""
        return {
            "version": VERSION,
            "rules": list(self.rules),
            "severity": str(self.severity),
            "run_id": self.run_id,
            "kind": str(self.kind),
            "runs": list(self.runs),
            "objects": list(self.objects),
        }


def parse_incident(body: bytes, run_date: str, kind: MessageKind) -> Incident | None:
    """Read the bytes of an incident of a kind; None where they are none."""
    try:
        content: Any = json.loads(body)
        if not is_object(content) or content.get("version") != VERSION or content["kind"] != kind:
            return None
        return Incident(
            run_date,
            _texts(content["rules"]),
            Severity(content["severity"]),
            str(content["run_id"]),
            kind,
            _texts(content.get("runs", [])) or (str(content["run_id"]),),
            _texts(content.get("objects", [])),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _texts(listed: Any) -> tuple[str, ...]:
    """Return a JSON list of texts.

    Raises:
        TypeError: it is none.
    """
    if not is_list(listed):
        raise TypeError("no list")
    return tuple(map(str, listed))


def incident_prefix(dataset: str) -> str:
    """Return what the keys of a dataset's incidents begin with."""
    return f"incidents/{dataset}/"


def incident_key(dataset: str, run_date: str, kind: MessageKind = MessageKind.BAD) -> str:
    """Return the key of what was said of a date."""
    return f"{incident_prefix(dataset)}{run_date}{SUFFIXES.get(kind, '')}.json"


def parse_key(dataset: str, key: str) -> tuple[str, MessageKind] | None:
    """Return the run date and the kind that a key names; None for another object."""
    stem = key.removeprefix(incident_prefix(dataset)).removesuffix(".json")
    day, separator, name = stem.partition(".")
    kind = next((kind for kind, suffix in SUFFIXES.items() if suffix == f"{separator}{name}"), MessageKind.BAD)
    try:
        date.fromisoformat(day)
    except ValueError:
        return None
    return (day, kind) if key == incident_key(dataset, day, kind) else None


def is_forgotten(run_date: str, today: date) -> bool:
    """Return whether a date is so long past that of it only what is bad is remembered."""
    return date.fromisoformat(run_date) < today - timedelta(days=DAYS_REMEMBERED)
