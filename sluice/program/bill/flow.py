"""What the flow costs in a month: its steps, the looks at what arrived, the queues and the events."""

import re
from collections.abc import Iterator, Mapping

from components.settings import cron
from sluice.program.graph import Graph
from sluice.program.starts import by_arrival, by_schedule, heard, machine, windows

DAYS, MINUTES = 30, 30 * 24 * 60
LOOK, AROUND, OF_A_STAGE, OF_A_DATASET, OF_A_BATCH = 7, 5, 2, 2, 3
"""States that an execution goes through: of a look, of a run, in all and for each part, and of ten messages taken."""
BATCH = 10
Starts = dict[str, float]


def times_a_month(schedule: str) -> float:
    """How often a schedule starts in a month of 30 days: minutes times hours times days, as far as months allow."""
    if rate := re.fullmatch(r"rate\((\d+) minutes?\)", schedule):
        return MINUTES / int(rate[1])
    minutes, hours, days, months, weekdays, _ = cron.values(schedule)
    share = len(weekdays) * DAYS / 7 if weekdays else min(len(days), DAYS)
    return len(minutes) * len(hours) * share * len(months) / 12


def runs_by_start(graph: Graph, assumed: Mapping[str, float]) -> Starts:
    """Return how often the flow runs each dataset in a month, those that files start as often as is assumed."""
    timed = {dataset: sum(map(times_a_month, times)) for dataset, times in by_schedule(graph).items()}
    arriving = dict.fromkeys(by_arrival(graph), DAYS * assumed["arrivals_a_day"])
    return {dataset: timed.get(dataset, 0.0) + arriving.get(dataset, 0.0) for dataset in {**timed, **arriving}}


def lines(graph: Graph, usd: Mapping[str, float], assumed: Mapping[str, float]) -> Iterator[tuple[str, str, float]]:
    """Yield what for, how it is counted, and dollars a month."""
    states = machine(graph)["States"].values()
    stages = [state for state in states if state["Type"] == "Parallel"]
    branches = sum(len(stage["Branches"]) for stage in stages)
    runs = runs_by_start(graph, assumed)
    # the datasets of one start share an execution, so the most that any has is about their number
    starts = max(runs.values(), default=0.0)
    looks = sum(times_a_month(node.inputs["scheduleExpression"]) for node in windows(graph))
    events = DAYS * assumed["arrivals_a_day"] * assumed["objects_per_arrival"] * len(heard(graph))
    steps = starts * (AROUND + OF_A_STAGE * len(stages) + OF_A_DATASET * branches)
    steps += looks * LOOK + events / BATCH * OF_A_BATCH
    yield (
        "flow: steps",
        f"{starts:.0f} starts, {looks:.0f} looks, {steps:.0f} steps",
        steps / 1000 * usd["thousand_steps"],
    )
    requests = looks + 3 * events
    told = events * usd["million_events"] + requests * usd["million_queue_requests"]
    yield "flow: arrivals", f"{events:.0f} events, {requests:.0f} requests", told / 1e6
    yield "flow: undelivered", "no request while all is delivered; its alarm is among the alarms", 0.0
