"""Ways of a message in the emulator: what states call, who hears it, and what an endpoint refuses."""

import inspect
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from ministack.services import cloudwatch, eventbridge, sns, sqs, stepfunctions

from sluice.sandbox.emulator.mailbox import Delivery, Mailbox, MailboxWriter, render_page, show_as_received
from sluice.sandbox.emulator.state_integrations import s3_error
from tests.sandbox.stub import BUCKET, Workshop
from tests.sandbox.waiting import wait_until

ROLE = "arn:aws:iam::000000000000:role/job"
CARD = {"version": "1.0", "source": "custom", "content": {"title": "bad", "description": "why", "nextSteps": ["look"]}}


class MachineRunner:
    """Makes small machines in JSONata and runs them."""

    def __init__(self, workshop: Workshop) -> None:
        self.api = workshop.emulator.client("stepfunctions")
        self.numbers = workshop.numbers

    def create(self, states: dict[str, Any]) -> str:
        """Create a machine that goes through `states` in order; return its ARN."""
        names = [*states, None]
        linked = {
            name: {**state, **({"Next": following} if following else {"End": True})}
            for (name, state), following in zip(states.items(), names[1:], strict=True)
        }
        definition = {"QueryLanguage": "JSONata", "StartAt": names[0], "States": linked}
        name = f"machine-{next(self.numbers)}"
        created = self.api.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)
        return created["stateMachineArn"]

    def run(self, states: dict[str, Any]) -> dict[str, Any]:
        """Run a machine once; return what DescribeExecution says of its end."""
        execution = self.api.start_execution(stateMachineArn=self.create(states))["executionArn"]
        wait_until(lambda: self.api.describe_execution(executionArn=execution)["status"] != "RUNNING")
        return self.api.describe_execution(executionArn=execution)

    def output(self, states: dict[str, Any]) -> Any:
        """Run a machine to its good end; return its output."""
        ended = self.run(states)
        assert ended["status"] == "SUCCEEDED", ended
        return json.loads(ended["output"])


@pytest.fixture(scope="module")
def machines(workshop: Workshop) -> MachineRunner:
    return MachineRunner(workshop)


def call(action: str, **arguments: Any) -> dict[str, Any]:
    """Return a state that calls an integration."""
    return {"Type": "Task", "Resource": f"arn:aws:states:::{action}", "Arguments": arguments}


def test_the_places_that_the_adapters_take_are_still_there() -> None:
    """MiniStack's own functions, by their parameters; the adapters are installed in the emulator's process alone."""
    parameters = {
        sns._fanout: "topic_arn msg_id message subject message_structure message_attributes",
        sns._deliver_to_http: "endpoint payload",
        sns._send_subscription_confirmation: "topic_arn sub",
        sns._list_subscriptions_by_topic: "params",
        sns._matches_filter_policy: "sub message_attributes message",
        sns._resolve_message_for_protocol: "message message_structure protocol",
        eventbridge._invoke_target: "target event rule view",
        eventbridge._dispatch_to_api_destination: "spec payload target",
        eventbridge._build_api_destination_request: "dest conn target_http_params payload",
        eventbridge._connection_auth_headers: "conn token_key force_refresh",
        cloudwatch._dispatch_alarm_actions: "alarm old_state new_state reason",
        stepfunctions._jsonata_wait_seconds: "state_def raw_input ctx",
        stepfunctions._invoke_events_put_events: "resource input_data",
        sqs._act_send_message: "data qurl",
    }
    for function, names in parameters.items():
        assert " ".join(inspect.signature(function).parameters).startswith(names), function
    assert (
        stepfunctions._SERVICE_DISPATCH["arn:aws:states:::events:putEvents"] is stepfunctions._invoke_events_put_events
    )


def test_a_machine_writes_an_object_and_reads_it_after_a_short_wait(
    machines: MachineRunner, workshop: Workshop
) -> None:
    place = {"Bucket": BUCKET, "Key": "messages/trades/jr_1.json"}
    read = call("aws-sdk:s3:getObject", **place) | {"Output": "{% $parse($states.result.Body) %}"}
    put = call("aws-sdk:s3:putObject", **place, Body={"told_by": "flow — 1"})
    assert machines.output({"Wait": {"Type": "Wait", "Seconds": 1}, "Put": put, "Read": read}) == {
        "told_by": "flow — 1"
    }
    stored = workshop.emulator.client("s3").get_object(**place)["Body"].read()
    assert json.loads(stored) == {"told_by": "flow — 1"}
    nowhere = machines.run({"Put": call("aws-sdk:s3:putObject", Bucket="nobodys-bucket", Key="a", Body="b")})
    assert (nowhere["error"], "Status Code: 404" in nowhere["cause"]) == ("S3.NoSuchBucketException", True)
    missing = machines.run({"Read": call("aws-sdk:s3:getObject", Bucket=BUCKET, Key="messages/none.json")})
    assert (missing["error"], "Status Code: 404" in missing["cause"]) == ("S3.NoSuchKeyException", True)


