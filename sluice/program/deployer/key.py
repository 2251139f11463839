"""The stack's key, which is known by its tag: its id is made up by AWS.

Source: AWS KMS developer guide, Controlling access to tags, Using tags to control access; Service Authorization
Reference, AWS KMS. A tag may count up to five minutes late: then the first `up` is refused, and the next goes on.
"""

from components.access.policy_documents import Statement, allow
from sluice.program.deployer.target import DeployTarget, tag_statements

READS = "kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags"
ALIAS_WRITES = "kms:CreateAlias kms:UpdateAlias kms:DeleteAlias"
WRITES = (
    *("kms:PutKeyPolicy", "kms:EnableKeyRotation", "kms:DisableKeyRotation", "kms:UpdateKeyDescription"),
    *("kms:EnableKey", "kms:ScheduleKeyDeletion"),
)


def read_statements(target: DeployTarget) -> list[Statement]:
    """Return what reads the stack's key, known by its tag, and finds its alias."""
    return [
        allow("ReadKey", READS, key_arns(target), StringEquals=target.has_stack_tag),
        allow("FindAlias", "kms:ListAliases", "*"),  # of the whole account: AWS knows no resource
    ]


def write_statements(target: DeployTarget) -> list[Statement]:
    """Make it with the tag, and change only what has the tag; S3 uses it for the objects that are declared."""
    every_key = target.names.arn("kms", "key/*").split(":")
    anywhere = ":".join([*every_key[:3], "*", "*", every_key[5]])
    return [
        # a key has no name before it exists (AWS KMS, CreateKey takes no resource)
        allow("MakeKey", "kms:CreateKey", "*", StringEquals=target.gives_stack_tag),
        *tag_statements(target, "kms", "Key", key_arns(target), [anywhere]),
        allow("WriteKey", " ".join(WRITES), key_arns(target), StringEquals=target.has_stack_tag),
        allow(
            "UseKeyForObjects", "kms:GenerateDataKey kms:Decrypt", key_arns(target), StringEquals=target.has_stack_tag
        ),
        allow("PointAliasToKey", ALIAS_WRITES, key_arns(target), StringEquals=target.has_stack_tag),
        allow("WriteAlias", ALIAS_WRITES, target.names.arn("kms", f"alias/{target.names.resource_name()}")),
    ]


def key_arns(target: DeployTarget) -> list[str]:
    """Return the ARN pattern of every key of the account: ids are not known before."""
    return target.arns_of("kms", "key/*")
