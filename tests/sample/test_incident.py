"""The incident of docs/runbook.md: the page has what was recorded, and what is recorded is what happens."""

from datetime import UTC, datetime

import pytest

from sluice.program.docs_part import replace_part
from sluice.sandbox.demo import incident
from sluice.sandbox.demo.incident import IncidentStep


def test_the_page_tells_the_incident_that_was_recorded() -> None:
    text = incident.PAGE.read_text(encoding="utf-8")
    lines = incident.render_incident(incident.read_record())
    assert replace_part(text, incident.BEGIN, incident.END, lines) == text


def test_a_bad_day_is_one_message_again_none_mended_one_and_a_dead_run_one() -> None:
    steps = incident.read_record()
    assert [len(step.messages) for step in steps] == [0, 1, 0, 1, 1, 1]
    bad = steps[1].messages[0]
    assert "sales.quantity.range" in bad["text"]
    assert "sales/2025-01-18.csv" in bad["text"]
    assert {message["topic"] for step in steps for message in step.messages} == {"sluice-local-messages-critical"}


def test_what_is_new_in_each_sandbox_is_shown_alike() -> None:
    first, second = f"jr_{'a' * 64}", f"jr_{'b' * 64}"
    version = "fd681e8d-0000-4000-8000-000000000000"
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    assert incident.shown_alike([f"{first} of {version}", f"{second} after {first}", f"published at {now}"]) == [
        "jr_1 of VERSION-1",
        "jr_2 after jr_1",
        f"published at {incident.SHOWN_DATE} 06:00 UTC",
    ]


def test_a_step_that_nobody_hears_of_says_so() -> None:
    assert incident.render_incident([IncidentStep("It runs again.", ())]) == [
        "",
        "1. It runs again. Nobody is told.",
        "",
    ]


@pytest.mark.long
def test_the_incident_happens_as_it_was_recorded() -> None:
    assert incident.record_incident() == incident.read_record()
