"""A dataset's job, run as a deployed lake runs it: by the flow, which tells people how it ended."""

from sluice.operations import job_runs
from sluice.operations.flows import Execution, Flow
from sluice.sandbox.lake import Dataset, Run


def run_by_flow(dataset: Dataset) -> Run:
    """Start the flow for a dataset alone and wait for its end; return the run of its job."""
    flow = Flow.of_datasets([dataset.deployed])
    execution = flow.wait_for_end(flow.start_execution({"datasets": [dataset.name]}))
    return _run_of(dataset, flow, execution)


def _run_of(dataset: Dataset, flow: Flow, execution: Execution) -> Run:
    [(_, ended)] = flow.runs_of_execution(execution)
    return Run(
        ended.id, ended.state, ended.message, job_runs.read_verdict(dataset.deployed, ended.id) or {}, ended.seconds
    )
