"""A drill: a message of each kind by the watch, and who of those that should hear it is still pending."""

import json

import pytest

from sluice.operations.drill_messages import DRILLED_KINDS, drill_message
from sluice.operations.message_endpoints import CHAT_HOST, Endpoint, find_endpoints, merge_severities
from tests.sandbox.operations.lake import Lake


@pytest.fixture
def drilled(lake: Lake) -> Lake:
    lake.define_flow()
    lake.define_watch()
    return lake


def test_a_drill_sends_each_kind_that_somebody_hears_and_rings_once_where_machines_listen(drilled: Lake) -> None:
    alarm = drilled.define_alarm()
    outcome = drilled.run_stack_command("drill", "--yes", "--json")
    report = json.loads(outcome.out)
    assert (outcome.code, report["pending"], report["alarm"]) == (0, [], alarm)
    assert [message["kind"] for message in report["messages"]] == [kind.kind for kind in DRILLED_KINDS]
    assert {message["state"] for message in report["messages"]} == {"SUCCEEDED"}
    assert report["endpoints"] == [
        {"channel": "events.pagerduty.com", "by": "https", "hears": "alarms: critical", "state": "ready"},
        {"channel": "ann@example.com", "by": "email", "hears": "messages: critical, warning", "state": "ready"},
        {"channel": "hook", "by": "webhook", "hears": "messages: what it is sent", "state": "ready"},
    ]
    assert "secret" not in outcome.out + outcome.err
    prefix = f"sluice-{drilled.stack}"
    received = [mail for mail in drilled.emulator.mailbox.deliveries("ann@example.com") if prefix in mail.subject]
    assert [mail.subject for mail in received if mail.topic.endswith("warning")] == [
        f"DRILL of {prefix}: {kind}"
        for kind in ("set_aside", "late", "not_arrived", "maintenance_failed", "forget_failed")
    ]
    history = drilled.emulator.client("cloudwatch").describe_alarm_history(AlarmName=alarm)["AlarmHistoryItems"]
    assert {item["HistorySummary"] for item in history} >= {
        "Alarm updated from OK to ALARM",
        "Alarm updated from ALARM to OK",
    }


def test_a_drill_for_a_channel_sends_what_it_hears_and_leaves_an_alarm_that_rings_for_true(drilled: Lake) -> None:
    alarm = drilled.define_alarm("ALARM")
    mailed = drilled.run_stack_command("drill", "ann@example.com", "--yes", "--json")
    assert {message["severity"] for message in json.loads(mailed.out)["messages"]} == {"critical", "warning"}
    paged = drilled.run_stack_command("drill", "events.pagerduty.com", "--yes", "--json")
    assert (json.loads(paged.out)["messages"], json.loads(paged.out)["alarm"]) == ([], "")
    [described] = drilled.emulator.client("cloudwatch").describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    assert described["StateValue"] == "ALARM"


def test_a_drill_for_nobody_is_wrong_use_that_names_who_is_there(drilled: Lake) -> None:
    outcome = drilled.run_stack_command("drill", "bob@example.com", "--yes")
    assert outcome.code == 2
    assert "no endpoint is called bob@example.com: there are events.pagerduty.com, ann@example.com, hook" in outcome.err


def test_who_has_not_confirmed_is_pending_and_the_exit_code_says_so(drilled: Lake) -> None:
    sns = drilled.emulator.client("sns")
    topic = sns.create_topic(Name=f"sluice-{drilled.stack}-messages-info")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="https", Endpoint="https://127.0.0.1:9/never-confirms")
    outcome = drilled.run_stack_command("drill", "127.0.0.1", "--yes")
    assert outcome.code == 1
    assert "still pending, and hears nothing: 127.0.0.1" in outcome.out
    assert "never-confirms" not in outcome.out


def test_a_chat_of_one_owner_is_named_by_its_topic(drilled: Lake) -> None:
    sns = drilled.emulator.client("sns")
    topic = sns.create_topic(Name=f"sluice-{drilled.stack}-messages-ops")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="https", Endpoint=f"https://{CHAT_HOST}")
    [chat] = [e for e in find_endpoints(drilled.account, f"sluice-{drilled.stack}") if e.protocol == "chat"]
    assert (chat.name, chat.severities) == (f"{CHAT_HOST} (ops)", ())


def test_an_endpoint_is_pending_where_one_of_its_subscriptions_is() -> None:
    ready = Endpoint("ann@example.com", "email", "messages", ("warning",), "ready")
    pending = Endpoint("ann@example.com", "email", "messages", ("critical",), "pending")
    [merged] = merge_severities([ready, pending])
    assert (merged.severities, merged.is_pending) == (("critical", "warning"), True)


def test_a_drilled_message_says_that_nothing_is_wrong_in_each_form() -> None:
    message = drill_message(DRILLED_KINDS[0], "sluice-prod", "arn:aws:iam::1:user/ann")
    assert message["subject"] == "DRILL of sluice-prod: bad"
    for text in (message["email"], message["chat"]["content"]["description"], message["event"]["text"]):
        assert "nothing is wrong" in text
