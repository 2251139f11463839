"""The stack's buckets by their exact names, and the objects that the program puts into them.

Source: Service Authorization Reference, Amazon S3; what a refresh reads is in `sluice/program/resource_types/s3.py`.
"""

from components.access.policy_documents import Statement, allow
from sluice.program.deployer.target import DeployTarget

WRITES = (
    *("s3:CreateBucket", "s3:DeleteBucket", "s3:PutBucketTagging", "s3:TagResource", "s3:UntagResource"),
    *("s3:PutBucketPublicAccessBlock", "s3:PutBucketOwnershipControls", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"),
    *("s3:PutEncryptionConfiguration", "s3:PutBucketVersioning", "s3:PutLifecycleConfiguration"),
    *("s3:PutBucketLogging", "s3:PutBucketNotification"),
)


def read_statements(target: DeployTarget) -> list[Statement]:
    """Every setting of the buckets, which a refresh asks for whether declared or not, and the declared objects."""
    return [
        allow(
            "ReadBuckets",
            "s3:ListBucket s3:ListTagsForResource s3:GetBucket* s3:GetAccelerateConfiguration"
            " s3:GetEncryptionConfiguration s3:GetLifecycleConfiguration s3:GetReplicationConfiguration",
            target.buckets,
        ),
        allow("ReadDeclaredObjects", "s3:GetObject s3:GetObjectTagging", target.declared_objects),
    ]


def write_statements(target: DeployTarget) -> list[Statement]:
    """The buckets with their policies: whoever deploys a stack governs its data, and no other's."""
    objects = "s3:PutObject s3:PutObjectTagging s3:DeleteObject s3:DeleteObjectVersion"
    everything = [f"{bucket}/*" for bucket in target.buckets]
    empty_buckets = allow("EmptyBuckets", "s3:DeleteObject s3:DeleteObjectVersion", everything)
    return [
        allow("WriteBuckets", " ".join(WRITES), target.buckets),
        allow("WriteDeclaredObjects", objects, target.declared_objects),
        # an object of a versioned bucket is removed version by version
        allow("FindVersions", "s3:ListBucketVersions", target.buckets),
        *([empty_buckets] if target.destroyable else []),
    ]
