"""Zone: a hardened bucket."""

from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components import access
from components.lifecycle import Rule
from components.names import Names


@dataclass(frozen=True)
class ZoneArgs:
    """What differs between zones.

    `key_arn` None is SSE-S3; `protect` keeps the bucket through a destroy; `folders` are prefixes shown before data comes;
    `access_logs` is the bucket that S3 delivers this one's access log to.
    """

    names: Names
    protect: bool
    rules: list[Rule]
    key_arn: pulumi.Output[str] | None = None
    access_logs: pulumi.Output[str] | None = None
    statements: list[access.Statement] = field(default_factory=list)
    folders: tuple[str, ...] = ()


class Zone(pulumi.ComponentResource):
    """A bucket that is private, encrypted, versioned and TLS-only; `bucket` is its name."""

    bucket: pulumi.Output[str]

    def __init__(self, zone: str, args: ZoneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Zone", zone, None, opts)
        self.zone, self.child = zone, pulumi.ResourceOptions(parent=self)
        kept = pulumi.ResourceOptions(parent=self, protect=args.protect, retain_on_delete=args.protect)
        made = aws.s3.Bucket(
            f"{zone}-bucket", bucket=args.names.bucket(zone), force_destroy=not args.protect, opts=kept
        )
        self.bucket = made.bucket
        self.close(args)
        self.encrypt(args.key_arn)
        self.keep(args.rules)
        if args.access_logs is not None:
            aws.s3.BucketLogging(
                f"{zone}-logging", bucket=self.bucket, target_bucket=args.access_logs, target_prefix=f"{zone}/",
                opts=self.child,
            )  # fmt: skip
        for folder in args.folders:
            aws.s3.BucketObjectv2(f"{zone}-{folder}", bucket=self.bucket, key=f"{folder}/", content="", opts=self.child)
        self.register_outputs({"bucket": self.bucket})

    def close(self, args: ZoneArgs) -> None:
        """Nobody outside, no ACLs, nothing without TLS."""
        closed = aws.s3.BucketPublicAccessBlock(
            f"{self.zone}-public-access", bucket=self.bucket, block_public_acls=True, block_public_policy=True,
            ignore_public_acls=True, restrict_public_buckets=True, opts=self.child,
        )  # fmt: skip
        owned = aws.s3.BucketOwnershipControls(
            f"{self.zone}-ownership", bucket=self.bucket, rule={"object_ownership": "BucketOwnerEnforced"},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[closed]),
        )  # fmt: skip
        # S3 refuses two changes of one bucket's access at a time (OperationAborted), so they come one after another
        aws.s3.BucketPolicy(
            f"{self.zone}-policy", bucket=self.bucket,
            policy=pulumi.Output.json_dumps(access.bucket(args.names, self.zone, *args.statements)),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[owned]),
        )  # fmt: skip

    def encrypt(self, key_arn: pulumi.Output[str] | None) -> None:
        by_default = {"sse_algorithm": "AES256"} if key_arn is None else {
            "sse_algorithm": "aws:kms", "kms_master_key_id": key_arn,
        }  # fmt: skip
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{self.zone}-encryption", bucket=self.bucket, opts=self.child,
            rules=[{"apply_server_side_encryption_by_default": by_default, "bucket_key_enabled": key_arn is not None}],
        )  # fmt: skip

    def keep(self, rules: list[Rule]) -> None:
        versioned = aws.s3.BucketVersioning(
            f"{self.zone}-versioning", bucket=self.bucket, versioning_configuration={"status": "Enabled"},
            opts=self.child,
        )  # fmt: skip
        # a rule on noncurrent versions wants a versioned bucket
        aws.s3.BucketLifecycleConfiguration(
            f"{self.zone}-lifecycle", bucket=self.bucket, rules=rules,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioned]),
        )  # fmt: skip
