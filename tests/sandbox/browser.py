"""`make browser`: a page in a real Chromium tries to use a running sandbox as its user, and gets nothing."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluice.sandbox.chromium import NoBrowser, find_chromium
from sluice.sandbox.emulator import emulator
from tests.sandbox.browsing import REBOUND, page_report
from tests.sandbox.stub import BUCKET, Workshop

PAGE = Path(__file__).with_name("page.html")
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NOT_ASKING = {  # what reaches the sandbox without a preflight, so that its answer shows that the page did reach it
    "a topic, not asking",
    "a topic, under another name",
    "a job as plain text",
    "a topic by a form",
    "an object by a form",
    "all gone",
}


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    """A sandbox with a bucket, a picture in it, and a job that never ran."""
    with emulator.running_emulator() as running:
        job_workshop = Workshop.make_in(running)
        running.client("s3").put_object(Bucket=BUCKET, Key="picture.png", Body=PIXEL, ContentType="image/png")
        job_workshop.create_job("pass")
        yield job_workshop


@pytest.fixture(scope="module")
def outcomes(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the page could do, by try: `read`, `sent` or `nothing`."""
    try:
        browser = find_chromium()
    except NoBrowser as fault:
        pytest.fail(str(fault), pytrace=False)
    endpoint = workshop.emulator.endpoint
    parameters = {"at": endpoint, "rebound": endpoint.replace("127.0.0.1", REBOUND), "bucket": BUCKET, "job": "job-0"}
    parameters["role"] = workshop.role
    return page_report(browser, PAGE.read_text(), parameters, tmp_path_factory.mktemp("browser"))


def test_the_page_could_read_nothing(outcomes: dict[str, str]) -> None:
    print(*(f"{outcome:8} {attempt}" for attempt, outcome in outcomes.items()), sep="\n")
    assert len(outcomes) == 16
    assert "read" not in outcomes.values()


def test_the_page_did_reach_the_sandbox(outcomes: dict[str, str]) -> None:
    assert {attempt for attempt, outcome in outcomes.items() if outcome == "sent"} >= NOT_ASKING


@pytest.mark.usefixtures("outcomes")
def test_no_job_came_to_be_and_none_ran(workshop: Workshop) -> None:
    assert [job["Name"] for job in workshop.glue.get_jobs()["Jobs"]] == ["job-0"]
    assert workshop.glue.get_job_runs(JobName="job-0")["JobRuns"] == []


@pytest.mark.usefixtures("outcomes")
def test_no_topic_and_no_object_came_to_be_and_none_is_gone(workshop: Workshop) -> None:
    assert workshop.emulator.client("sns").list_topics()["Topics"] == []
    listed = workshop.emulator.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    assert [item["Key"] for item in listed] == ["code/job-0.py", "picture.png"]
