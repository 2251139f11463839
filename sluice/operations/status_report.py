"""A dataset's state for a person to read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from etl.results.row_origin import stored
from etl.runtime.arguments import RUN
from etl.wording import counted, listed
from sluice.console import Part, terminal, text
from sluice.operations.raw_objects import FEW, told
from sluice.operations.status import State

STYLES = {
    "SUCCEEDED": "green",
    "FAILED": "red",
    "TIMEOUT": "red",
    "ERROR": "red",
    "critical": "red",
    "warning": "yellow",
    "error": "red",
}
RULES = {"held": "held", "not_evaluated": "not evaluated", "in_error": "in error"}
Line = tuple[str, Sequence[Part]]  # a label, and what stands beside it


def show(states: Sequence[State]) -> None:
    """Print a block of lines for each dataset; long ones are left to the terminal to wrap, so that ids stay whole."""
    console = terminal(soft_wrap=True)
    for one in states:
        console.print(text((one.dataset, "bold"), f"  {one.job}"))
        for label, line in _lines(one):
            console.print(text((f"  {label:<14}", "dim"), *line))


def _lines(state: State) -> Iterator[Line]:
    yield from _unseen(state.unseen)
    for name, part in WORDS.items():
        if state.seen[name] is not None:
            yield from part(state.seen[name])


def _unseen(unseen: Mapping[str, str]) -> Iterator[Line]:
    for fault in dict.fromkeys(unseen.values()):
        parts = ", ".join(name for name, said in unseen.items() if said == fault)
        yield "not seen", [(f"{parts}: {fault}", "red")]


def _readers(seen: Mapping[str, Any]) -> Iterator[Line]:
    if seen["snapshot"] is None:
        yield "readers see", [("nothing yet", "yellow")]
        return
    late = seen["freshness_hours"] is not None and seen["hours"] > seen["freshness_hours"]
    wanted = f" (contract: within {seen['freshness_hours']})" if seen["freshness_hours"] is not None else ""
    rows = "" if seen["rows"] is None else f", {counted(seen['rows'], 'row')}"
    age = (f"{seen['hours']} hours ago{wanted}", "red" if late else "")
    yield "readers see", [f"snapshot {seen['snapshot']}{rows}, published {seen['published']}, ", age]


def _verdict(seen: Mapping[str, Any]) -> Iterator[Line]:
    read, published, aside = (seen[f"rows_{what}"] for what in ("read", "published", "quarantined"))
    counts = f" {counted(read, 'row')} read, {published:,} published, {aside:,} set aside"
    yield "last verdict", [_styled(seen["state"]), f"{_kind(seen)}{counts}; {seen['run_id']}"]
    for one in seen["violated"]:
        yield "", [_styled(one["severity"]), f" {one['rule']} ({one['unexpected']:,}){_places(one.get('places', ()))}"]
    for one in seen.get("in_error", ()):
        yield "", [_styled("error"), f" {one['rule']}: it could not be judged"]
    counts = [(seen.get(f"rules_{name}", 0), words) for name, words in RULES.items()]
    if told := ", ".join(f"{counted(count, 'rule')} {words}" for count, words in counts if count):
        yield "", [told]
    for command in seen.get("skip", ()):
        yield "", [("leave it alone: ", "dim"), command]


def _places(places: Sequence[Mapping[str, Any] | None]) -> str:
    words = dict.fromkeys(one.in_words for one in stored(places) if one)
    return f" in {', '.join(words)}" if words else ""


def _runs(seen: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    for at, one in enumerate(seen):
        yield "" if at else "last runs", _run(one)
    if not seen:
        yield "last runs", ["none"]


def _maintenance(seen: Mapping[str, Any]) -> Iterator[Line]:
    yield "maintenance", _run(seen)


def _run(one: Mapping[str, Any]) -> list[Part]:
    message = f": {one['message']}" if one["message"] else ""
    return [_styled(one["state"]), f"{_kind(one)} {one['started']}, {one['seconds']:,} s, {one['run']}{message}"]


def _kind(one: Mapping[str, Any]) -> str:
    kind = one.get("kind", RUN)
    return "" if kind == RUN else f" ({kind})"


def _objects(seen: Mapping[str, Any]) -> Iterator[Line]:
    unread = [f"{one['key']}{' (a new version)' if one['instead_of'] else ''}" for one in seen["unread"]]
    size = sum(one["bytes"] for one in seen["unread"])
    yield "unread", [f"{told(unread)} ({counted(size, 'byte')})" if unread else "nothing"]
    for one in seen["skipped"]:
        yield "skipped", [(f"{one['key']} by {one['who']} at {one['at']}: {one['why']}", "yellow")]
    if passed_over := seen["objects_passed_over"]:
        names = listed(seen["passed_over"], FEW, number=passed_over)
        yield "passed over", [(f"{counted(passed_over, 'object')} with _ or a dot before a name: {names}", "yellow")]
    if seen["deleted"]:
        yield "deleted", [f"in raw, still published: {told(seen['deleted'])}"]


def _branches(seen: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    for one in seen:
        whose = "of a run under way" if one["alive"] else "left over: the next run drops it"
        yield "branch", [f"{one['branch']} of {one['table']}, {whose}"]


def _aside(seen: int) -> Iterator[Line]:
    yield "aside", [(counted(seen, "row"), "yellow" if seen else "")]


def _styled(word: str) -> tuple[str, str]:
    return word, STYLES.get(word, "")


WORDS = {
    "readers": _readers,
    "verdict": _verdict,
    "runs": _runs,
    "maintenance": _maintenance,
    "objects": _objects,
    "branches": _branches,
    "aside": _aside,
}
