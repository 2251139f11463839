"""Who may use the stack's own key, topics and buckets: the policies that hang on these, as pure functions of names."""

from components.access import message_policies
from components.access.policy_documents import Document, Statement, allow, deny, policy_document
from components.names import Names


def key_policy(names: Names) -> Document:
    """The stack's key: the account governs it, alarms publish through it, CloudWatch Logs encrypts with it."""
    # AWS's example has `kms:Describe*` too, which no encryption context comes with: under this condition it grants nothing
    use = "kms:Encrypt kms:Decrypt kms:ReEncrypt* kms:GenerateDataKey*"
    groups = {"kms:EncryptionContext:aws:logs:arn": names.arn("logs", f"log-group:{names.log_group_prefix}/*")}
    # in a key's own policy `*` is this key (AWS KMS developer guide, Key policies)
    account = allow("AccountGoverns", "kms:*", "*") | {"Principal": {"AWS": names.global_arn("iam", "root")}}
    logs = allow("LogsEncrypt", use, "*", ArnLike=groups)
    return policy_document(
        account,
        _alarms_of_account(names, "kms:Decrypt kms:GenerateDataKey*", "*"),
        logs | {"Principal": {"Service": names.logs_principal}},
    )


def alarms_topic_policy(names: Names, ending: str) -> Document:
    """Alarms of this account publish to the topic whose name ends so; nobody else is named."""
    return policy_document(_alarms_of_account(names, "sns:Publish", message_policies.topic_arn(names, ending)))


def messages_topic_policy(names: Names, ending: str) -> Document:
    """Nothing without TLS; who publishes to a topic of messages has it from a role's own policy."""
    refused = deny(
        "RefuseWithoutTls",
        "sns:Publish",
        message_policies.topic_arn(names, ending),
        principal="*",
        Bool={"aws:SecureTransport": "false"},
    )
    return policy_document(refused)


def _alarms_of_account(names: Names, actions: str, resource: str) -> Statement:
    alarms = allow("AlarmsPublish", actions, resource, StringEquals={"aws:SourceAccount": names.account})
    return alarms | {"Principal": {"Service": "cloudwatch.amazonaws.com"}}


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
