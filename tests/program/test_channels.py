"""Channels: who hears what, what is refused, and that no secret of one is shown anywhere."""

import dataclasses
import json
from datetime import date
from typing import Any

import pytest

from components.settings.audience import heard_by, unreached_owners
from components.settings.channels import Channel
from components.settings.config_reader import BadConfiguration
from components.settings.stack_settings import parse_settings
from sluice.program import flow_page
from sluice.program.comparison import find_differences
from sluice.program.graph import Graph, run_program
from sluice.program.plan import plan_stack
from sluice.program.policies import broken_policies
from sluice.program.secret_inputs import SECRET
from sluice.program.stack_files import with_stand_ins
from tests.program.altered import altered_graph
from tests.program.deployment import (
    ALL_CHANNELS,
    ALL_OWNERS,
    ONE_DATASET,
    PAGER_URL,
    SECRET_KEY,
    SECRET_URL,
    UUID,
    muted_until,
)
from tests.program.test_settings import make_settings, raw_settings

SECRETS = (SECRET_URL, SECRET_KEY, PAGER_URL, "s3cr3t")
MAIL = {"kind": "email", "to": "me@acme.de"}
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
SLACK = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"
MUTE_RULE, ALARM = "aws:cloudwatch/alarmMuteRule:AlarmMuteRule", "aws:cloudwatch/metricAlarm:MetricAlarm"

REFUSED: list[tuple[Any, str]] = [
    ({"a": "me@acme.de"}, 'channels.a is "me@acme.de": takes a mapping such as'),
    ({"a": {}}, "channels.a.kind is not set: takes email, slack, teams, pagerduty, https"),
    ({"a": {"kind": "sms"}}, 'channels.a.kind is "sms": takes email'),
    ({"a": {"kind": ["email"]}}, "channels.a.kind is "),
    ({"a": {"kind": "email"}}, "channels.a.to is not set: takes an e-mail address"),
    ({"a": {"kind": "email", "to": "me@localhost"}}, 'channels.a.to is "me@localhost": takes an e-mail address'),
    ({"a": {"kind": "email", "too": "x", "to": "me@acme.de"}}, "no such key of email; there are kind, severities, to"),
    ({"a": {**MAIL, "severities": []}}, "channels.a.severities is []: takes a list of critical, warning, info"),
    ({"a": {**MAIL, "severities": ["critical", "critical"]}}, "each at most once"),
    ({"a": {**MAIL, "severities": "critical"}}, "channels.a.severities is "),
    ({"a": {**MAIL, "severities": ["fatal"]}}, "channels.a.severities is "),
    ({"critical": MAIL}, "channels.critical: takes a name"),
    ({"A": MAIL}, "channels.A: takes a name"),
    ({"a" * 21: MAIL}, "takes a name of at most 20"),
    ({"a": {"kind": "slack", "workspace": "T0A"}}, "channels.a.channel is not set: takes a channel's id"),
    ({"a": {"kind": "slack", "workspace": "acme.slack.com", "channel": "C0A"}}, "takes a workspace's id"),
    ({"a": {"kind": "teams", "workspace": UUID, "channel": "19:a@b.tacv2"}}, "channels.a.tenant is not set"),
    ({"a": {"kind": "teams", "tenant": UUID, "workspace": UUID, "channel": "general"}}, "takes a channel's id"),
    ({"a": {"kind": "pagerduty"}}, "channels.a.url is not set: takes the integration URL"),
    ({"a": {"kind": "https", "url": SECRET_URL}}, "channels.a.key is not set: takes a key"),
    ({"a": {"kind": "https", "key": SECRET_KEY}}, "channels.a.url is not set: takes a URL that begins with https://"),
    ({"a": {"kind": "https", "url": SECRET_URL.replace("https", "http"), "key": "k"}}, "channels.a.url is a secret"),
    ({"a": {"kind": "https", "url": SECRET_URL, "key": f"{SECRET_KEY}\n"}}, "channels.a.key is a secret"),
    ({"a": {"kind": "pagerduty", "url": SECRET_URL}}, "channels.a.url is a secret: takes the integration URL"),
    (
        {"a": ALL_CHANNELS["team"], "b": ALL_CHANNELS["team"]},
        "channels.b.workspace: takes another team than that of a: one channel a team",
    ),
    ({"a": {"kind": "https", "url": SECRET_URL, "key": "k", "header": "X Y"}}, 'channels.a.header is "X Y"'),
]


