"""The stack's key, which is known by its tag: its id is made up by AWS.

Source: AWS KMS developer guide, Controlling access to tags, Using tags to control access; Service Authorization
Reference, AWS KMS. A tag may count up to five minutes late: then the first `up` is refused, and the next goes on.
"""

from components.access.policy_documents import Statement, allow
from sluice.program.deployer.target import Target, tags

READS = "kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags"
ALIAS_WRITES = "kms:CreateAlias kms:UpdateAlias kms:DeleteAlias"
WRITES = (
    *("kms:PutKeyPolicy", "kms:EnableKeyRotation", "kms:DisableKeyRotation", "kms:UpdateKeyDescription"),
    *("kms:EnableKey", "kms:ScheduleKeyDeletion"),
)


def read(target: Target) -> list[Statement]:
    return [
        allow("ReadKey", READS, keys(target), StringEquals=target.tagged),
        allow("FindAlias", "kms:ListAliases", "*"),  # of the whole account: AWS knows no resource
    ]


def write(target: Target) -> list[Statement]:
    """Make it with the tag, and change only what has the tag; S3 uses it for the objects that are declared."""
    every_key = target.names.arn("kms", "key/*").split(":")
    anywhere = ":".join([*every_key[:3], "*", "*", every_key[5]])
    return [
        # a key has no name before it exists (AWS KMS, CreateKey takes no resource)
        allow("MakeKey", "kms:CreateKey", "*", StringEquals=target.tagging),
        *tags(target, "kms", "Key", keys(target), [anywhere]),
        allow("WriteKey", " ".join(WRITES), keys(target), StringEquals=target.tagged),
        allow("UseKeyForObjects", "kms:GenerateDataKey kms:Decrypt", keys(target), StringEquals=target.tagged),
        allow("PointAliasToKey", ALIAS_WRITES, keys(target), StringEquals=target.tagged),
        allow("WriteAlias", ALIAS_WRITES, target.names.arn("kms", f"alias/{target.names.of()}")),
    ]


def keys(target: Target) -> list[str]:
    return target.named("kms", "key/*")
