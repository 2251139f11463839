"""Glue jobs that really run: stands where MiniStack's Glue would start a Docker container.

It knows MiniStack's inside, as `glue_news`, `run_logs`, `flow_adapter` and `alarm_adapter` do and nothing else; a test
holds the version, and that the places are still there (here `ministack.services.glue`: `_start_job_run`,
`_batch_stop_job_run`, `_create_job`).
"""

import contextvars
import secrets
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import glue

from sluice.sandbox.emulator import run_logs
from sluice.sandbox.emulator.glue_events import announce_run_end
from sluice.sandbox.emulator.keys import EmulatorConnection
from sluice.sandbox.jobs import runner

MINISTACK_VERSION = "1.5.33"
SECONDS_PER_MINUTE = 60
UNFINISHED_STATES = ("STARTING", "RUNNING", "STOPPING")
_original_create_job = glue._create_job


@dataclass
class JobRuns:
    """The job runs of this emulator."""

    home: Path
    emulator: EmulatorConnection
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def start_job_run(self, request: dict[str, Any]) -> Any:
        """Answer StartJobRun: the run goes on in a thread of its own, under the caller's account and region."""
        job = glue._jobs.get(request.get("JobName"))
        if job is None:
            return error_response_json("EntityNotFoundException", f"Job {request.get('JobName')} not found", 400)
        with self.lock:
            job_runs = glue._job_runs.setdefault(job["Name"], [])
            active_runs = [run for run in job_runs if run["JobRunState"] in UNFINISHED_STATES]
            if len(active_runs) >= job.get("ExecutionProperty", {}).get("MaxConcurrentRuns", 1):
                return error_response_json(
                    "ConcurrentRunsExceededException", f"Concurrent runs exceeded for {job['Name']}", 400
                )
            run = _new_run_record(job, request)
            job_runs.append(run)
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=[self._execute_run, dict(job), run], daemon=True).start()
        return json_response({"JobRunId": run["Id"]})

    def stop_job_runs(self, request: dict[str, Any]) -> Any:
        """Answer BatchStopJobRun."""
        runs = {run["Id"]: run for run in glue._job_runs.get(request.get("JobName")) or []}
        stopped, refused = [], []
        for run_id in request.get("JobRunIds", []):
            run_identity = {"JobName": request.get("JobName"), "JobRunId": run_id}
            if run_id in runs and runs[run_id]["JobRunState"] in UNFINISHED_STATES:
                self._stop_run(runs[run_id])
                stopped.append(run_identity)
            else:
                detail = {"ErrorCode": "InvalidInputException", "ErrorMessage": f"{run_id} is no run in progress"}
                refused.append(run_identity | {"ErrorDetail": detail})
        return json_response({"SuccessfulSubmissions": stopped, "Errors": refused})

    def kill_all(self) -> None:
        """End every run at once."""
        for process in list(self.processes.values()):
            runner.kill_run(process)

    def _stop_run(self, run: dict[str, Any]) -> None:
        with self.lock:
            run["JobRunState"] = "STOPPING"
            process = self.processes.get(run["Id"])
        if process:
            runner.kill_run(process)

    def _execute_run(self, job: dict[str, Any], run: dict[str, Any]) -> None:
        started_at = time.time()
        try:
            outcome = self._run_job(job, run)
        except Exception as fault:
            outcome = runner.RunOutcome("FAILED", f"LAUNCH ERROR | {type(fault).__name__}: {fault}")
        if run["JobRunState"] == "STOPPING":
            outcome = runner.RunOutcome("STOPPED", "Job run stopped")
        run_logs.put_run_log(
            _run_arguments(job, run), run["Id"], self.home / "runs" / run["Id"] / "log.txt", outcome.message
        )
        run |= {"ErrorMessage": outcome.message} if outcome.message else {}
        run |= {
            "ExecutionTime": round(time.time() - started_at),
            "CompletedOn": time.time(),
            "LastModifiedOn": time.time(),
        }
        run["JobRunState"] = outcome.state
        announce_run_end(job, run)

    def _run_job(self, job: dict[str, Any], run: dict[str, Any]) -> runner.RunOutcome:
        folder = self.home / "runs" / run["Id"]
        process = runner.start_run(job, _run_arguments(job, run), folder, self.emulator)
        with self.lock:
            self.processes[run["Id"]] = process
            stopping = run["JobRunState"] == "STOPPING"
            run["JobRunState"] = run["JobRunState"] if stopping else "RUNNING"
        if stopping:
            runner.kill_run(process)
        try:
            return runner.wait_for_outcome(process, folder, run["Timeout"] * SECONDS_PER_MINUTE)
        finally:
            del self.processes[run["Id"]]


_installed_runs: list[JobRuns] = []


def install_glue(home: Path, emulator: EmulatorConnection) -> None:
    """Take the places in MiniStack; called once, before it serves."""
    runs = JobRuns(home, emulator)
    _installed_runs.append(runs)
    glue._create_job = _create_whole_job
    glue._start_job_run = runs.start_job_run
    glue._batch_stop_job_run = runs.stop_job_runs
    threading.Thread(target=runner.java_home, daemon=True).start()  # asks a JVM for its version: not in a run's time


def kill_runs() -> None:
    """End every run of this process."""
    for runs in _installed_runs:
        runs.kill_all()


def _create_whole_job(request: dict[str, Any]) -> Any:
    # MiniStack forgets what it has no use for; the limit of concurrent runs is among it, and GetJob should tell all.
    answer = _original_create_job(request)
    job = glue._jobs.get(request.get("Name"))
    if job is not None and answer[0] == 200:
        job |= {name: value for name, value in request.items() if name not in job}
        glue._tags[glue._arn("job", job["Name"])] = dict(request.get("Tags", {}))
    return answer


def _new_run_record(job: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    now = time.time()
    return {
        "Id": f"jr_{secrets.token_hex(32)}",
        "Attempt": 0,
        "JobName": job["Name"],
        "StartedOn": now,
        "LastModifiedOn": now,
        "JobRunState": "STARTING",
        "Arguments": request.get("Arguments", {}),
        "PredecessorRuns": [],
        "ExecutionTime": 0,
        "Timeout": request.get("Timeout", job["Timeout"]),
        "WorkerType": job["WorkerType"],
        "NumberOfWorkers": job["NumberOfWorkers"],
        "GlueVersion": job["GlueVersion"],
    }


def _run_arguments(job: dict[str, Any], run: dict[str, Any]) -> dict[str, str]:
    run_identity = {"--JOB_NAME": job["Name"], "--JOB_ID": f"j_{job['Name']}", "--JOB_RUN_ID": run["Id"]}
    return job["DefaultArguments"] | run["Arguments"] | job["NonOverridableArguments"] | run_identity
