"""Policies on the flow: it runs every job once, tells of what fails, and repeats nothing but a start that found no room."""

import json
from collections.abc import Iterator

from sluice.program import flow_structure
from sluice.program.graph import Graph
from sluice.program.policies.policy import names, policy
from sluice.program.starts import RULE, SCHEDULE, TARGET, given, machine

JOB, TRIGGER = "aws:glue/job:Job", "aws:glue/trigger:Trigger"
RUN = "glue:startJobRun.sync"
NO_ROOM = {
    "Glue.ConcurrentRunsExceededException",
    "Glue.ResourceNumberLimitExceededException",
    "Glue.ThrottlingException",
    "Glue.AWSGlueException",
}


def publishing(graph: Graph) -> dict[str, str]:
    """The jobs that publish, with the datasets that they do."""
    jobs = {node.inputs["name"]: node.inputs["defaultArguments"].get("--dataset") for node in graph.of(JOB)}
    return {job: dataset for job, dataset in jobs.items() if dataset}


@policy(
    "flow.structure",
    "the flow's machine can be walked: every state is reached and comes to an end, every task catches every error",
    "Amazon States Language; AWS Step Functions, Handling errors",
)
def structure(graph: Graph) -> Iterator[str]:
    yield from flow_structure.faults(machine(graph))


@policy(
    "flow.runs-all",
    "the flow runs every publishing job in one place, and no trigger starts one beside it",
    "AWS Step Functions, Start an AWS Glue job; Sluice: a dataset is not started twice",
)
def runs_all(graph: Graph) -> Iterator[str]:
    found = flow_structure.tasks(machine(graph)).values()
    run = [state["Arguments"]["JobName"] for state in found if state["Resource"] == names(graph).integration_arn(RUN)]
    yield from (f"{job} is run in {run.count(job)} places" for job in publishing(graph) if run.count(job) != 1)
    for node in (node for node in graph.nodes.values() if node.type == TRIGGER):
        started = {action.get("jobName") for action in node.inputs["actions"]} & set(publishing(graph))
        yield from (f"{node.name} starts {job} beside the flow" for job in started)


@policy(
    "flow.started",
    "every dataset has one start: a schedule, or its files",
    "Sluice: a dataset that nothing starts is never published, one with two starts is run twice",
)
def started(graph: Graph) -> Iterator[str]:
    timed = [set(given(node).get("datasets", [])) for node in graph.of(SCHEDULE)]
    sent = [set(json.loads(node.inputs["input"])["datasets"]) for node in graph.of(TARGET) if "input" in node.inputs]
    built = {dataset for one in (*timed, *sent) for dataset in one if not raw(graph, dataset)}
    for dataset in publishing(graph).values():
        ways = sum(dataset in one for one in (*timed, *sent))
        if ways == 0 or (ways > 1 and dataset not in built):
            yield f"{dataset} is started in {ways} ways"


def raw(graph: Graph, dataset: str) -> bool:
    """Whether a dataset is read from files; what is built from several tables may start with each of these."""
    arguments = [node.inputs["defaultArguments"] for node in graph.of(JOB)]
    return any("--raw" in one for one in arguments if one.get("--dataset") == dataset)


@policy(
    "flow.retries",
    "the flow repeats a start that was throttled or found no room, a bounded number of times, and nothing else",
    "AWS Step Functions, Retrying after an error; what broke a contract breaks it again",
)
def retries(graph: Graph) -> Iterator[str]:
    for name, state in flow_structure.tasks(machine(graph)).items():
        for retry in state.get("Retry", []):
            if not set(retry["ErrorEquals"]) <= NO_ROOM or not 0 < retry.get("MaxAttempts", 0) < 2000:
                yield f"{name} repeats {retry}"
        if state["Resource"] == names(graph).integration_arn(RUN) and not state.get("TimeoutSeconds"):
            yield f"{name} may wait for ever"


@policy(
    "flow.told",
    "a run that fails is told to the topic by name, and so is a flow that ends badly",
    "AWS Step Functions, Automating with EventBridge: Execution Status Change",
)
def told(graph: Graph) -> Iterator[str]:
    topic, found = graph.outputs["topic"], flow_structure.tasks(machine(graph))
    for name, state in found.items():
        if state["Resource"] == names(graph).integration_arn(RUN):
            then = found.get(state.get("Catch", [{}])[-1].get("Next", ""), {})
            if then.get("Arguments", {}).get("TopicArn") != topic:
                yield f"{name} fails in silence"
    rules = {node.inputs["rule"] for node in graph.of(TARGET) if node.inputs["arn"] == topic}
    patterns = [json.loads(node.inputs["eventPattern"]) for node in graph.of(RULE) if node.inputs["name"] in rules]
    ended = [pattern["detail"]["status"] for pattern in patterns if pattern["source"] == ["aws.states"]]
    if ended != [["FAILED", "TIMED_OUT", "ABORTED"]]:
        yield f"the flow's end is told where it is {ended}"
