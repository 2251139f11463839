"""The clock of the machine is wrong by a day: AWS refuses such a caller, and where none would, nothing depends on it."""

import datetime as dates
from typing import Any

import pytest
from botocore import auth

from etl import arrival, report
from tests.faults.lake import Faulty
from tests.faults.model import ELSEWHERE, Sale

DAY = dates.timedelta(days=1)


def wrong(by: dates.timedelta) -> type[dates.datetime]:
    """Return a clock that is wrong."""

    class Wrong(dates.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> dates.datetime:
            return dates.datetime.now(tz) + by

    return Wrong


def set_wrong(monkeypatch: pytest.MonkeyPatch, by: dates.timedelta) -> None:
    """Let the clock be wrong wherever etl asks for it, and where its requests are signed."""
    signed = auth.get_current_datetime
    monkeypatch.setattr(auth, "get_current_datetime", lambda *given, **named: signed(*given, **named) + by)
    for module in (arrival, report):
        monkeypatch.setattr(module, "datetime", wrong(by))


@pytest.mark.long
def test_a_clock_that_is_wrong_by_a_day_changes_nothing_that_is_published(
    faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    for quantity, by in enumerate((DAY, -DAY), 1):
        faulty.arrive("a", Sale(1, quantity=quantity), Sale(2, region=ELSEWHERE))
        with monkeypatch.context() as patched:
            set_wrong(patched, by)
            assert faulty.recover().rows_published == 1
