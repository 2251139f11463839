"""Services that fail now and then, or for good: nothing is lost, doubled or half seen, and a plain rerun ends it."""

import pytest

from tests.faults import jobs
from tests.faults.lake import FaultyLake
from tests.faults.proxy import Fault, Request
from tests.faults.steps import following_plan_from
from tests.faults.trades import ELSEWHERE, Sale
from tests.faults.weather import FaultAt, Outage

AT_COMMIT = "before the fast-forward"


# Who asks what: the first such request of each meets the fault.
REQUESTS_TO_FAIL = (
    ("s3", "GET", "/contracts/", "boto"),
    ("s3", "GET", "versions", "boto"),
    ("s3", "PUT", "/ledger/", "boto"),
    ("s3", "GET", "/trades/a.csv", "java"),
    ("s3", "PUT", "/data/", "java"),
    ("s3", "PUT", "/metadata/", "java"),
    ("glue", "GetTable", "", "boto"),
    ("glue", "GetTable", "", "java"),
    ("glue", "UpdateTable", "", "java"),
    ("monitoring", "", "", "boto"),
)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.ERROR,
        pytest.param(Fault.RESET, marks=pytest.mark.long),
        pytest.param(Fault.SLOW_DOWN, marks=pytest.mark.long),
        pytest.param(Fault.TIMEOUT, marks=pytest.mark.long),
    ],
    ids=lambda fault: fault.value,
)
def test_a_run_goes_on_when_a_request_to_each_service_fails_once(
    faulty: FaultyLake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: Fault
) -> None:
    faulty.arrive_file("a", Sale(1), Sale(2, region=ELSEWHERE))
    remaining = [*REQUESTS_TO_FAIL]

    def fail_each_once(request: Request) -> Fault | None:
        for request_kind in remaining:
            service, action, path, sender = request_kind
            if request.is_of(service, action or request.action, path) and sender in request.sender.lower():
                remaining.remove(request_kind)
                return fault
        return None

    with faulty.proxy.follow_plan(fail_each_once):
        ended = jobs.run_job(faulty, monkeypatch, capsys)
    assert (remaining, ended.succeeded, ended.verdict["rows_published"], ended.warnings) == ([], True, 1, []), (
        ended.verdict
    )
    assert faulty.rerun_and_check().nothing_unread


@pytest.mark.long
def test_nothing_answers_any_more_in_the_middle_of_a_write(faulty: FaultyLake) -> None:
    faulty.arrive_file("a", Sale(1), Sale(2, region="EU-WEST"), Sale(3, region=ELSEWHERE))
    with faulty.proxy.follow_plan(Outage("s3", "PUT", "/data/")) as met:
        verdict = faulty.run()
    assert (verdict.state, met[Fault.RESET] > 0) == ("FAILED", True)
    faulty.assert_model_holds()
    faulty.rerun_and_check()


@pytest.mark.long
def test_a_lost_answer_to_the_commit_does_not_fail_what_is_published(faulty: FaultyLake) -> None:
    faulty.arrive_file("a", Sale(1))
    with following_plan_from(faulty.proxy, AT_COMMIT, FaultAt("glue", "UpdateTable", "", Fault.LOST, times=1)) as met:
        verdict = faulty.run()
    assert (verdict.state, verdict.rows_published, met) == ("SUCCEEDED", 1, {Fault.LOST: 1}), verdict.message
    assert faulty.rerun_and_check().nothing_unread


@pytest.mark.long
def test_a_run_that_never_hears_of_its_commit_fails_and_a_rerun_finds_nothing_left_to_do(faulty: FaultyLake) -> None:
    faulty.arrive_file("a", Sale(1), Sale(2, region=ELSEWHERE))
    with following_plan_from(faulty.proxy, AT_COMMIT, Outage("glue", "UpdateTable", "", Fault.LOST)):
        verdict = faulty.run()
    assert verdict.state == "FAILED"
    assert faulty.visible_state() == faulty.model.state_after()
    assert faulty.rerun_and_check().nothing_unread
