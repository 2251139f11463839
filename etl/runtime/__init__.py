"""What the job takes from the service that runs it: today Glue (docs/decisions/0046-where-a-job-runs.md).

Hides the service that runs the job: its arguments, its ids of runs and their states, how Spark is started there.
"""

__all__ = ["arguments", "branch_names", "job_runs", "json_logging", "session", "withdraw_request"]