def test_an_answer_of_s3_without_a_known_code_is_its_general_error() -> None:
    error: Any = s3_error(403, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
    assert (error.error, error.cause) == ("S3.S3Exception", "Access Denied (Service: S3, Status Code: 403)")


def test_a_machine_puts_a_metric_that_an_alarm_watches(machines: MachineRunner, workshop: Workshop) -> None:
    datum = {"MetricName": "Broken", "Value": 1, "Dimensions": [{"Name": "JobName", "Value": "job-of-a-metric"}]}
    machines.output({"Put": call("aws-sdk:cloudwatch:putMetricData", Namespace="Paths", MetricData=[datum])})
    [metric] = workshop.emulator.client("cloudwatch").list_metrics(Namespace="Paths")["Metrics"]
    assert metric["Dimensions"] == datum["Dimensions"]


def test_each_endpoint_of_a_topic_gets_the_message_in_its_own_form(machines: MachineRunner, workshop: Workshop) -> None:
    sns_api, mailbox = workshop.emulator.client("sns"), workshop.emulator.mailbox
    topic = sns_api.create_topic(Name="paths-critical")["TopicArn"]
    only_hers = {"FilterPolicy": json.dumps({"owner": ["ann", "stack"]})}
    for protocol, endpoint, attributes in (
        ("email", "all@example.com", {}),
        ("email", "ann@example.com", only_hers),
        ("email", "bob@example.com", {"FilterPolicy": json.dumps({"owner": ["bob"]})}),
        ("https", "https://global.sns-api.chatbot.amazonaws.com#chat", {}),
    ):
        sns_api.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint, Attributes=attributes)
    wait_until(lambda: "PendingConfirmation" not in subscription_arns(workshop, topic))
    texts = {"default": "in words", "email": "in words", "https": json.dumps(CARD)}
    machines.output(
        {
            "Tell": call(
                "sns:publish",
                TopicArn=topic,
                Subject="trades is bad",
                Message=texts,
                MessageStructure="json",
                MessageAttributes={"owner": {"DataType": "String", "StringValue": "ann"}},
            )
        }
    )
    received = {delivery.endpoint: delivery for delivery in mailbox.deliveries() if delivery.topic == "paths-critical"}
    assert sorted(received) == ["all@example.com", "ann@example.com", "chat"]
    assert (received["ann@example.com"].subject, received["ann@example.com"].text) == ("trades is bad", "in words")
    assert json.loads(received["chat"].text) == CARD


def subscription_arns(workshop: Workshop, topic: str) -> list[str]:
    """Return the ARNs of a topic's subscriptions."""
    listed = workshop.emulator.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    return [subscription["SubscriptionArn"] for subscription in listed]


def test_an_endpoint_on_this_machine_stays_pending_until_it_confirms(workshop: Workshop) -> None:
    sns_api = workshop.emulator.client("sns")
    topic = sns_api.create_topic(Name="paths-pending")["TopicArn"]
    sns_api.subscribe(TopicArn=topic, Protocol="https", Endpoint="https://127.0.0.1:9/hook")
    assert subscription_arns(workshop, topic) == ["PendingConfirmation"]


