"""Buckets, their settings and objects.

Source: Service Authorization Reference, Amazon S3; what a refresh calls, hashicorp/terraform-provider-aws,
`internal/service/s3`: of a bucket every setting, declared or not.
"""

from sluice.program.resource_types.base import ResourceType, need_actions, setting_type

BUCKET = "arn:{partition}:s3:::{bucket}"
OBJECT = f"{BUCKET}/{{key}}"
READS = (
    "s3:ListBucket s3:GetBucketPolicy s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketWebsite s3:GetBucketVersioning"
    " s3:GetAccelerateConfiguration s3:GetBucketRequestPayment s3:GetBucketLogging s3:GetLifecycleConfiguration"
    " s3:GetReplicationConfiguration s3:GetEncryptionConfiguration s3:GetBucketObjectLockConfiguration"
    " s3:GetBucketLocation s3:GetBucketTagging s3:ListTagsForResource"
)
OBJECT_WRITES = "s3:PutObject s3:PutObjectTagging"


def bucket_setting(kind: str) -> ResourceType:
    """Return the type of a bucket's setting, by the word that its two actions end with."""
    return setting_type(BUCKET, f"s3:Get{kind}", f"s3:Put{kind}")


TYPES = {
    "aws:s3/bucket:Bucket": ResourceType(
        make=(need_actions("s3:CreateBucket s3:PutBucketTagging", BUCKET),),
        read=(need_actions(READS, BUCKET),),
        change=(need_actions("s3:PutBucketTagging s3:TagResource s3:UntagResource", BUCKET),),
        remove=(need_actions("s3:DeleteBucket s3:ListBucketVersions", BUCKET),),
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": bucket_setting("BucketPublicAccessBlock"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": bucket_setting("BucketOwnershipControls"),
    "aws:s3/bucketPolicy:BucketPolicy": setting_type(
        BUCKET, "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": bucket_setting(
        "EncryptionConfiguration"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": bucket_setting("BucketVersioning"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": bucket_setting("LifecycleConfiguration"),
    "aws:s3/bucketLogging:BucketLogging": bucket_setting("BucketLogging"),
    "aws:s3/bucketNotification:BucketNotification": bucket_setting("BucketNotification"),
    "aws:s3/bucketObjectv2:BucketObjectv2": ResourceType(
        make=(need_actions(OBJECT_WRITES, OBJECT),),
        read=(need_actions("s3:GetObject s3:GetObjectTagging", OBJECT),),
        change=(need_actions(OBJECT_WRITES, OBJECT),),
        remove=(
            need_actions("s3:DeleteObject s3:DeleteObjectVersion", OBJECT),
            need_actions("s3:ListBucketVersions", BUCKET),
        ),
    ),
}
