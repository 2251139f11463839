"""A queue as every one of a stack is: encrypted, kept as long as SQS keeps, filled by whom its policy names."""

import json

import pulumi
import pulumi_aws as aws

from components.access import policy_documents

RETENTION_SECONDS = 14 * 86400
"""Seconds: the longest that SQS keeps a message, so that a stack may rest for two weeks."""


def create_queue(
    name: str, queue_name: str, policy: policy_documents.Document, parent: pulumi.Resource
) -> aws.sqs.Queue:
    """Return a queue `queue_name` so, with its policy; `name` begins the names of both in the program."""
    resource = aws.sqs.Queue(
        f"{name}-queue",
        name=queue_name,
        # SQS's own key: EventBridge needs no permission for that (Amazon SQS, Encryption at rest: SSE-SQS)
        sqs_managed_sse_enabled=True,
        message_retention_seconds=RETENTION_SECONDS,
        # else any queue of the account may name it for its own dead letters, whatever the policy says (Amazon SQS,
        # Dead-letter queues, Redrive allow policy): another stack's deployer could start this one's flow
        redrive_allow_policy=json.dumps({"redrivePermission": "denyAll"}),
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )
    child_options = pulumi.ResourceOptions(parent=parent)
    aws.sqs.QueuePolicy(
        f"{name}-policy", queue_url=resource.id, policy=policy_documents.policy_json(policy), opts=child_options
    )
    return resource
