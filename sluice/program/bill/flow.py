"""What the flow costs in a month: its steps, the looks at what arrived, the queues and the events."""

import re
from collections.abc import Iterator, Mapping

from components.access.message_policies import DIGEST, DUE
from components.orchestration.due_states import look_state
from components.settings import cron
from sluice.program.graph import Graph, Node
from sluice.program.starts import (
    arrival_datasets,
    arrival_groups,
    arrival_windows,
    flow_definition,
    flow_stages,
    machine_definitions,
    machine_schedules,
    schedule_input,
    schedules_by_dataset,
)

DAYS_PER_MONTH, MINUTES_PER_MONTH = 30, 30 * 24 * 60
STATES_PER_LOOK, STATES_PER_RUN, STATES_PER_STAGE, STATES_PER_DATASET, STATES_PER_BATCH = 7, 5, 2, 7, 3
STATES_PER_WATCHED_RUN = 8
STATES_PER_DUE_LOOK, STATES_PER_DUE_GROUP, STATES_PER_PAGE, KEYS_PER_PAGE = 6, 3, 2, 400
"""States that an execution goes through: of a look, of a run, in all and for each part, of ten messages taken; and those of
the watch for a run that somebody else told of. Of a look for what is due: in all, of each prefix, and of each page of keys."""
MESSAGES_PER_BATCH = 10
DESTINATION = "aws:cloudwatch/eventApiDestination:EventApiDestination"
RunsPerMonth = dict[str, float]


def starts_per_month(schedule: str) -> float:
    """How often a schedule starts in a month of 30 days: minutes times hours times days, as far as months allow."""
    if rate := re.fullmatch(r"rate\((\d+) minutes?\)", schedule):
        return MINUTES_PER_MONTH / int(rate[1])
    minutes, hours, days, months, weekdays, _ = cron.parse_schedule(schedule)
    share = len(weekdays) * DAYS_PER_MONTH / 7 if weekdays else min(len(days), DAYS_PER_MONTH)
    return len(minutes) * len(hours) * share * len(months) / 12


def runs_by_start(graph: Graph, assumed: Mapping[str, float]) -> RunsPerMonth:
    """Return how often the flow runs each dataset in a month, those that files start as often as is assumed."""
    scheduled_runs = {
        dataset: sum(map(starts_per_month, times)) for dataset, times in schedules_by_dataset(graph).items()
    }
    arrival_runs = dict.fromkeys(arrival_datasets(graph), DAYS_PER_MONTH * assumed["arrivals_a_day"])
    return {
        dataset: scheduled_runs.get(dataset, 0.0) + arrival_runs.get(dataset, 0.0)
        for dataset in {**scheduled_runs, **arrival_runs}
    }


def active_schedules(graph: Graph, machine: str) -> list[Node]:
    """Return the active schedules that start a machine."""
    return [node for node in machine_schedules(graph, machine) if node.inputs["state"] == "ENABLED"]


def look_steps(graph: Graph, listed: float) -> tuple[float, float, float]:
    """Return how often a month something is looked for that is due, the steps of that, and the pages that are listed.

    `listed` are the objects below a prefix.
    """
    looks = steps = pages = 0.0
    for node in active_schedules(graph, DUE):
        states = machine_definitions(graph)[DUE]["States"]
        branches = len(states[look_state(schedule_input(node)["due"])]["Branches"])
        starts = starts_per_month(node.inputs["scheduleExpression"])
        listed_pages = starts * branches * max(1, listed / KEYS_PER_PAGE)
        looks, pages = looks + starts, pages + listed_pages
        steps += starts * (STATES_PER_DUE_LOOK + STATES_PER_DUE_GROUP * branches) + STATES_PER_PAGE * listed_pages
    return looks, steps, pages


def mail_count(graph: Graph) -> int:
    """Return how many addresses hear of critical messages."""
    mails = [node for node in graph.nodes.values() if node.inputs.get("protocol") == "email"]
    return len({node.inputs["endpoint"] for node in mails})


def flow_cost_lines(
    graph: Graph, usd: Mapping[str, float], assumed: Mapping[str, float]
) -> Iterator[tuple[str, str, float]]:
    """Yield what for, how it is counted, and dollars a month."""
    stages = flow_stages(flow_definition(graph))
    datasets = sum(map(len, stages.values()))
    runs = runs_by_start(graph, assumed)
    # the datasets of one start share an execution, so the most that any has is about their number
    starts = max(runs.values(), default=0.0)
    window_looks = sum(starts_per_month(node.inputs["scheduleExpression"]) for node in arrival_windows(graph))
    events = DAYS_PER_MONTH * assumed["arrivals_a_day"] * assumed["objects_per_arrival"] * len(arrival_groups(graph))
    steps = starts * (STATES_PER_RUN + STATES_PER_STAGE * len(stages) + STATES_PER_DATASET * datasets)
    steps += window_looks * STATES_PER_LOOK + events / MESSAGES_PER_BATCH * STATES_PER_BATCH
    yield (
        "flow: steps",
        f"{starts:.0f} starts, {window_looks:.0f} looks, {steps:.0f} steps",
        steps / 1000 * usd["thousand_steps"],
    )
    watched = sum(runs.values())
    yield (
        "messages: watch",
        f"{watched:.0f} runs watched, {watched * STATES_PER_WATCHED_RUN:.0f} steps",
        watched * STATES_PER_WATCHED_RUN / 1000 * usd["thousand_steps"],
    )
    looks, look_states, pages = look_steps(graph, assumed["listed_per_look"])
    if looks:
        yield (
            "flow: due",
            f"{looks:.0f} looks for what is due, {look_states:.0f} steps, {pages:.0f} pages listed",
            look_states / 1000 * usd["thousand_steps"] + pages / 1000 * usd["s3_thousand_writes"],
        )
    digests = sum(starts_per_month(node.inputs["scheduleExpression"]) for node in active_schedules(graph, DIGEST))
    parts = len(runs) * DAYS_PER_MONTH / digests if digests else 0
    read = watched + digests * (6 + 3 * parts)
    yield (
        "messages: digest",
        f"{digests:.0f} digests, {read if digests else 0:.0f} steps",
        read / 1000 * usd["thousand_steps"] if digests else 0.0,
    )
    endpoints = sum(node.type == DESTINATION for node in graph.nodes.values())
    messages = watched * assumed["messages_per_run"]
    yield (
        "messages: endpoints",
        f"{messages:.0f} messages to {endpoints} endpoints",
        messages * (usd["million_events"] + endpoints * usd["million_destination_calls"]) / 1e6 if endpoints else 0.0,
    )
    yield (
        "messages: e-mail",
        f"{messages * mail_count(graph):.0f} mails",
        messages * mail_count(graph) / 1000 * usd["thousand_mails"],
    )
    requests = window_looks + 3 * events
    cost_in_millionths = events * usd["million_events"] + requests * usd["million_queue_requests"]
    yield "flow: arrivals", f"{events:.0f} events, {requests:.0f} requests", cost_in_millionths / 1e6
    yield "flow: undelivered", "no request while all is delivered; its alarm is among the alarms", 0.0
