"""What Glue tells others of a run's end: EventBridge of its state, CloudWatch of its failure.

https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html and
https://docs.aws.amazon.com/glue/latest/dg/monitor-observability.html (glue.error.*: updated when a run fails).
"""

import json
from collections.abc import Mapping
from typing import Any

from ministack.services import cloudwatch, eventbridge

SEVERITY = {"SUCCEEDED": "INFO", "FAILED": "ERROR", "TIMEOUT": "WARN", "STOPPED": "INFO"}


def announce_run_end(job: Mapping[str, Any], run: Mapping[str, Any]) -> None:
    """Tell of the end of `run`, a run of `job`, both as the Glue API describes them."""
    detail = {
        "jobName": run["JobName"],
        "severity": SEVERITY[run["JobRunState"]],
        "state": run["JobRunState"],
        "jobRunId": run["Id"],
        "message": run.get("ErrorMessage", "Job run succeeded"),
    }
    entry = {"Source": "aws.glue", "DetailType": "Glue Job State Change", "Detail": json.dumps(detail)}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)  # PutEvents itself refuses this source
    arguments = job["DefaultArguments"] | run["Arguments"]
    if run["JobRunState"] == "FAILED" and arguments.get("--enable-observability-metrics") == "true":
        dimensions = {"JobName": run["JobName"], "JobRunId": "ALL", "Type": "count", "ObservabilityGroup": "error"}
        cloudwatch.record_metric("Glue", "glue.error.ALL", 1, "Count", dimensions)
        cloudwatch._evaluate_all_alarms()
