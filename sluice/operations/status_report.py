"""A dataset's state for a person to read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from etl.contract.severity import Severity
from etl.results.row_origin import parse_origins
from etl.results.waiting_objects import WaitingObjects
from etl.runtime.arguments import RunKind
from etl.wording import count_noun, join_names
from sluice.console import Part, make_console, print_parts
from sluice.operations.raw_objects import MAX_NAMED_OBJECTS, describe_keys
from sluice.operations.short_ids import short_id, shorten_ids
from sluice.operations.status import COUNT_FIELDS, DatasetState
from sluice.word_wrap import COPIED

STYLES = {
    "SUCCEEDED": "green",
    "FAILED": "red",
    "TIMEOUT": "red",
    "ERROR": "red",
}
LABEL_WIDTH = 16
COMMAND = "$"  # the label of a command, which has a line of its own
Line = tuple[str, Sequence[Part]]  # a label, and what stands beside it


def print_states(states: Sequence[DatasetState]) -> None:
    """Print a block of lines for each dataset."""
    console = make_console()
    for state in states:
        print_parts(console, (state.dataset, "bold"), f"  {state.job}")
        for label, line in _render_state(state):
            label_part = (f"  {label:<14}", "dim") if label != COMMAND else COPIED
            print_parts(console, label_part, *line, hang=LABEL_WIDTH)


def _render_state(state: DatasetState) -> Iterator[Line]:
    yield from _render_faults(state.faults)
    findings = _with_short_ids(state.findings)
    for name, part in PART_RENDERERS.items():
        if findings[name] is not None:
            yield from part(findings[name])


def _with_short_ids(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return findings with the ids of runs and snapshots as people read them; of all that are shown, so none is alike."""
    runs, maintenance, verdict, readers = (findings[name] for name in ("runs", "maintenance", "verdict", "readers"))
    shown_runs = [*(runs or ()), *([maintenance] if maintenance else [])]
    short = shorten_ids({*(run["run"] for run in shown_runs), *([verdict["run_id"]] if verdict else [])})
    shortened: dict[str, Any] = {
        "runs": runs and [{**run, "run": short[run["run"]]} for run in runs],
        "maintenance": maintenance and {**maintenance, "run": short[maintenance["run"]]},
        "verdict": verdict and {**verdict, "run_id": short[verdict["run_id"]]},
        "readers": readers and {**readers, "snapshot": readers["snapshot"] and short_id(readers["snapshot"])},
    }
    return {**findings, **shortened}


def _render_faults(faults: Mapping[str, str]) -> Iterator[Line]:
    for fault in dict.fromkeys(faults.values()):
        parts = ", ".join(name for name, message in faults.items() if message == fault)
        yield "not seen", [(f"{parts}: {fault}", "red")]


def _render_readers(readers: Mapping[str, Any]) -> Iterator[Line]:
    if readers["snapshot"] is None:
        yield "readers see", [("nothing yet", "yellow")]
        return
    late = readers["freshness_hours"] is not None and readers["hours"] > readers["freshness_hours"]
    service_level = (
        f" (contract: within {readers['freshness_hours']})" if readers["freshness_hours"] is not None else ""
    )
    rows = "" if readers["rows"] is None else f", {count_noun(readers['rows'], 'row')}"
    age = (f"{readers['hours']} hours ago{service_level}", "red" if late else "")
    yield "readers see", [f"snapshot {readers['snapshot']}{rows}, published {readers['published']}, ", age]


