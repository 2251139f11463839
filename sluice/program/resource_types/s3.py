"""Buckets, their settings and objects.

Source: Service Authorization Reference, Amazon S3; what a refresh calls, hashicorp/terraform-provider-aws,
`internal/service/s3`: of a bucket every setting, declared or not.
"""

from sluice.program.resource_types.base import ResourceType, need, setting

BUCKET = "arn:{partition}:s3:::{bucket}"
OBJECT = f"{BUCKET}/{{key}}"
READS = (
    "s3:ListBucket s3:GetBucketPolicy s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketWebsite s3:GetBucketVersioning"
    " s3:GetAccelerateConfiguration s3:GetBucketRequestPayment s3:GetBucketLogging s3:GetLifecycleConfiguration"
    " s3:GetReplicationConfiguration s3:GetEncryptionConfiguration s3:GetBucketObjectLockConfiguration"
    " s3:GetBucketLocation s3:GetBucketTagging s3:ListTagsForResource"
)
OBJECT_WRITES = "s3:PutObject s3:PutObjectTagging"


def of_bucket(kind: str) -> ResourceType:
    return setting(BUCKET, f"s3:Get{kind}", f"s3:Put{kind}")


TYPES = {
    "aws:s3/bucket:Bucket": ResourceType(
        make=(need("s3:CreateBucket s3:PutBucketTagging", BUCKET),),
        read=(need(READS, BUCKET),),
        change=(need("s3:PutBucketTagging s3:TagResource s3:UntagResource", BUCKET),),
        remove=(need("s3:DeleteBucket s3:ListBucketVersions", BUCKET),),
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": of_bucket("BucketPublicAccessBlock"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": of_bucket("BucketOwnershipControls"),
    "aws:s3/bucketPolicy:BucketPolicy": setting(
        BUCKET, "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": of_bucket(
        "EncryptionConfiguration"
    ),
    "aws:s3/bucketVersioning:BucketVersioning": of_bucket("BucketVersioning"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": of_bucket("LifecycleConfiguration"),
    "aws:s3/bucketLogging:BucketLogging": of_bucket("BucketLogging"),
    "aws:s3/bucketNotification:BucketNotification": of_bucket("BucketNotification"),
    "aws:s3/bucketObjectv2:BucketObjectv2": ResourceType(
        make=(need(OBJECT_WRITES, OBJECT),),
        read=(need("s3:GetObject s3:GetObjectTagging", OBJECT),),
        change=(need(OBJECT_WRITES, OBJECT),),
        remove=(need("s3:DeleteObject s3:DeleteObjectVersion", OBJECT), need("s3:ListBucketVersions", BUCKET)),
    ),
}
