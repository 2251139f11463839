"""Glue jobs of a few lines: what a run does without Spark, seen through the Glue API alone."""

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

from sluice.sandbox.emulator.emulator import REGION, Emulator
from tests.sandbox.waiting import MOST_SECONDS

BUCKET = "workshop"


@dataclass(frozen=True)
class Workshop:
    """An emulator with a bucket for scripts and a role that jobs run as."""

    emulator: Emulator
    role: str
    numbers: Any = field(default_factory=itertools.count)

    @classmethod
    def make_in(cls, emulator: Emulator) -> "Workshop":
        """Make bucket and role."""
        emulator.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        role = emulator.client("iam").create_role(RoleName="job", AssumeRolePolicyDocument="{}")["Role"]
        return cls(emulator, role["Arn"])

    @property
    def glue(self) -> Any:
        """The Glue API."""
        return self.emulator.client("glue")

    def put_text(self, key: str, body: str) -> str:
        """Store a text; return its URL."""
        self.emulator.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body.encode())
        return f"s3://{BUCKET}/{key}"

    def create_job(self, script: str, arguments: dict[str, str] | None = None, **definition: Any) -> str:
        """Create a job that runs `script`; return its name."""
        name = f"job-{next(self.numbers)}"
        self.glue.create_job(
            Name=name,
            Role=self.role,
            Command={
                "Name": "glueetl",
                "ScriptLocation": self.put_text(f"code/{name}.py", script),
                "PythonVersion": "3",
            },
            DefaultArguments=arguments or {},
            GlueVersion="6.0",
            **definition,
        )
        return name

    def run_job(self, job: str, **request: Any) -> dict[str, Any]:
        """Run a job to its end; return what GetJobRun says."""
        return self.wait_for_end(job, self.glue.start_job_run(JobName=job, **request)["JobRunId"])

    def wait_for_end(self, job: str, run_id: str) -> dict[str, Any]:
        """Wait for a run's end."""
        return self.wait_for_state(job, run_id, "SUCCEEDED", "FAILED", "STOPPED", "TIMEOUT")

    def wait_for_state(self, job: str, run_id: str, *states: str) -> dict[str, Any]:
        """Wait until a run is in one of `states`."""
        end = time.monotonic() + MOST_SECONDS
        while time.monotonic() < end:
            run = self.glue.get_job_run(JobName=job, RunId=run_id)["JobRun"]
            if run["JobRunState"] in states:
                return run
            time.sleep(0.05)
        raise AssertionError(f"{run_id} was none of {states} within {MOST_SECONDS} s")

    def run_log(self, run: dict[str, Any]) -> str:
        """Return what a run wrote."""
        return self.emulator.run_log(run["Id"]).read_text()
