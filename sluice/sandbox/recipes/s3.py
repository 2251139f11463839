"""Buckets, what is set on them, and objects."""

import mimetypes
from pathlib import Path
from typing import Any

import pulumi

from sluice.sandbox.jobs.spark import REGION
from sluice.sandbox.recipes.base import CreatedResource, EmulatorApi, Inputs, Recipe, Unbuildable, tag_list


def create_bucket(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a bucket in the sandbox's region, with its tags."""
    name = inputs.take("bucket")
    inputs.take("forceDestroy", None)  # the engine's own: how it deletes
    api.call_operation(
        "s3", "CreateBucket", {"bucket": name, "createBucketConfiguration": {"locationConstraint": REGION}}
    )
    if tags := inputs.take_tags():
        api.call_operation("s3", "PutBucketTagging", {"bucket": name, "tagging": {"tagSet": tag_list(tags)}})
    domain = f"{name}.s3.{REGION}.amazonaws.com"
    return CreatedResource(name, {"arn": f"arn:aws:s3:::{name}", "region": REGION, "bucketRegionalDomainName": domain})


def bucket_setting(operation: str, member: str, *, list_member: str | None = None) -> Recipe:
    """Make the recipe of a resource that sets one thing on a bucket: its inputs are the members of `member`.

    `listed` names a member that is one structure to Pulumi and a list to the API.
    """

    def set_on_bucket(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
        name = inputs.take("bucket")
        body = inputs.take_rest()
        if list_member:
            body = {f"{list_member}s": [body[list_member]]}
        api.call_operation("s3", operation, {"bucket": name, member: body})
        return CreatedResource(name, {})

    return set_on_bucket


def set_versioning(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Set a bucket's versioning."""
    name = inputs.take("bucket")
    configuration = inputs.take("versioningConfiguration")
    api.call_operation("s3", "PutBucketVersioning", {"bucket": name, "versioningConfiguration": configuration})
    return CreatedResource(name, {})


def set_policy(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Set a bucket's policy."""
    name = inputs.take("bucket")
    api.call_operation("s3", "PutBucketPolicy", {"bucket": name, "policy": inputs.take("policy")})
    return CreatedResource(name, {})


def set_logging(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Set where a bucket's access logs go."""
    name = inputs.take("bucket")
    api.call_operation(
        "s3", "PutBucketLogging", {"bucket": name, "bucketLoggingStatus": {"loggingEnabled": inputs.take_rest()}}
    )
    return CreatedResource(name, {})


def put_object(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Put an object, of a text or of a file."""
    members = {"bucket": inputs.take("bucket"), "key": inputs.take("key")}
    for engine_input in ("sourceHash", "etag", "forceDestroy"):  # how the engine sees a change, and how it deletes
        inputs.take(engine_input, None)
    members["contentType"] = (
        inputs.take("contentType", None) or mimetypes.guess_type(members["key"])[0] or "binary/octet-stream"
    )
    response = api.call_operation(
        "s3", "PutObject", members | {"body": _object_content(inputs)} | inputs.take_rest(kmsKeyId="ssekmsKeyId")
    )
    outputs = {"arn": f"arn:aws:s3:::{members['bucket']}/{members['key']}", "versionId": response.get("VersionId", "")}
    return CreatedResource(f"{members['bucket']}/{members['key']}", outputs)


def _object_content(inputs: Inputs) -> bytes:
    content, source = inputs.take("content", None), inputs.take("source", None)
    if content is not None:
        return content.encode()
    return _source_bytes(source)


def _source_bytes(source: Any) -> bytes:
    if isinstance(source, pulumi.FileAsset):
        return Path(source.path).read_bytes()
    if isinstance(source, pulumi.StringAsset):
        return source.text.encode()
    raise Unbuildable(f"its recipe reads no source of type {type(source).__name__}")


RECIPES: dict[str, Recipe] = {
    "aws:s3/bucket:Bucket": create_bucket,
    "aws:s3/bucketVersioning:BucketVersioning": set_versioning,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": bucket_setting(
        "PutBucketEncryption", "serverSideEncryptionConfiguration"
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": bucket_setting(
        "PutPublicAccessBlock", "publicAccessBlockConfiguration"
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": bucket_setting(
        "PutBucketOwnershipControls", "ownershipControls", list_member="rule"
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": bucket_setting(
        "PutBucketLifecycleConfiguration", "lifecycleConfiguration"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": set_policy,
    "aws:s3/bucketLogging:BucketLogging": set_logging,
    "aws:s3/bucketObjectv2:BucketObjectv2": put_object,
}
