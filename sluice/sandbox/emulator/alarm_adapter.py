"""CloudWatch alarms that watch their own metric: stands where MiniStack adds up all metrics of a name.

Knows MiniStack's inside as `glue_adapter` does, and takes `ministack.services.cloudwatch._evaluate_alarm`. An alarm sees the
points of its own dimensions only, and where its last periods have none it goes by `TreatMissingData`; so one dataset's bad
day does not ring another's alarm, and the next bad day rings anew. One thing stays out of reach: a dead man (missing is
breaching) that has never seen a point, for the emulator publishes no AWS/Events metrics for it to see.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch

from sluice.sandbox.emulator import queue_metrics
from sluice.sandbox.emulator.emulator import ACCOUNT
from sluice.sandbox.jobs.spark import REGION

SECONDS_BETWEEN_LOOKS = 2
MISSING = {"breaching": True, "notBreaching": False}
_gate = threading.Lock()


def install() -> None:
    """Take the place, and look at all alarms every now and then: missing data announces itself to nobody."""
    cloudwatch._evaluate_alarm = evaluate
    threading.Thread(target=_keep_looking, daemon=True).start()


def evaluate(alarm: dict[str, Any]) -> None:
    """Move `alarm` to the state that its metric asks for, with history, actions and composite alarms."""
    with _gate:
        points, now = _points(alarm), time.time()
        before, after = alarm["StateValue"], judged(alarm, points, now)
        if after in (None, before):
            return
        reason = _reason(alarm, [point for point in points if now - point["Timestamp"] < alarm["Period"]])
        alarm |= {"StateValue": after, "StateReason": reason, "StateUpdatedTimestamp": int(time.time())}
        cloudwatch._record_history(alarm["AlarmName"], before, after, reason)
        cloudwatch._dispatch_alarm_actions(alarm, before, after, reason)
        cloudwatch._evaluate_parent_alarms(alarm)


def judged(alarm: Mapping[str, Any], points: Sequence[Mapping[str, Any]], now: float) -> str | None:
    """Return the state that `points` (of the alarm's own metric) ask for, None where they ask for none."""
    if not points and alarm["TreatMissingData"] == "breaching":
        return None
    period, periods = alarm["Period"], alarm["EvaluationPeriods"]
    seen = []
    for back in range(periods):
        within = [point for point in points if back * period <= max(0, now - point["Timestamp"]) < (back + 1) * period]
        seen.append(_crosses(alarm, within) if within else MISSING.get(alarm["TreatMissingData"]))
    if all(one is None for one in seen):
        return None
    return "ALARM" if seen.count(True) >= alarm.get("DatapointsToAlarm", periods) else "OK"


def _reason(alarm: Mapping[str, Any], latest: Sequence[Mapping[str, Any]]) -> str:
    if not latest:
        return f"Threshold Crossed: no datapoints were received, and missing data is {alarm['TreatMissingData']}"
    value = _value(alarm, latest)
    return f"Threshold Crossed: {alarm['Statistic']} {value}, {alarm['ComparisonOperator']} is {alarm['Threshold']}"


def _value(alarm: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> float:
    return float(cloudwatch._stat_value(cloudwatch._calc_stats(points), alarm["Statistic"], points) or 0)


def _crosses(alarm: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> bool:
    value = _value(alarm, points)
    threshold = alarm["Threshold"]
    return {
        "GreaterThanOrEqualToThreshold": value >= threshold,
        "GreaterThanThreshold": value > threshold,
        "LessThanThreshold": value < threshold,
        "LessThanOrEqualToThreshold": value <= threshold,
    }[alarm["ComparisonOperator"]]


def _points(alarm: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    wanted = {dimension["Name"]: dimension["Value"] for dimension in alarm["Dimensions"]}
    watched = (alarm["Namespace"], alarm["MetricName"])
    stored = [points for (*metric, _), points in cloudwatch._metrics.items() if tuple(metric) == watched]
    return [point for points in stored for point in points if point["Dimensions"] == wanted]


def _keep_looking() -> None:
    while True:
        time.sleep(SECONDS_BETWEEN_LOOKS)
        with request_scope(ACCOUNT, REGION):
            queue_metrics.record()
            cloudwatch._evaluate_all_alarms()
