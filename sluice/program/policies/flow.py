"""Policies on the flow: it runs every job once, tells of what fails, and repeats nothing but a start that found no room."""

import json
from collections.abc import Iterator
from typing import Any

from components.access.flow_policies import MACHINE
from components.access.message_policies import DUE, SEVERITIES, messages_topic
from sluice.program import flow_structure
from sluice.program.graph import Graph
from sluice.program.policies.policy import register_policy, stack_names
from sluice.program.policies.watch import rules_of_watch
from sluice.program.starts import (
    RULE,
    STATE_MACHINE,
    TARGET,
    flow_definition,
    flow_schedules,
    flow_stages,
    machine_definitions,
    schedule_input,
)

JOB, TRIGGER = "aws:glue/job:Job", "aws:glue/trigger:Trigger"
RUN_RESOURCE = "glue:startJobRun.sync"
MAX_DEFINITION_BYTES = 1_000_000
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
    "a machine can be walked: every state is reached and comes to an end, every task catches every error",
    "Amazon States Language; AWS Step Functions, Handling errors",
)
def check_structure(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `flow.structure`."""
    for name, definition in machine_definitions(graph).items():
        yield from (f"{name}: {fault}" for fault in flow_structure.machine_faults(definition))


@register_policy(
    "flow.runs-all",
    "the flow runs every publishing job in one place, and no trigger starts one beside it",
    "AWS Step Functions, Start an AWS Glue job; Sluice: a dataset is not started twice",
)
def check_runs_all(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `flow.runs-all`."""
    definition, run_resource = flow_definition(graph), stack_names(graph).integration_arn(RUN_RESOURCE)
    job_names = list[str]()
    for stage, items in flow_stages(definition).items():
        tasks = definition["States"][stage]["ItemProcessor"]["States"].values()
        runs = [task["Arguments"]["JobName"] for task in tasks if task.get("Resource") == run_resource]
        if runs != ["{% $states.input.job %}"]:
            yield f"{stage} runs {', '.join(runs) or 'nothing'} instead of each item's job"
        job_names += [item["job"] for item in items]
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
    timed = [set(schedule_input(node).get("datasets", [])) for node in flow_schedules(graph)]
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
    "after each run, however it ended, the flow reads its message, publishes it to the topics of messages and keeps it; "
    "a flow or a look for what is due that ends badly starts the watch",
    "AWS Step Functions, Automating with EventBridge: Execution Status Change",
)
def check_failures_told(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `flow.told`."""
    names = stack_names(graph)
    for branch in flow_structure.machine_scopes(flow_definition(graph)):
        for name, state in branch["States"].items():
            if state.get("Resource") == names.integration_arn(RUN_RESOURCE):
                starts = [state.get("Next"), *(catch["Next"] for catch in state.get("Catch", []))]
                yield from (f"{name} {fault}" for start in starts for fault in telling_faults(branch, start, graph))
    rule_names = rules_of_watch(graph)
    patterns = [
        json.loads(node.inputs["eventPattern"])
        for node in graph.nodes_of_type(RULE)
        if node.inputs["name"] in rule_names
    ]
    details = [pattern["detail"] for pattern in patterns if pattern["source"] == ["aws.states"]]
    for machine in (MACHINE, *({DUE} & machine_definitions(graph).keys())):
        name = graph.node_named(STATE_MACHINE, f"{machine}-machine").inputs["name"]
        ends = [detail["status"] for detail in details if _names_machine(detail, machine)]
        if ends != [["FAILED", "TIMED_OUT", "ABORTED"]]:
            yield f"the end of {name} is told where it is {ends}"


def _names_machine(detail: dict[str, Any], machine: str) -> bool:
    return any(arn.endswith(f":{machine}-machine") for arn in detail["stateMachineArn"])


def telling_faults(scope: dict[str, Any], start: str | None, graph: Graph) -> Iterator[str]:
    """What lacks between a run's end and the end of its branch: its message read, published and kept."""
    reached = [scope["States"][state] for state in flow_structure.reachable_states(scope["States"], start or "")]
    mapped = [
        task for state in reached if "ItemProcessor" in state for task in state["ItemProcessor"]["States"].values()
    ]
    calls = {str(task.get("Resource")).rpartition(":::")[2]: task for task in (*reached, *mapped)}
    for call in ("aws-sdk:s3:getObject", "sns:publish", "aws-sdk:s3:putObject"):
        if call not in calls:
            yield f"ends without {call}"
    topics = [f"arn:{stack_names(graph).partition}:fake:::{messages_topic(label)}-topic" for label in SEVERITIES]
    text = json.dumps(reached)
    yield from (f"never reaches {topic}" for topic in topics if topic not in text)


@register_policy(
    "machine.length",
    "the definition of a state machine fits",
    "AWS Step Functions, Quotas: 1 MB for a state machine's definition",
)
def check_length(graph: Graph) -> Iterator[str]:
    """Yield a sentence for each resource that breaks `machine.length`."""
    for name, definition in machine_definitions(graph).items():
        length = len(json.dumps(definition).encode())
        if length > MAX_DEFINITION_BYTES:
            yield f"{name} has {length} bytes: fewer datasets in this stack"
