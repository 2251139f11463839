"""Who may use the stack's own key, topic and buckets: the policies that hang on these, as pure functions of names."""

from collections.abc import Mapping
from typing import Any

from components.access.policy_documents import Document, Statement, allow, deny, policy_document
from components.names import Names

TOPIC_CONTEXT = "kms:EncryptionContext:aws:sns:topicArn"
"""What SNS names when it uses a key for a topic (Amazon SNS, Key management: encryption context)."""


def key_policy(names: Names) -> Document:
    """The stack's key: the account governs it, alarms and rules publish through it, CloudWatch Logs encrypts with it."""
    # AWS's example has `kms:Describe*` too, which no encryption context comes with: under this condition it grants nothing
    use = "kms:Encrypt kms:Decrypt kms:ReEncrypt* kms:GenerateDataKey*"
    groups = {"kms:EncryptionContext:aws:logs:arn": names.arn("logs", f"log-group:{names.log_group_prefix}/*")}
    through_topic = {TOPIC_CONTEXT: topic_arn(names)}
    # in a key's own policy `*` is this key (AWS KMS developer guide, Key policies)
    account = allow("AccountGoverns", "kms:*", "*") | {"Principal": {"AWS": names.global_arn("iam", "root")}}
    logs = allow("LogsEncrypt", use, "*", ArnLike=groups)
    return policy_document(
        account,
        *publisher_statements(names, "kms:Decrypt kms:GenerateDataKey*", "*", StringEquals=through_topic),
        logs | {"Principal": {"Service": names.logs_principal}},
    )


def topic_arn(names: Names) -> str:
    """Return the ARN of the stack's topic."""
    return names.arn("sns", names.resource_name("alarms"))


def topic_policy(names: Names) -> Document:
    """Alarms of this account and rules publish; nobody else is named."""
    return policy_document(*publisher_statements(names, "sns:Publish", topic_arn(names)))


def publisher_statements(
    names: Names, actions: str, resource: str, **rule_conditions: Mapping[str, Any]
) -> list[Statement]:
    """Alarms of this account, and rules under `rule_conditions` alone.

    EventBridge sends no `aws:Source*` key to an encrypted topic or to its key: a statement that asks for one never matches
    (Amazon SNS, Key management; Amazon EventBridge, Resource-based policies: Amazon SNS; docs/decisions/0021).
    """
    alarms = allow("AlarmsPublish", actions, resource, StringEquals={"aws:SourceAccount": names.account})
    rules = allow("RulesPublish", actions, resource, **rule_conditions)
    return [
        alarms | {"Principal": {"Service": "cloudwatch.amazonaws.com"}},
        rules | {"Principal": {"Service": "events.amazonaws.com"}},
    ]


def bucket_policy(names: Names, zone: str, *statements: Statement) -> Document:
    """Nothing without TLS, whoever asks (Security Hub S3.5), and what the zone adds."""
    bucket_and_objects = [names.bucket_arn(zone), names.bucket_arn(zone, "/*")]
    return policy_document(
        deny("RefuseWithoutTls", "s3:*", bucket_and_objects, principal="*", Bool={"aws:SecureTransport": "false"}),
        *statements,
    )


def receive_access_logs(names: Names, *zones: str) -> Statement:
    """S3 delivers access logs by policy, since the bucket has no ACL (S3, Enabling server access logging)."""
    received = allow(
        "ReceiveAccessLogs",
        "s3:PutObject",
        [names.bucket_arn("logs", f"/{zone}/*") for zone in zones],
        StringEquals={"aws:SourceAccount": names.account},
        ArnLike={"aws:SourceArn": [names.bucket_arn(zone) for zone in zones]},
    )
    return received | {"Principal": {"Service": "logging.s3.amazonaws.com"}}
