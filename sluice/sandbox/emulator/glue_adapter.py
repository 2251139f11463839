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
from sluice.sandbox.emulator.glue_events import announce
from sluice.sandbox.emulator.keys import Connection
from sluice.sandbox.jobs import runner

MINISTACK = "1.5.33"
SECONDS_A_MINUTE = 60
UNFINISHED = ("STARTING", "RUNNING", "STOPPING")
_created = glue._create_job


@dataclass
class Runs:
    """The job runs of this emulator."""

    home: Path
    emulator: Connection
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    gate: threading.Lock = field(default_factory=threading.Lock)

    def start(self, request: dict[str, Any]) -> Any:
        """Answer StartJobRun: the run goes on in a thread of its own, under the caller's account and region."""
        job = glue._jobs.get(request.get("JobName"))
        if job is None:
            return error_response_json("EntityNotFoundException", f"Job {request.get('JobName')} not found", 400)
        with self.gate:
            recorded = glue._job_runs.setdefault(job["Name"], [])
            going = [run for run in recorded if run["JobRunState"] in UNFINISHED]
            if len(going) >= job.get("ExecutionProperty", {}).get("MaxConcurrentRuns", 1):
                return error_response_json(
                    "ConcurrentRunsExceededException", f"Concurrent runs exceeded for {job['Name']}", 400
                )
            run = _record(job, request)
            recorded.append(run)
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=[self._carry_out, dict(job), run], daemon=True).start()
        return json_response({"JobRunId": run["Id"]})

    def stop(self, request: dict[str, Any]) -> Any:
        """Answer BatchStopJobRun."""
        runs = {run["Id"]: run for run in glue._job_runs.get(request.get("JobName")) or []}
        stopped, refused = [], []
        for run_id in request.get("JobRunIds", []):
            named = {"JobName": request.get("JobName"), "JobRunId": run_id}
            if run_id in runs and runs[run_id]["JobRunState"] in UNFINISHED:
                self._stop(runs[run_id])
                stopped.append(named)
            else:
                detail = {"ErrorCode": "InvalidInputException", "ErrorMessage": f"{run_id} is no run in progress"}
                refused.append(named | {"ErrorDetail": detail})
        return json_response({"SuccessfulSubmissions": stopped, "Errors": refused})

    def kill(self) -> None:
        """End every run at once."""
        for process in list(self.processes.values()):
            runner.kill(process)

    def _stop(self, run: dict[str, Any]) -> None:
        with self.gate:
            run["JobRunState"] = "STOPPING"
            process = self.processes.get(run["Id"])
        if process:
            runner.kill(process)

    def _carry_out(self, job: dict[str, Any], run: dict[str, Any]) -> None:
        began = time.time()
        try:
            outcome = self._run(job, run)
        except Exception as fault:
            outcome = runner.Outcome("FAILED", f"LAUNCH ERROR | {type(fault).__name__}: {fault}")
        if run["JobRunState"] == "STOPPING":
            outcome = runner.Outcome("STOPPED", "Job run stopped")
        run_logs.keep(_arguments(job, run), run["Id"], self.home / "runs" / run["Id"] / "log.txt", outcome.message)
        run |= {"ErrorMessage": outcome.message} if outcome.message else {}
        run |= {"ExecutionTime": round(time.time() - began), "CompletedOn": time.time(), "LastModifiedOn": time.time()}
        run["JobRunState"] = outcome.state
        announce(job, run)

    def _run(self, job: dict[str, Any], run: dict[str, Any]) -> runner.Outcome:
        folder = self.home / "runs" / run["Id"]
        process = runner.start(job, _arguments(job, run), folder, self.emulator)
        with self.gate:
            self.processes[run["Id"]] = process
            stopped = run["JobRunState"] == "STOPPING"
            run["JobRunState"] = run["JobRunState"] if stopped else "RUNNING"
        if stopped:
            runner.kill(process)
        try:
            return runner.end(process, folder, run["Timeout"] * SECONDS_A_MINUTE)
        finally:
            del self.processes[run["Id"]]


_runs: list[Runs] = []


def install(home: Path, emulator: Connection) -> None:
    """Take the places in MiniStack; called once, before it serves."""
    runs = Runs(home, emulator)
    _runs.append(runs)
    glue._create_job = _create_whole_job
    glue._start_job_run = runs.start
    glue._batch_stop_job_run = runs.stop
    threading.Thread(target=runner.java_home, daemon=True).start()  # asks a JVM for its version: not in a run's time


def kill_runs() -> None:
    """End every run of this process."""
    for runs in _runs:
        runs.kill()


def _create_whole_job(request: dict[str, Any]) -> Any:
    # MiniStack forgets what it has no use for; the limit of concurrent runs is among it, and GetJob should tell all.
    answer = _created(request)
    job = glue._jobs.get(request.get("Name"))
    if job is not None and answer[0] == 200:
        job |= {name: value for name, value in request.items() if name not in job}
    return answer


def _record(job: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
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


def _arguments(job: dict[str, Any], run: dict[str, Any]) -> dict[str, str]:
    named = {"--JOB_NAME": job["Name"], "--JOB_ID": f"j_{job['Name']}", "--JOB_RUN_ID": run["Id"]}
    return job["DefaultArguments"] | run["Arguments"] | job["NonOverridableArguments"] | named