class Webhook(BaseHTTPRequestHandler):
    """Takes, refuses or never answers, by its path."""

    requests: ClassVar[list[tuple[str, str, str]]] = []
    release = threading.Event()

    def do_POST(self) -> None:
        """Answer, and keep path, key and body."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.requests.append((self.path, self.headers.get("x-key", ""), body))
        if self.path == "/hangs":
            self.release.wait(30)
        self.send_response(400 if self.path == "/refuses" else 200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def webhook() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    Webhook.release.set()
    server.shutdown()


def add_destination(workshop: Workshop, name: str, url: str, queue: str) -> None:
    """Let a rule send events of source `sluice.paths` to a URL, and to a queue what it refuses."""
    events = workshop.emulator.client("events")
    key = {"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "secret"}}
    connection = events.create_connection(Name=name, AuthorizationType="API_KEY", AuthParameters=key)["ConnectionArn"]
    destination = events.create_api_destination(
        Name=name, ConnectionArn=connection, InvocationEndpoint=url, HttpMethod="POST"
    )["ApiDestinationArn"]
    events.put_rule(Name=name, EventPattern=json.dumps({"source": ["sluice.paths"], "detail": {"to": [name]}}))
    transformer = {"InputPathsMap": {"title": "$.detail.title"}, "InputTemplate": '{"summary": <title>}'}
    target = {"Id": "url", "Arn": destination, "InputTransformer": transformer, "DeadLetterConfig": {"Arn": queue}}
    events.put_targets(Rule=name, Targets=[target])


def test_what_a_webhook_takes_arrives_and_what_it_refuses_or_leaves_unanswered_waits_undelivered(
    machines: MachineRunner, workshop: Workshop, webhook: str
) -> None:
    sqs_api = workshop.emulator.client("sqs")
    url = sqs_api.create_queue(QueueName="paths-undelivered")["QueueUrl"]
    queue = sqs_api.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for name in ("takes", "refuses", "hangs"):
        add_destination(workshop, f"paths-{name}", f"{webhook}/{name}", queue)
    add_destination(workshop, "paths-abroad", "https://hooks.example.com/secret-path", queue)
    entries = [
        {"Source": "sluice.paths", "DetailType": "Sluice Message", "Detail": {"to": f"paths-{name}", "title": name}}
        for name in ("takes", "refuses", "hangs", "abroad")
    ]
    machines.output({"Send": call("events:putEvents", Entries=entries)})
    letters: dict[str, tuple[str, str]] = {}

    def receive_letters() -> bool:
        response = sqs_api.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        for letter in response.get("Messages", []):
            attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
            letters[attributes["RULE_ARN"].rpartition("/")[2]] = (attributes["ERROR_MESSAGE"], letter["Body"])
        return len(letters) == 2

    wait_until(receive_letters)
    assert letters["paths-refuses"] == ("HTTP status 400", '{"summary": "refuses"}')
    assert letters["paths-hangs"][0].startswith("no answer")
    assert ("/takes", "secret", '{"summary": "takes"}') in Webhook.requests
    assert [path for path, *_ in Webhook.requests].count("/hangs") == 2
    kept = [delivery.endpoint for delivery in workshop.emulator.mailbox.deliveries() if delivery.protocol == "event"]
    assert sorted(kept) == ["paths-abroad", "paths-takes"]
    assert "secret-path" not in (workshop.emulator.home / "mailbox" / "index.html").read_text()


def test_an_alarm_that_rings_starts_a_machine(machines: MachineRunner, workshop: Workshop) -> None:
    cloudwatch_api, events = workshop.emulator.client("cloudwatch"), workshop.emulator.client("events")
    machine = machines.create({"End": {"Type": "Pass"}})
    pattern = {"source": ["aws.cloudwatch"], "detail": {"alarmName": ["paths-missing"], "state": {"value": ["ALARM"]}}}
    events.put_rule(Name="paths-alarm", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="paths-alarm", Targets=[{"Id": "watch", "Arn": machine, "RoleArn": ROLE}])
    cloudwatch_api.put_metric_alarm(
        AlarmName="paths-missing",
        Namespace="Paths",
        MetricName="Nothing",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch_api.set_alarm_state(AlarmName="paths-missing", StateValue="ALARM", StateReason="drill")
    wait_until(lambda: bool(machines.api.list_executions(stateMachineArn=machine)["executions"]))
    [execution] = machines.api.list_executions(stateMachineArn=machine)["executions"]
    event = json.loads(machines.api.describe_execution(executionArn=execution["executionArn"])["input"])
    assert (event["detail-type"], event["detail"]["state"]["reason"]) == ("CloudWatch Alarm State Change", "drill")
    assert event["resources"] == ["arn:aws:cloudwatch:eu-west-1:000000000000:alarm:paths-missing"]


def test_the_page_of_the_mailbox_shows_texts_as_texts(tmp_path: Any) -> None:
    writer = MailboxWriter.open(tmp_path)
    assert "Nothing came so far" in Mailbox(tmp_path).page.read_text()
    writer.keep("email", "ann@example.com", "messages-critical", "trades <b>", "row 7: <script>alert(1)</script>")
    [delivery] = Mailbox(tmp_path).wait_for(1, "ann@example.com")
    page = Mailbox(tmp_path).page.read_text()
    assert delivery.text == "row 7: <script>alert(1)</script>"
    assert "<script>" not in page
    assert "row 7: &lt;script&gt;" in page


def test_a_card_of_a_chat_is_shown_by_its_title_its_text_and_its_steps() -> None:
    delivery = Delivery("2026-01-01T00:00:00+00:00", "https", "chat", "messages-critical", "s", json.dumps(CARD))
    assert show_as_received(delivery) == ("bad", "why\n\n1. look")
    other = Delivery("2026-01-01T00:00:00+00:00", "event", "hook", "rule", "", '{"summary": "x"}')
    assert "summary" in render_page([delivery, other])
