"""Buckets, their settings and objects.

Source: Service Authorization Reference, Amazon S3.
"""

from sandbox.resource_types.base import ResourceType, need

BUCKET = "arn:{partition}:s3:::{bucket}"
TYPES = {
    "aws:s3/bucket:Bucket": ResourceType(make=(need("s3:CreateBucket s3:PutBucketTagging", BUCKET),)),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ResourceType(
        make=(need("s3:PutBucketPublicAccessBlock", BUCKET),)
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ResourceType(
        make=(need("s3:PutBucketOwnershipControls", BUCKET),)
    ),
    "aws:s3/bucketPolicy:BucketPolicy": ResourceType(make=(need("s3:PutBucketPolicy", BUCKET),)),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ResourceType(
        make=(need("s3:PutEncryptionConfiguration", BUCKET),)
    ),
    "aws:s3/bucketVersioning:BucketVersioning": ResourceType(make=(need("s3:PutBucketVersioning", BUCKET),)),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ResourceType(
        make=(need("s3:PutLifecycleConfiguration", BUCKET),)
    ),
    "aws:s3/bucketLogging:BucketLogging": ResourceType(make=(need("s3:PutBucketLogging", BUCKET),)),
    "aws:s3/bucketNotification:BucketNotification": ResourceType(make=(need("s3:PutBucketNotification", BUCKET),)),
    "aws:s3/bucketObjectv2:BucketObjectv2": ResourceType(
        make=(need("s3:PutObject s3:PutObjectTagging", f"{BUCKET}/{{key}}"),)
    ),
}