@pytest.mark.parametrize(("channels", "expected"), REFUSED)
@pytest.mark.parametrize("keeps", [[], ["channels"]], ids=["plain", "encrypted"])
def test_a_channel_that_lacks_or_has_what_it_must_not_is_refused_and_no_secret_is_told(
    channels: Any, expected: str, keeps: list[str]
) -> None:
    with pytest.raises(BadConfiguration) as refused:
        parse_settings(raw_settings(channels=json.dumps(channels)), "dev", "eu-west-1", secret_keys=keeps)
    message = str(refused.value)
    assert not [secret for secret in SECRETS if secret in message]
    assert expected.partition(" is ")[0] in message if keeps else expected in message, message


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        ({"ann": ["mial"]}, "takes names of channels; there are mail; did you mean 'mail'?"),
        ({"ann": "mail"}, 'owners.ann is "mail": takes a list of channels, each once'),
        ({"ann": ["mail", "mail"]}, "takes a list of channels, each once"),
        ({"ann": [1]}, "takes a list of channels, each once"),
        ({"stack": ["mail"]}, "owners.stack: takes another name"),
    ],
)
def test_an_owner_whose_channels_are_not_there_is_refused(owners: Any, expected: str) -> None:
    with pytest.raises(BadConfiguration) as refused:
        make_settings(channels=json.dumps({"mail": MAIL}), owners=json.dumps(owners))
    assert expected in str(refused.value)


@pytest.mark.parametrize("key", ["channels", "owners"])
@pytest.mark.parametrize("value", ["[]", "5", "no json", '"a"'])
def test_channels_and_owners_are_mappings(key: str, value: str) -> None:
    with pytest.raises(BadConfiguration, match=f"sluice:{key} is .*: takes a mapping with"):
        make_settings(**{key: value})


def test_a_second_channel_of_the_name_of_alarm_email_is_refused() -> None:
    with pytest.raises(BadConfiguration, match=r"channels\.email: takes another name"):
        make_settings(alarm_email="me@acme.de", channels=json.dumps({"email": MAIL}))


def test_the_address_of_alarm_email_is_a_channel_that_hears_all() -> None:
    (channel,) = make_settings(alarm_email="me@acme.de").channels
    assert channel == Channel("email", "email", ("critical", "warning", "info"), {"to": "me@acme.de"})


@pytest.mark.parametrize(
    ("channels", "taken"),
    [
        ({}, False),
        ({"mail": MAIL | {"severities": ["warning"]}}, False),
        ({"mail": MAIL}, True),
        ({"pager": {"kind": "pagerduty", "url": PAGER_URL}}, True),
    ],
)
def test_a_protected_stack_needs_a_channel_that_hears_what_is_critical(channels: Any, taken: bool) -> None:
    if taken:
        assert make_settings(protect="true", channels=json.dumps(channels)).channels
    else:
        with pytest.raises(BadConfiguration, match="channels one that hears critical"):
            make_settings(protect="true", channels=json.dumps(channels))


def made(name: str, *severities: str) -> Channel:
    return Channel(name, "email", severities or ("critical", "warning", "info"))


ANN, BOB, PAGER = made("ann"), made("bob", "warning"), made("pager", "critical")


@pytest.mark.parametrize(
    ("channel", "severity", "owners", "heard"),
    [
        (ANN, "critical", {}, {"but": []}),
        (ANN, "critical", {"a": ["ann"]}, {"but": []}),
        (PAGER, "critical", {"a": ["ann"]}, {"but": ["a"]}),
        (PAGER, "critical", {"a": ["ann"], "p": ["pager"]}, {"but": ["a"]}),
        (ANN, "warning", {"a": ["ann"], "b": ["bob"]}, {"only": ["a", "stack"]}),
        (PAGER, "critical", {"b": ["bob"]}, {"but": []}),  # bob hears nothing critical: all channels do
        (ANN, "warning", {"b": ["bob"]}, {"only": ["stack"]}),
    ],
)
def test_each_channel_hears_its_owners_and_what_is_critical_is_heard_by_somebody(
    channel: Channel, severity: str, owners: dict[str, list[str]], heard: dict[str, list[str]]
) -> None:
    assert heard_by(channel, severity, (ANN, BOB, PAGER), owners).as_json() == heard


