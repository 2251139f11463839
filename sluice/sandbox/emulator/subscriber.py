"""Somebody who subscribed to the topic: an SQS queue that keeps what a person's inbox would get."""

import json
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sluice.sandbox.emulator.emulator import Emulator

QUEUE_NAME = "sandbox-subscriber"
LONGEST_WAIT = 180


@dataclass(frozen=True)
class Message:
    """One message: the subject line and the text."""

    subject: str
    text: str


@dataclass(frozen=True)
class Subscriber:
    """The subscription, made with `Subscriber.of`."""

    sqs: Any
    queue: str

    @classmethod
    def subscribe(cls, emulator: Emulator, *topics: str) -> "Subscriber":
        """Subscribe a new queue to topics (their ARNs); what another subscriber left is not in it."""
        sqs = emulator.client("sqs")
        queue = sqs.create_queue(QueueName=f"{QUEUE_NAME}-{uuid4().hex}")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        for topic in topics:
            emulator.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return cls(sqs, queue)

    def receive_messages(self, minimum: int) -> list[Message]:
        """Take what has arrived, waiting for `minimum` messages as long as a busy machine may take."""
        deadline = time.monotonic() + LONGEST_WAIT
        messages: list[Message] = []
        while len(messages) < minimum and time.monotonic() < deadline:
            response = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for raw_message in response.get("Messages", []):
                envelope = json.loads(raw_message["Body"])
                messages.append(Message(envelope.get("Subject", ""), envelope["Message"]))
                self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=raw_message["ReceiptHandle"])
        return messages
