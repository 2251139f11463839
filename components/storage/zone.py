"""Zone: a hardened bucket."""

from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.access import policy_documents, resource_policies
from components.names import Names
from components.storage.lifecycle import Rule


@dataclass(frozen=True)
class ZoneArgs:
    """What differs between zones.

    `protect` keeps the bucket through a destroy; `key_arn` None is SSE-S3; `access_logs` is the zone that S3 delivers
    this one's access log to; `folders` are prefixes that show before data comes.
    """

    names: Names
    protect: bool
    rules: list[Rule]
    key_arn: pulumi.Output[str] | None = None
    access_logs: "Zone | None" = None
    statements: list[policy_documents.Statement] = field(default_factory=list)
    folders: tuple[str, ...] = ()


class Zone(pulumi.ComponentResource):
    """A bucket that is private, encrypted, versioned and reached by TLS only; `bucket` is its name."""

    bucket: pulumi.Output[str]

    def __init__(self, zone: str, args: ZoneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Zone", zone, None, opts)
        self.zone, self.args = zone, args
        # What guards the data is protected as the bucket is: without a preview the engine deletes it before the bucket refuses.
        self.protected_options = pulumi.ResourceOptions(parent=self, protect=args.protect)
        # on the bucket itself: on the component its children would inherit the protection
        retained_options = pulumi.ResourceOptions(parent=self, protect=args.protect, retain_on_delete=args.protect)
        bucket_name = args.names.bucket(zone)
        bucket = aws.s3.Bucket(
            f"{zone}-bucket", bucket=bucket_name, force_destroy=not args.protect, opts=retained_options
        )
        self.bucket = bucket.bucket
        self.block_public_access()
        self.enable_encryption()
        self.enable_versioning()
        self.enable_access_log()
        for folder in args.folders:
            marker_options = pulumi.ResourceOptions(parent=self)
            aws.s3.BucketObjectv2(
                f"{zone}-{folder}", bucket=self.bucket, key=f"{folder}/", content="", opts=marker_options
            )
        self.register_outputs({"bucket": self.bucket})

    def options_after(self, *dependencies: pulumi.Resource) -> pulumi.ResourceOptions:
        """Return the options of a child that is made after others."""
        return pulumi.ResourceOptions(parent=self, depends_on=list(dependencies), protect=self.args.protect)

    def block_public_access(self) -> None:
        """Nobody from outside, no ACLs, nothing without TLS."""
        access_block = aws.s3.BucketPublicAccessBlock(
            f"{self.zone}-public-access",
            bucket=self.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self.protected_options,
        )
        # one after another: S3 refuses two changes of a bucket's access at a time (OperationAborted)
        ownership = aws.s3.BucketOwnershipControls(
            f"{self.zone}-ownership",
            bucket=self.bucket,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=self.options_after(access_block),
        )
        document = resource_policies.bucket_policy(self.args.names, self.zone, *self.args.statements)
        aws.s3.BucketPolicy(
            f"{self.zone}-policy",
            bucket=self.bucket,
            policy=policy_documents.policy_json(document),
            opts=self.options_after(ownership),
        )

    def enable_encryption(self) -> None:
        """Encrypt the bucket, by the stack's key where there is one."""
        key_arn = self.args.key_arn
        rule: aws.s3.BucketServerSideEncryptionConfigurationRuleArgsDict = {
            "apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"},
            "bucket_key_enabled": False,
        }
        if key_arn is not None:
            # a bucket key asks KMS once for many objects, not once for each
            rule = {
                "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key_arn},
                "bucket_key_enabled": True,
            }
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{self.zone}-encryption", bucket=self.bucket, rules=[rule], opts=self.protected_options
        )

    def enable_versioning(self) -> None:
        """Keep each object's earlier versions."""
        versioning = aws.s3.BucketVersioning(
            f"{self.zone}-versioning",
            bucket=self.bucket,
            versioning_configuration={"status": "Enabled"},
            opts=self.protected_options,
        )
        # its rules on noncurrent versions want a versioned bucket
        aws.s3.BucketLifecycleConfiguration(
            f"{self.zone}-lifecycle", bucket=self.bucket, rules=self.args.rules, opts=self.options_after(versioning)
        )

    def enable_access_log(self) -> None:
        """Deliver this bucket's access log to the zone that admits it by policy; that zone has none itself."""
        if logs := self.args.access_logs:
            aws.s3.BucketLogging(
                f"{self.zone}-logging",
                bucket=self.bucket,
                target_bucket=logs.bucket,
                target_prefix=f"{self.zone}/",
                opts=self.options_after(logs),
            )
