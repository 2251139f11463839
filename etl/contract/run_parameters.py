"""What a run gives to the bounds of rules, by name: `{"$PARAMETER": "run_date"}`."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from etl.contract.json_values import is_object

RUN_DATE, RUN_TIME = "run_date", "run_time"
PARAMETERS = (RUN_DATE, RUN_TIME)
PARAMETER = "$PARAMETER"
BOUND_ARGUMENTS = ("min_value", "max_value")


def parameter_name(value: Any) -> str | None:
    """Return what a JSON value such as `{"$PARAMETER": "run_date"}` names; None where it names nothing."""
    name = value[PARAMETER] if is_object(value) and list(value) == [PARAMETER] else None
    return name if isinstance(name, str) else None


def parameter_names(kwargs: Mapping[str, Any]) -> dict[str, str]:
    """Return the names that bounds of a rule's arguments have, by argument."""
    names = {argument: parameter_name(kwargs.get(argument)) for argument in BOUND_ARGUMENTS}
    return {argument: name for argument, name in names.items() if name is not None}


def is_strict(kwargs: Mapping[str, Any], argument: str) -> bool:
    """Say whether a rule's bound itself is refused: `min_value` with `strict_min`."""
    return kwargs.get(f"strict_{argument.removesuffix('_value')}") is True


def rule_parameters(run_date: date, started: datetime) -> dict[str, str]:
    """Return the day that the run believes it is, and its start in UTC without an offset.

    Where the run is told another day than that of its start, the day's end stands for its start.
    """
    today = started.astimezone(UTC).date()
    is_today = today <= run_date <= today + timedelta(days=1)  # somewhere it is tomorrow
    run_time = started.astimezone(UTC).replace(tzinfo=None) if is_today else datetime.combine(run_date, time.max)
    return {RUN_DATE: run_date.isoformat(), RUN_TIME: run_time.isoformat(timespec="microseconds")}
