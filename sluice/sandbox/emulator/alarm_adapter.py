"""CloudWatch alarms that watch their own metric: stands where MiniStack adds up all metrics of a name.

Knows MiniStack's inside as `glue_adapter` does, and takes `ministack.services.cloudwatch._evaluate_alarm` and
`_dispatch_alarm_actions`, which tells EventBridge of no change of a state. An alarm sees the
points of its own dimensions only, and where its last periods have none it goes by `TreatMissingData`; so one dataset's bad
day does not ring another's alarm, and the next bad day rings anew. One thing stays out of reach: a dead man (missing is
breaching) that has never seen a point, for the emulator publishes no AWS/Events metrics for it to see.
"""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch, eventbridge

from sluice.sandbox.emulator import queue_metrics
from sluice.sandbox.emulator.emulator import ACCOUNT
from sluice.sandbox.jobs.spark import REGION

SECONDS_BETWEEN_EVALUATIONS = 2
BREACH_WHEN_MISSING = {"breaching": True, "notBreaching": False}
_lock = threading.Lock()
_original_dispatch = cloudwatch._dispatch_alarm_actions


def install_alarms() -> None:
    """Take the place, and look at all alarms every now and then: missing data announces itself to nobody."""
    cloudwatch._evaluate_alarm = evaluate_alarm
    cloudwatch._dispatch_alarm_actions = announce_state_change
    threading.Thread(target=_evaluate_periodically, daemon=True).start()


def evaluate_alarm(alarm: dict[str, Any]) -> None:
    """Move `alarm` to the state that its metric asks for, with history, actions and composite alarms."""
    with _lock:
        points, now = _metric_points(alarm), time.time()
        old_state, new_state = alarm["StateValue"], alarm_state(alarm, points, now)
        if new_state in (None, old_state):
            return
        reason = _state_reason(alarm, [point for point in points if now - point["Timestamp"] < alarm["Period"]])
        alarm |= {"StateValue": new_state, "StateReason": reason, "StateUpdatedTimestamp": int(time.time())}
        cloudwatch._record_history(alarm["AlarmName"], old_state, new_state, reason)
        cloudwatch._dispatch_alarm_actions(alarm, old_state, new_state, reason)
        cloudwatch._evaluate_parent_alarms(alarm)


def announce_state_change(alarm: dict[str, Any], old_state: str, new_state: str, reason: str) -> None:
    """Do what the alarm does in its new state, and tell EventBridge (CloudWatch user guide, Alarm events and EventBridge)."""
    _original_dispatch(alarm, old_state, new_state, reason)
    moment = datetime.now(UTC).isoformat(timespec="milliseconds")
    detail = {
        "alarmName": alarm["AlarmName"],
        "configuration": {"description": alarm.get("AlarmDescription", "")},
        "previousState": {"value": old_state},
        "state": {"value": new_state, "reason": reason, "timestamp": moment},
    }
    entry = {
        "Source": "aws.cloudwatch",
        "DetailType": "CloudWatch Alarm State Change",
        "Detail": json.dumps(detail),
        "Resources": [alarm["AlarmArn"]],
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def alarm_state(alarm: Mapping[str, Any], points: Sequence[Mapping[str, Any]], now: float) -> str | None:
    """Return the state that `points` (of the alarm's own metric) ask for, None where they ask for none."""
    if not points and alarm["TreatMissingData"] == "breaching":
        return None
    period, periods = alarm["Period"], alarm["EvaluationPeriods"]
    period_breaches = []
    for periods_ago in range(periods):
        period_points = [
            point
            for point in points
            if periods_ago * period <= max(0, now - point["Timestamp"]) < (periods_ago + 1) * period
        ]
        period_breaches.append(
            _crosses_threshold(alarm, period_points)
            if period_points
            else BREACH_WHEN_MISSING.get(alarm["TreatMissingData"])
        )
    if all(breach is None for breach in period_breaches):
        return None
    return "ALARM" if period_breaches.count(True) >= alarm.get("DatapointsToAlarm", periods) else "OK"


def _state_reason(alarm: Mapping[str, Any], latest: Sequence[Mapping[str, Any]]) -> str:
    if not latest:
        return f"Threshold Crossed: no datapoints were received, and missing data is {alarm['TreatMissingData']}"
    value = _statistic_value(alarm, latest)
    return f"Threshold Crossed: {alarm['Statistic']} {value}, {alarm['ComparisonOperator']} is {alarm['Threshold']}"


def _statistic_value(alarm: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> float:
    return float(cloudwatch._stat_value(cloudwatch._calc_stats(points), alarm["Statistic"], points) or 0)


def _crosses_threshold(alarm: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> bool:
    value = _statistic_value(alarm, points)
    threshold = alarm["Threshold"]
    return {
        "GreaterThanOrEqualToThreshold": value >= threshold,
        "GreaterThanThreshold": value > threshold,
        "LessThanThreshold": value < threshold,
        "LessThanOrEqualToThreshold": value <= threshold,
    }[alarm["ComparisonOperator"]]


def _metric_points(alarm: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}
    watched_metric = (alarm["Namespace"], alarm["MetricName"])
    stored = [points for (*metric, _), points in cloudwatch._metrics.items() if tuple(metric) == watched_metric]
    return [point for points in stored for point in points if point["Dimensions"] == dimensions]


def _evaluate_periodically() -> None:
    while True:
        time.sleep(SECONDS_BETWEEN_EVALUATIONS)
        with request_scope(ACCOUNT, REGION):
            queue_metrics.record_queue_metrics()
            cloudwatch._evaluate_all_alarms()
