"""What a run gives to the bounds of rules, by name: `{"$PARAMETER": "run_date"}`."""

from datetime import UTC, date, datetime, time, timedelta

RUN_DATE, RUN_TIME = "run_date", "run_time"
PARAMETERS = (RUN_DATE, RUN_TIME)


def rule_parameters(run_date: date, started: datetime) -> dict[str, str]:
    """Return the day that the run believes it is, and its start in UTC without an offset.

    Where the run is told another day than that of its start, the day's end stands for its start.
    """
    today = started.astimezone(UTC).date()
    is_today = today <= run_date <= today + timedelta(days=1)  # somewhere it is tomorrow
    run_time = started.astimezone(UTC).replace(tzinfo=None) if is_today else datetime.combine(run_date, time.max)
    return {RUN_DATE: run_date.isoformat(), RUN_TIME: run_time.isoformat(timespec="microseconds")}
