"""Buckets, what is set on them, and objects."""

import mimetypes
from pathlib import Path
from typing import Any

import pulumi

from sluice.sandbox.jobs.spark import REGION
from sluice.sandbox.recipes.base import Api, Created, Inputs, Recipe, Unbuildable, tag_list


def bucket(inputs: Inputs, api: Api) -> Created:
    name = inputs.take("bucket")
    inputs.take("forceDestroy", None)  # the engine's own: how it deletes
    api.call("s3", "CreateBucket", {"bucket": name, "createBucketConfiguration": {"locationConstraint": REGION}})
    if tags := inputs.take_tags():
        api.call("s3", "PutBucketTagging", {"bucket": name, "tagging": {"tagSet": tag_list(tags)}})
    domain = f"{name}.s3.{REGION}.amazonaws.com"
    return Created(name, {"arn": f"arn:aws:s3:::{name}", "region": REGION, "bucketRegionalDomainName": domain})


def setting(operation: str, member: str, *, listed: str | None = None) -> Recipe:
    """Make the recipe of a resource that sets one thing on a bucket: its inputs are the members of `member`.

    `listed` names a member that is one structure to Pulumi and a list to the API.
    """

    def recipe(inputs: Inputs, api: Api) -> Created:
        name = inputs.take("bucket")
        body = inputs.rest()
        if listed:
            body = {f"{listed}s": [body[listed]]}
        api.call("s3", operation, {"bucket": name, member: body})
        return Created(name, {})

    return recipe


def versioning(inputs: Inputs, api: Api) -> Created:
    name = inputs.take("bucket")
    wanted = inputs.take("versioningConfiguration")
    api.call("s3", "PutBucketVersioning", {"bucket": name, "versioningConfiguration": wanted})
    return Created(name, {})


def policy(inputs: Inputs, api: Api) -> Created:
    name = inputs.take("bucket")
    api.call("s3", "PutBucketPolicy", {"bucket": name, "policy": inputs.take("policy")})
    return Created(name, {})


def logging(inputs: Inputs, api: Api) -> Created:
    name = inputs.take("bucket")
    api.call("s3", "PutBucketLogging", {"bucket": name, "bucketLoggingStatus": {"loggingEnabled": inputs.rest()}})
    return Created(name, {})


def stored_object(inputs: Inputs, api: Api) -> Created:
    at = {"bucket": inputs.take("bucket"), "key": inputs.take("key")}
    for engines in ("sourceHash", "etag", "forceDestroy"):  # how the engine sees a change, and how it deletes
        inputs.take(engines, None)
    at["contentType"] = inputs.take("contentType", None) or mimetypes.guess_type(at["key"])[0] or "binary/octet-stream"
    got = api.call("s3", "PutObject", at | {"body": _content(inputs)} | inputs.rest(kmsKeyId="ssekmsKeyId"))
    outputs = {"arn": f"arn:aws:s3:::{at['bucket']}/{at['key']}", "versionId": got.get("VersionId", "")}
    return Created(f"{at['bucket']}/{at['key']}", outputs)


def _content(inputs: Inputs) -> bytes:
    content, source = inputs.take("content", None), inputs.take("source", None)
    if content is not None:
        return content.encode()
    return _bytes(source)


def _bytes(source: Any) -> bytes:
    if isinstance(source, pulumi.FileAsset):
        return Path(source.path).read_bytes()
    if isinstance(source, pulumi.StringAsset):
        return source.text.encode()
    raise Unbuildable(f"its recipe reads no source of type {type(source).__name__}")


RECIPES: dict[str, Recipe] = {
    "aws:s3/bucket:Bucket": bucket,
    "aws:s3/bucketVersioning:BucketVersioning": versioning,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": setting(
        "PutBucketEncryption", "serverSideEncryptionConfiguration"
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": setting(
        "PutPublicAccessBlock", "publicAccessBlockConfiguration"
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": setting(
        "PutBucketOwnershipControls", "ownershipControls", listed="rule"
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": setting(
        "PutBucketLifecycleConfiguration", "lifecycleConfiguration"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": policy,
    "aws:s3/bucketLogging:BucketLogging": logging,
    "aws:s3/bucketObjectv2:BucketObjectv2": stored_object,
}
