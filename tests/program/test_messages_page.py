"""The page on messages shows what the job writes, as text and as pictures."""

from xml.etree import ElementTree

import pytest

from etl.contract.severity import Severity
from etl.messages.message import MessageKind
from sluice.program import messages_page
from sluice.program.message_picture import COLUMNS, draw_chat, draw_email
from sluice.program.message_samples import message_samples
from sluice.program.stack_files import ROOT
from sluice.program.watch_samples import watch_samples


def test_the_page_and_its_pictures_are_what_the_job_writes_today() -> None:
    assert messages_page.main(["--check"]) == 0, "make messages"
    assert {path.name for path in messages_page.PICTURES.glob("message-*.svg")} == {*messages_page.render_pictures()}


def test_a_page_without_a_place_for_messages_is_an_error() -> None:
    with pytest.raises(LookupError, match="the page has no <!-- messages -->"):
        messages_page.render_page("# Messages")


def test_every_kind_of_message_is_on_the_page() -> None:
    shown = {sample.message.kind for sample in message_samples()}
    assert shown == {*MessageKind} - {MessageKind.NONE}
    assert all(sample.message.send for sample in message_samples())


def test_what_no_run_could_say_names_the_lake_who_owns_the_data_and_what_to_do() -> None:
    samples = [*watch_samples()]
    assert len({sample.message.kind for sample in samples}) == len(samples)
    for message in (sample.message for sample in samples):
        assert message.subject.startswith("sluice-prod")
        assert message.subject.isascii()
        assert "\nDo first:\n" in message.email
        assert ("Owner: web-shop." in message.email) is (message.event["dataset"] != "stack")


def test_a_picture_is_text_that_fits_and_loads_nothing() -> None:
    hostile = {"title": "&lt;script&gt;", "description": "x" * 900, "nextSteps": ["a &amp; b"], "keywords": ["k"]}
    for picture in (
        *messages_page.render_pictures().values(),
        draw_email("<s>", "]]>&\n" * 3, Severity.INFO),
        draw_chat({"content": hostile}, Severity.WARNING),
    ):
        root = ElementTree.fromstring(picture)
        texts = [element for element in root.iter() if element.tag.endswith("text")]
        assert {element.tag.rpartition("}")[2] for element in root.iter()} == {"svg", "rect", "text"}
        assert max(len(element.text or "") for element in texts) <= COLUMNS
        assert "href" not in picture


def test_each_message_leads_to_a_heading_of_the_runbook() -> None:
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    headings = {
        line.removeprefix("## ").lower().replace(" ", "-") for line in runbook.splitlines() if line[:3] == "## "
    }
    links = [str(sample.message.event["runbook_url"]) for sample in message_samples()]
    assert {link.partition("#")[2] for link in links} <= headings
    assert {link.partition("#")[2] for link in links} == {"violations", "errors", "quarantined", "results"}
    lines = [line for sample in watch_samples() for line in sample.message.email.splitlines()]
    headings_named = {line.partition("#")[2] for line in lines if line.startswith("Runbook: ")}
    assert len(headings_named) > 5
    assert headings_named <= headings
    assert "ledger-gone" in headings