def test_an_owner_without_a_channel_is_warned_of() -> None:
    datasets = {"trades": "a", "buyers": "b", "goods": "c"}
    warned = unreached_owners(datasets, (ANN, BOB, PAGER), {"a": ["ann"], "b": ["bob"], "gone": ["ann"]})
    assert [text.split(": ")[-1] for text in warned[:2]] == [
        "those of buyers go to all channels",
        "those of goods go to all channels",
    ]
    assert "lists gone, whom no contract names" in warned[2]
    assert unreached_owners(datasets, (ANN,), {}) == []


def test_every_channel_has_its_resources(optional: Graph) -> None:
    topics = {
        node.name: node.inputs["topic"].rpartition(":")[2]
        for node in optional.nodes_of_type(SUBSCRIPTION)
        if "critical" in node.name or node.name == "alarms-email"
    }
    assert topics == {
        "alarms-email": "messages-critical-topic",
        "channel-trades-mail-critical": "messages-critical-topic",
        "channel-pager-critical": "alarms-topic",
    }
    assert "messages-trades-chat-topic" in json.dumps(optional.node_named(SLACK, "channel-trades-chat").inputs)


def test_a_chat_that_hears_all_hangs_on_the_stacks_own_topics() -> None:
    chat = {"chat": ALL_CHANNELS["chat"]}
    graph = run_program("dev", changed={"sluice:channels": json.dumps(chat), **ONE_DATASET})
    topics = [topic.rpartition(":")[2] for topic in graph.node_named(SLACK, "channel-chat").inputs["snsTopicArns"]]
    assert topics == ["messages-critical-topic", "messages-warning-topic", "messages-info-topic"]
    assert broken_policies(graph) == {}


def test_no_secret_of_a_channel_is_shown_anywhere(optional: Graph, graphs: dict[str, Graph]) -> None:
    shown = {
        "plan": json.dumps(plan_stack(optional, graphs["dev"])),
        "difference": json.dumps([dataclasses.asdict(item) for item in find_differences(optional, graphs["prod"])]),
        "picture": "\n".join(flow_page.draw_flow(optional)),
        "warnings": "\n".join(optional.warnings),
        "outputs": json.dumps(optional.outputs),
        "machines": "\n".join(str(node.inputs.get("definition")) for node in optional.nodes.values()),
        "settings": repr(make_settings(channels=json.dumps(ALL_CHANNELS), owners=json.dumps(ALL_OWNERS)).channels),
    }
    for place, text in shown.items():
        assert not [secret for secret in SECRETS if secret in text], place
    assert SECRET in shown["plan"]
    holders = [
        node
        for node in optional.nodes.values()
        if any(part in json.dumps(node.inputs, default=str) for part in SECRETS)
    ]
    assert sorted(node.name for node in holders) == [
        "channel-hook-connection",
        "channel-hook-destination",
        "channel-pager-critical",
    ]
    for node in holders:
        plain = {key: value for key, value in node.inputs.items() if key not in node.secret}
        assert not [secret for secret in SECRETS if secret in json.dumps(plain)]


def test_a_secret_in_plain_text_is_warned_of_by_its_key(optional: Graph) -> None:
    warned = [text for text in optional.warnings if "as plain text" in text]
    assert len(warned) == 3
    assert "pulumi config set --secret --path 'sluice:channels.hook.key'" in "\n".join(warned)


def test_a_plan_is_made_without_the_key_of_what_is_encrypted() -> None:
    secure = {"secure": "v1:abc"}
    channels = {"hook": {"kind": "https", "url": secure, "key": secure}, "pager": {"kind": "pagerduty", "url": secure}}
    config = with_stand_ins({"sluice:channels": channels})
    assert make_settings(channels=json.dumps(config["sluice:channels"])).channels


TODAY = date(2026, 11, 29)


