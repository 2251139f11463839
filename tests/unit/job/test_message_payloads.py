"""Each form of a message is what its service takes, whatever a sample, a key or an error holds."""

import json
import re
from dataclasses import replace
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from etl.contract.severity import Severity
from etl.messages.chat_notification import escape_markup
from etl.messages.limits import CHAT_TEXT_LENGTH, EMAIL_BYTES, OUTBOX_BYTES, subject_line
from etl.messages.outbox import outbox_body
from etl.messages.run_facts import RunFacts
from etl.results.rule_result import RuleResult
from tests.unit.job.run_reports import OBJECT, Bucket, broken_rule, ended_run, replayed, rows_aside

Text = Annotated[str, Field(min_length=1)]
SNS_MESSAGE = 262_144  # bytes (Amazon SNS API reference, Publish)
SLACK_SECTION = 3_000  # characters (Slack, Block Kit, section block)
EVENT_ENTRY = 262_144  # bytes (Amazon EventBridge API reference, PutEventsRequestEntry)


class Strict(BaseModel):
    """An object that has the documented fields and no other."""

    model_config = ConfigDict(extra="forbid", strict=True)


class ChatContent(Strict):
    """`content`: only the description must be there."""

    description: Annotated[str, Field(min_length=1, max_length=SLACK_SECTION)]
    textType: Literal["client-markdown"] = "client-markdown"
    title: str = ""
    nextSteps: list[Text] = []
    keywords: list[Text] = []


class ChatMetadata(Strict):
    """`metadata`: texts, and one flat object of texts."""

    threadId: str = ""
    summary: str = ""
    eventType: str = ""
    relatedResources: list[str] = []
    additionalContext: dict[str, str] = {}


class CustomNotification(Strict):
    """Amazon Q Developer in chat applications, administrator guide, Custom notifications, Event schema."""

    version: Literal["1.0"]
    source: Literal["custom"]
    id: str = ""
    content: ChatContent
    metadata: ChatMetadata = ChatMetadata()


HOSTILE = (
    "<!here> <@U012AB3CD> <#C0> <http://evil.example|open me>",
    "@channel @here @everyone",
    "*bold* _italic_ ~gone~ `code` ```block```",
    "[open me](http://evil.example) ![x](http://evil.example/y.png)",
    "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;",
    "line\nbreak\r\ntab\t\x1b[31mred\x00 \u202eright to left \ud800",
    "\U0001f600 emoji, 漢字",
    None,
)
LONG = "x" * 10_000


def all_kinds(*rules: RuleResult) -> list[RunFacts]:
    """Return a run for each kind of message, with these rules broken."""
    warned = [replace(rule, severity=Severity.WARNING) for rule in rules]
    return [
        ended_run(*rules),
        ended_run(error="OSError", message="\n".join(str(sample) for rule in rules for sample in rule.samples)),
        ended_run(*rules, replay="jr_0", kind=replayed("jr_0").verdict.kind),
        ended_run(*warned, rows_quarantined=3),
    ]


def validate(facts: RunFacts, bucket: Bucket | None = None) -> dict[str, Any]:
    """Hold a run's outbox against what each service documents; return it."""
    bucket = bucket or Bucket()
    bucket.tell(facts)
    body = bucket.objects[f"outbox/trades/{facts.verdict.run_id}.json"]
    assert len(body) <= OUTBOX_BYTES
    message = json.loads(body)
    chat = CustomNotification.model_validate(message["chat"])
    assert sum(map(len, chat.content.nextSteps)) <= SLACK_SECTION
    assert re.fullmatch(r"[ -~]{1,99}", message["subject"])
    assert not message["subject"].startswith(" ")
    per_protocol = {"default": message["email"], "email": message["email"], "https": json.dumps(message["chat"])}
    assert len(json.dumps(per_protocol)) < SNS_MESSAGE
    assert len(json.dumps(message["event"])) < EVENT_ENTRY
    assert all(isinstance(value, str | int) for value in message["event"].values())
    return message


def test_each_kind_of_message_is_what_every_service_takes() -> None:
    kinds = [validate(facts)["kind"] for facts in all_kinds(broken_rule())]
    bucket = Bucket()
    bucket.tell(ended_run(broken_rule()))
    kinds.append(validate(ended_run(run="jr_2"), bucket)["kind"])
    assert kinds == ["bad", "bad", "bad", "set_aside", "good_again"]


