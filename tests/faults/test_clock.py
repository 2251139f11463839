"""The clock of the machine is wrong: the run stops before it publishes, and once the clock is right a rerun ends it."""

from datetime import UTC, datetime, timedelta

import pytest

from etl.errors import ClockWrong
from etl.storage import clock
from tests.faults import jobs
from tests.faults.lake import FaultyLake
from tests.faults.trades import ELSEWHERE, Sale

DAY = timedelta(days=1)
NOW = datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize(("ahead", "expected"), [(DAY, "86400 s ahead of S3's ("), (-DAY, "86400 s behind S3's (")])
def test_a_run_on_a_clock_that_is_wrong_by_a_day_fails_and_says_by_how_much(
    faulty: FaultyLake,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ahead: timedelta,
    expected: str,
) -> None:
    faulty.arrive_file("a", Sale(1), Sale(2, region=ELSEWHERE))
    requests: list[str] = []
    faulty.proxy.ahead = ahead
    faulty.proxy.after = lambda request: requests.append(f"{request.service} {request.action}")
    ended = jobs.run_job(faulty, monkeypatch, capsys)
    faulty.proxy.ahead = timedelta(0)
    assert (ended.succeeded, ended.verdict["state"], ended.verdict["rows_read"]) == (False, "FAILED", 0)
    # A second may turn while the answer is on its way.
    assert expected in ended.verdict["message"].replace("86401", "86400").replace("86399", "86400")
    assert ended.verdict["message"].endswith("set the clock, or run again on another machine")
    assert requests[0] == "s3 GET"  # of a contract: no request is made for the clock alone
    assert faulty.direct.s3.get_object(Bucket=faulty.bucket, Key="verdicts/latest.json")["Body"].read()
    faulty.assert_model_holds()


@pytest.mark.parametrize("apart", [timedelta(seconds=60), timedelta(seconds=-60)])
def test_a_clock_may_be_a_minute_wrong_and_no_more(apart: timedelta) -> None:
    clock.assert_clock_agrees(NOW, NOW + apart)
    with pytest.raises(ClockWrong, match="the machine's clock is 61 s"):
        clock.assert_clock_agrees(NOW, NOW + apart + apart / 60)