@pytest.mark.parametrize("until", ["2026-11-29", "2026-12-14", "2026-12-05T00:00:00Z"])
def test_a_dataset_is_muted_for_at_most_fifteen_days(until: str) -> None:
    entries = {"trades": {"mute": {"until": until, "why": " the source moves "}}}
    (dataset,) = parse_settings(raw_settings(datasets=json.dumps(entries)), "dev", "eu-west-1", today=TODAY).datasets
    assert dataset.mute == {"until": until[:10], "why": "the source moves"}


@pytest.mark.parametrize(
    ("mute", "expected"),
    [
        (
            {"until": "2026-11-28", "why": "x"},
            "is 2026-11-28: takes a day from 2026-11-29 to 2026-12-14, since nothing",
        ),
        ({"until": "2026-12-15", "why": "x"}, "this one is too far"),
        ({"until": "2026-11-28", "why": "x"}, "this one is over: drop it"),
        ({"until": "tomorrow", "why": "x"}, "takes until, a day such as"),
        ({"until": "2026-02-30", "why": "x"}, "takes until, a day such as"),
        ({"until": "2026-12-01"}, "takes a mapping such as {until"),
        ({"until": "2026-12-01", "why": ""}, "takes why, a line"),
        ({"until": "2026-12-01", "why": "a\nb"}, "takes why, a line"),
        ({"until": "2026-12-01", "why": "x" * 201}, "takes why, a line of at most 200"),
        ({"until": "2026-12-01", "why": "x", "who": "me"}, "takes a mapping such as {until"),
        ("2026-12-01", "takes a mapping such as {until"),
    ],
)
def test_a_mute_that_is_over_or_too_long_or_without_a_reason_is_refused(mute: Any, expected: str) -> None:
    entries = {"trades": {"mute": mute}}
    with pytest.raises(BadConfiguration) as refused:
        parse_settings(raw_settings(datasets=json.dumps(entries)), "dev", "eu-west-1", today=TODAY)
    assert "datasets.trades.mute" in str(refused.value)
    assert expected in str(refused.value)


def test_a_muted_dataset_has_a_rule_over_all_its_alarms_that_ends(optional: Graph) -> None:
    (rule,) = optional.nodes_of_type(MUTE_RULE)
    alarms = [node.inputs["name"] for node in optional.nodes_of_type(ALARM) if node.name.startswith("trades-watch-")]
    assert sorted(rule.inputs["muteTargets"]["alarmNames"]) == sorted(alarms)
    assert rule.inputs["expireDate"] == f"{muted_until()}T23:59:00Z"
    machines = "\n".join(str(node.inputs.get("definition")) for node in optional.nodes.values())
    assert machines.count("the source moves") >= 2


BROKEN: list[tuple[str, str, tuple[Any, ...]]] = [
    ("chat.guardrail", "channel-chat", ("guardrailPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"])),
    ("chat.guardrail", "channel-team", ("guardrailPolicyArns", None)),
    ("chat.guardrail", "channel-chat", ("snsTopicArns", ["arn:aws:fake:::alarms-topic"])),
    ("endpoint.tried", "channel-hook-target", ("retryPolicy", None)),
    ("endpoint.tried", "channel-hook-destination", ("invocationEndpoint", "http://hooks.acme.de")),
    ("mute.ends", "trades-watch-mute", ("expireDate", None)),
    ("mute.ends", "trades-watch-mute", ("muteTargets", {"alarmNames": ["sluice-prod-goods-stale"]})),
    ("email.filter", "channel-all-mail-warning", ("filterPolicy", '{"owner": ["trades-data"]}')),
    ("role.trust", "channel-chat-policy", ("policy", '{"Version": "2012-10-17", "Statement": []}')),
]


@pytest.mark.parametrize(("rule", "name", "change"), BROKEN)
def test_a_channel_that_is_declared_wrongly_is_noticed(
    optional: Graph, rule: str, name: str, change: tuple[Any, ...]
) -> None:
    assert rule in broken_policies(altered_graph(optional, name, change[0], to=change[1]))


def test_a_secret_that_is_not_marked_as_one_is_noticed(optional: Graph) -> None:
    nodes = {
        urn: dataclasses.replace(node, secret=frozenset()) if node.name == "channel-hook-connection" else node
        for urn, node in optional.nodes.items()
    }
    assert "channel.secret" in broken_policies(dataclasses.replace(optional, nodes=nodes))