def _render_verdict(verdict: Mapping[str, Any]) -> Iterator[Line]:
    read, published, quarantined = (verdict[f"rows_{outcome}"] for outcome in ("read", "published", "quarantined"))
    counts = f" {count_noun(read, 'row')} read, {published:,} published, {quarantined:,} set aside"
    yield "last verdict", [_styled_text(verdict["state"]), f"{_render_kind(verdict)}{counts}; {verdict['run_id']}"]
    for violation in verdict["violated"]:
        yield (
            "",
            [
                (violation["severity"], Severity(violation["severity"]).colour),
                f" {violation['rule']} ({violation['unexpected']:,}){_render_places(violation.get('places', ()))}",
            ],
        )
    for violation in verdict.get("in_error", ()):
        yield "", [("error", "red"), f" {violation['rule']}: it could not be judged"]
    counts = [(verdict.get(count_field, 0), state.label) for state, count_field in COUNT_FIELDS.items() if count_field]
    if rule_counts := ", ".join(f"{count_noun(count, 'rule')} {label}" for count, label in counts if count):
        yield "", [rule_counts]
    if commands := verdict.get("skip", ()):
        yield "", [("leave alone what broke it:", "dim")]
        yield from ((COMMAND, [command]) for command in commands)


def _render_places(places: Sequence[Mapping[str, Any] | None]) -> str:
    names = dict.fromkeys(origin.in_words for origin in parse_origins(places) if origin)
    return f" in {', '.join(names)}" if names else ""


def _render_runs(job_runs: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    for position, job_run in enumerate(job_runs):
        yield "" if position else "last runs", _render_run(job_run)
    if not job_runs:
        yield "last runs", ["none"]


def _render_maintenance(job_run: Mapping[str, Any]) -> Iterator[Line]:
    yield "maintenance", _render_run(job_run)


def _render_run(job_run: Mapping[str, Any]) -> list[Part]:
    message = f": {job_run['message']}" if job_run["message"] else ""
    return [
        _styled_text(job_run["state"]),
        f"{_render_kind(job_run)} {job_run['started']}, {job_run['seconds']:,} s, {job_run['run']}{message}",
    ]


def _render_kind(description: Mapping[str, Any]) -> str:
    kind = RunKind(description.get("kind", RunKind.RUN))
    return f" ({kind})" if kind.is_repair else ""


def _render_objects(object_state: Mapping[str, Any]) -> Iterator[Line]:
    unread = [
        f"{unread_object['key']}{' (a new version)' if unread_object['instead_of'] else ''}"
        for unread_object in object_state["unread"]
    ]
    size = sum(unread_object["bytes"] for unread_object in object_state["unread"])
    yield "unread", [f"{describe_keys(unread)} ({count_noun(size, 'byte')})" if unread else "nothing"]
    if superseded := object_state["superseded"]:
        words = f"{describe_keys(superseded)}: the next run records them and reads a newer copy, or none"
        yield "older copies", [(words, "yellow")]
    for group in object_state["waiting"]:
        words = WaitingObjects(group["awaited"], group["objects"], tuple(group["keys"])).in_words
        yield "waiting", [(words, "yellow")]
    for manifest in object_state["broken_manifests"]:
        yield "no manifest", [(f"{manifest['key']}: {manifest['fault']}", "red")]
    for skip in object_state["skipped"]:
        yield "skipped", [(f"{skip['key']} by {skip['who']} at {skip['at']}: {skip['why']}", "yellow")]
    if passed_over := object_state["objects_passed_over"]:
        names = join_names(object_state["passed_over"], MAX_NAMED_OBJECTS, number=passed_over)
        yield "passed over", [(f"{count_noun(passed_over, 'object')} for the name: {names}", "yellow")]
    if object_state["deleted"]:
        yield "deleted", [f"in raw, still published: {describe_keys(object_state['deleted'])}"]


def _render_branches(branches: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    for branch in branches:
        whose = "of a run under way" if branch["alive"] else "left over: the next run drops it"
        yield "branch", [f"{branch['branch']} of {branch['table']}, {whose}"]


def _render_quarantine(count: int) -> Iterator[Line]:
    yield "aside", [(count_noun(count, "row"), "yellow" if count else "")]


def _styled_text(state_word: str) -> tuple[str, str]:
    return state_word, STYLES.get(state_word, "")


PART_RENDERERS = {
    "readers": _render_readers,
    "verdict": _render_verdict,
    "runs": _render_runs,
    "maintenance": _render_maintenance,
    "objects": _render_objects,
    "branches": _render_branches,
    "aside": _render_quarantine,
}