@pytest.mark.parametrize("samples", [HOSTILE[:3], HOSTILE[3:6], HOSTILE[6:], (LONG, LONG + "y", "é" * 5_000)])
def test_whatever_a_sample_holds_a_message_stays_what_every_service_takes(samples: tuple[str | None, ...]) -> None:
    for facts in all_kinds(broken_rule(samples=samples, key=f"trades/{samples[0] or 'null'}.csv")):
        validate(facts)


MARKUP = re.compile(r"<[^ ]|`|\*|~|\]\(|@\w|://|&(?!amp;|lt;|gt;)")


@given(st.text(max_size=80))
@example(" ".join(text for text in HOSTILE if text))
@example("a&lt;b")
@example("_x_ snake_case __y__")
def test_no_text_of_others_is_markup_a_mention_or_a_link_in_chat(text: str) -> None:
    for escaped in (escape_markup(text), escape_markup(text, 40)):
        assert not MARKUP.search(escaped)
        assert not re.search(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", escaped)
    assert len(escape_markup(text, 40)) <= 40


def test_a_mention_in_a_sample_calls_nobody_and_the_email_has_it_as_it_is() -> None:
    message = validate(ended_run(broken_rule(samples=HOSTILE[:2])))
    for part in (*message["chat"]["content"]["nextSteps"], message["chat"]["content"]["description"]):
        words = "\n".join(line for line in part.splitlines() if "https://" not in line)
        assert not MARKUP.search(words)
    assert "'<!here> <@U012AB3CD>" in message["email"]


def test_a_value_cannot_pass_for_a_line_of_the_message() -> None:
    message = validate(ended_run(broken_rule(samples=("1\nRunbook: http://evil.example",), key="trades/a\nb.csv")))
    assert r"'1\nRunbook: http://evil.example' in trades/a\nb.csv row 17" in message["email"]
    assert runbook_lines(message) == ["Runbook: docs/runbook.md#violations"]
    failed = validate(ended_run(error="OSError", message="no room\nRunbook: http://evil.example"))
    assert runbook_lines(failed) == ["Runbook: docs/runbook.md#errors"]


def runbook_lines(message: dict[str, Any]) -> list[str]:
    """Return the lines of an e-mail that say where the runbook is."""
    return [line for line in message["email"].splitlines() if line.startswith("Runbook")]


@pytest.mark.parametrize("title", ["trades is bad", "x" * 99, "x" * 100, "é" * 400, "a\nb"])
def test_a_subject_is_one_short_line_of_ascii(title: str) -> None:
    assert re.fullmatch(r"[ -~]{1,99}", subject_line(title))
    assert (subject_line(title) == title) == (title.isascii() and title.isprintable() and len(title) < 100)


def test_a_message_is_cut_at_rules_and_its_links_are_whole() -> None:
    rules = [broken_rule(f"trades.column_{number}.range", samples=("é" * 199,) * 3) for number in range(300)]
    message = validate(ended_run(*rules))
    links = [link for link in message["event"] if link.endswith("_url")]
    for text in (message["email"], message["chat"]["content"]["description"]):
        shown = text.count(".range: 12 rows")
        assert 0 < shown < 300
        assert f"And {300 - shown} rules more: the verdict has them all." in text
        assert all(message["event"][link] in text for link in links)
    assert len(links) == 3
    assert len(message["email"].encode()) <= EMAIL_BYTES + 1
    assert len(message["chat"]["content"]["description"]) <= CHAT_TEXT_LENGTH
    assert message["event"]["rules_broken"] == 300


def test_a_message_that_is_still_too_long_loses_the_text_of_its_event() -> None:
    message = Bucket().tell(ended_run(broken_rule()))
    longer = replace(message, event={**message.event, "text": "é" * OUTBOX_BYTES})
    assert json.loads(outbox_body(longer))["event"]["text"] == message.subject


def test_a_sample_is_as_masked_as_in_the_verdict_and_has_its_object_and_row() -> None:
    message = validate(rows_aside(3))
    assert "'-3' in trades/2026-01-31.csv row 17" in message["email"]
    masked = validate(ended_run(broken_rule(samples=("***",))))
    for text in (masked["email"], masked["chat"]["content"]["description"], masked["event"]["text"]):
        assert re.search(rf"'(\*\*\*|\u2217{{3}})' in {OBJECT} row 17", text)
