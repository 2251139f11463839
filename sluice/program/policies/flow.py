"""Policies on the flow: it runs every job once, tells of what fails, and repeats nothing but a start that found no room."""

import json
from collections.abc import Iterator

from sluice.program import flow_structure
from sluice.program.graph import Graph
from sluice.program.policies.policy import register_policy, stack_names
from sluice.program.starts import RULE, SCHEDULE, TARGET, flow_definition, schedule_input

JOB, TRIGGER = "aws:glue/job:Job", "aws:glue/trigger:Trigger"
RUN_RESOURCE = "glue:startJobRun.sync"
RETRYABLE_ERRORS = {
    "Glue.ConcurrentRunsExceededException",
    "Glue.ResourceNumberLimitExceededException",
    "Glue.ThrottlingException",
    "Glue.AWSGlueException",
}


def publishing_jobs(graph: Graph) -> dict[str, str]:
    """The jobs that publish, with the datasets that they do."""
    jobs = {node.inputs["name"]: node.inputs["defaultArguments"].get("--dataset") for node in graph.nodes_of_type(JOB)}
    return {job: dataset for job, dataset in jobs.items() if dataset}


@register_policy(
    "flow.structure",
    "the flow's machine can be walked: every state is reached and comes to an end, every task catches every error",
    "Amazon States Language; AWS Step Functions, Handling errors",
)
def check_structure(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `flow.structure`."""
    yield from flow_structure.machine_faults(flow_definition(graph))


@register_policy(
    "flow.runs-all",
    "the flow runs every publishing job in one place, and no trigger starts one beside it",
    "AWS Step Functions, Start an AWS Glue job; Sluice: a dataset is not started twice",
)
def check_runs_all(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `flow.runs-all`."""
    task_states = flow_structure.task_states(flow_definition(graph)).values()
    job_names = [
        state["Arguments"]["JobName"]
        for state in task_states
        if state["Resource"] == stack_names(graph).integration_arn(RUN_RESOURCE)
    ]
    yield from (
        f"{job} is run in {job_names.count(job)} places" for job in publishing_jobs(graph) if job_names.count(job) != 1
    )
    for node in (node for node in graph.nodes.values() if node.type == TRIGGER):
        started = {action.get("jobName") for action in node.inputs["actions"]} & set(publishing_jobs(graph))
        yield from (f"{node.name} starts {job} beside the flow" for job in started)


@register_policy(
    "flow.started",
    "every dataset has one start: a schedule, or its files",
    "Sluice: a dataset that nothing starts is never published, one with two starts is run twice",
)
def check_started_once(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `flow.started`."""
    timed = [set(schedule_input(node).get("datasets", [])) for node in graph.nodes_of_type(SCHEDULE)]
    sent = [
        set(json.loads(node.inputs["input"])["datasets"])
        for node in graph.nodes_of_type(TARGET)
        if "input" in node.inputs
    ]
    built = {
        dataset
        for dataset_names in (*timed, *sent)
        for dataset in dataset_names
        if not is_read_from_files(graph, dataset)
    }
    for dataset in publishing_jobs(graph).values():
        start_count = sum(dataset in dataset_names for dataset_names in (*timed, *sent))
        if start_count == 0 or (start_count > 1 and dataset not in built):
            yield f"{dataset} is started in {start_count} ways"


def is_read_from_files(graph: Graph, dataset: str) -> bool:
    """Whether a dataset is read from files; what is built from several tables may start with each of these."""
    arguments = [node.inputs["defaultArguments"] for node in graph.nodes_of_type(JOB)]
    return any("--raw" in job_arguments for job_arguments in arguments if job_arguments.get("--dataset") == dataset)


@register_policy(
    "flow.retries",
    "the flow repeats a start that was throttled or found no room, a bounded number of times, and nothing else",
    "AWS Step Functions, Retrying after an error; what broke a contract breaks it again",
)
def check_retries(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `flow.retries`."""
    for name, state in flow_structure.task_states(flow_definition(graph)).items():
        for retry in state.get("Retry", []):
            if not set(retry["ErrorEquals"]) <= RETRYABLE_ERRORS or not 0 < retry.get("MaxAttempts", 0) < 2000:
                yield f"{name} repeats {retry}"
        if state["Resource"] == stack_names(graph).integration_arn(RUN_RESOURCE) and not state.get("TimeoutSeconds"):
            yield f"{name} may wait for ever"


@register_policy(
    "flow.told",
    "a run that fails is told to the topic by name, and so is a flow that ends badly",
    "AWS Step Functions, Automating with EventBridge: Execution Status Change",
)
def check_failures_told(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `flow.told`."""
    topic, task_states = graph.outputs["topic"], flow_structure.task_states(flow_definition(graph))
    for name, state in task_states.items():
        if state["Resource"] == stack_names(graph).integration_arn(RUN_RESOURCE):
            next_state = task_states.get(state.get("Catch", [{}])[-1].get("Next", ""), {})
            if next_state.get("Arguments", {}).get("TopicArn") != topic:
                yield f"{name} fails in silence"
    rules = {node.inputs["rule"] for node in graph.nodes_of_type(TARGET) if node.inputs["arn"] == topic}
    patterns = [
        json.loads(node.inputs["eventPattern"]) for node in graph.nodes_of_type(RULE) if node.inputs["name"] in rules
    ]
    end_statuses = [pattern["detail"]["status"] for pattern in patterns if pattern["source"] == ["aws.states"]]
    if end_statuses != [["FAILED", "TIMED_OUT", "ABORTED"]]:
        yield f"the flow's end is told where it is {end_statuses}"
