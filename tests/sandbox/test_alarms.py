"""Alarms in the emulator: each watches its own metric, and a bad day rings anew."""

import time
from typing import Any

import pytest

from sluice.sandbox.emulator.alarm_adapter import alarm_state
from sluice.sandbox.emulator.subscriber import Subscriber
from tests.sandbox.stub import Workshop
from tests.sandbox.waiting import wait_until

NOW = 1_000_000.0
PERIOD = 10  # the shortest that CloudWatch knows


def make_alarm(treat: str = "missing", **changes: Any) -> dict[str, Any]:
    """Return an alarm that rings above 0 in one period of a minute."""
    standard = {
        "Period": 60,
        "EvaluationPeriods": 1,
        "Statistic": "Sum",
        "Threshold": 0.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": treat,
    }
    return standard | changes


def make_points(*values: tuple[float, float]) -> list[dict[str, float]]:
    """Return data points from pairs of seconds ago and value."""
    return [{"Timestamp": NOW - ago, "Value": value} for ago, value in values]


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (make_points((5, 1)), "ALARM"),
        (make_points((5, 0)), "OK"),
        (make_points((5, 0), (20, 3)), "ALARM"),
        (make_points((5, 0), (61, 3)), "OK"),
        (make_points((-2, 1)), "ALARM"),
    ],
)
def test_one_period_is_judged_by_its_sum(seen: list[dict[str, float]], state: str) -> None:
    assert alarm_state(make_alarm(), seen, NOW) == state


@pytest.mark.parametrize(
    ("treat", "state"), [("notBreaching", "OK"), ("missing", None), ("ignore", None), ("breaching", "ALARM")]
)
def test_a_period_without_points_goes_by_how_missing_data_is_treated(treat: str, state: str | None) -> None:
    assert alarm_state(make_alarm(treat), make_points((600, 1)), NOW) == state


def test_a_dead_man_that_never_saw_a_point_is_not_judged() -> None:
    assert alarm_state(make_alarm("breaching"), [], NOW) is None


def test_as_many_periods_have_to_breach_as_the_alarm_says() -> None:
    three = make_alarm(EvaluationPeriods=3)
    assert alarm_state(three, make_points((5, 1), (70, 1), (130, 1)), NOW) == "ALARM"
    assert alarm_state(three, make_points((5, 1), (70, 0), (130, 1)), NOW) == "OK"
    assert alarm_state(three | {"DatapointsToAlarm": 2}, make_points((5, 1), (70, 0), (130, 1)), NOW) == "ALARM"


class WatchedAlarm:
    """An alarm on one job's violations, and its subscriber."""

    def __init__(self, workshop: Workshop) -> None:
        self.cloudwatch = workshop.emulator.client("cloudwatch")
        topic = workshop.emulator.client("sns").create_topic(Name="rings")["TopicArn"]
        self.inbox = Subscriber.subscribe(workshop.emulator, topic)
        self.cloudwatch.put_metric_alarm(
            AlarmName="violations",
            AlarmActions=[topic],
            Namespace="Sluice",
            MetricName="Violations",
            Dimensions=[{"Name": "JobName", "Value": "trades"}],
            Statistic="Sum",
            Period=PERIOD,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
        )

    def put_violations(self, job: str, value: float) -> None:
        """Put the metric of `job`."""
        datum = {"MetricName": "Violations", "Value": value, "Dimensions": [{"Name": "JobName", "Value": job}]}
        self.cloudwatch.put_metric_data(Namespace="Sluice", MetricData=[datum])

    @property
    def alarm_state(self) -> str:
        """The alarm's state."""
        return self.cloudwatch.describe_alarms(AlarmNames=["violations"])["MetricAlarms"][0]["StateValue"]


@pytest.fixture(scope="module")
def watched(workshop: Workshop) -> WatchedAlarm:
    return WatchedAlarm(workshop)


@pytest.mark.long
def test_a_bad_day_of_another_job_does_not_ring_and_each_bad_day_rings_anew(watched: WatchedAlarm) -> None:
    watched.put_violations("buyers", 1)
    time.sleep(0.5)
    assert watched.alarm_state != "ALARM"
    watched.put_violations("trades", 1)
    wait_until(lambda: watched.alarm_state == "ALARM")
    wait_until(lambda: watched.alarm_state == "OK")
    watched.put_violations("trades", 1)
    wait_until(lambda: watched.alarm_state == "ALARM")
    assert len(watched.inbox.receive_messages(2)) == 2
