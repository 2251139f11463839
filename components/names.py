"""What everything is called, the ARNs that follow from it, and the names that no stack may have."""

import re
from dataclasses import dataclass

PREFIX_LENGTH, STACK_LENGTH = 20, 12
"""With the longest dataset, zone, account and suffix names stay within 63 characters for a bucket, 64 for a role or rule."""
RESERVED = ("deploy", "preview", "boundary", "state")
"""Stack names that others stand for: GitHub's roles are `<prefix>-deploy-<stack>`, a state bucket may be `<prefix>-state`."""
PREFIX_TAKES = f"2 to {PREFIX_LENGTH} of a-z and 0-9 that begin with a letter, not with aws, and are not sthree"
STACK_TAKES = f"2 to {STACK_LENGTH} of a-z and 0-9 that begin with a letter, and none of {', '.join(RESERVED)}"
FORGET = "forget"
"""The last part of the names of the job that forgets rows and of its role, so no dataset's name; and its folder in assets."""
WHY_REFUSED = (
    ": under such a name one stack's roles would reach another's things; what a stack that has one already can do is in "
    "docs/deploying.md, Names of stacks"
)
COMMERCIAL = ("aws", "amazonaws.com")
PARTITIONS = {
    "cn-": ("aws-cn", "amazonaws.com.cn"),
    "us-gov-": ("aws-us-gov", "amazonaws.com"),
    "us-iso-": ("aws-iso", "c2s.ic.gov"),
    "us-isob-": ("aws-iso-b", "sc2s.sgov.gov"),
    "eu-isoe-": ("aws-iso-e", "cloud.adc-e.uk"),
    "us-isof-": ("aws-iso-f", "csp.hci.ic.gov"),
    "eusc-": ("aws-eusc", "amazonaws.eu"),
}
"""How regions begin that are not of the commercial partition: partition and DNS suffix (botocore, `data/partitions.json`)."""


@dataclass(frozen=True)
class Names:
    """The names of one stack in one account and region; all of them plain text before anything exists.

    `boundary` is the ARN of the permissions boundary that every role gets, "" where the stack has none.
    """

    prefix: str
    stack: str
    region: str
    account: str
    boundary: str = ""

    def resource_name(self, *parts: str) -> str:
        """`<prefix>-<stack>-<what>`, for everything but buckets and the database."""
        return "-".join((self.prefix, self.stack, *parts))

    def bucket(self, zone: str) -> str:
        """`<prefix>-<stack>-<zone>-<account>`: bucket names are shared by all accounts of the world."""
        return self.resource_name(zone, self.account)

    @property
    def database(self) -> str:
        """`<prefix>_<stack>`: Athena takes no hyphen without quotes."""
        return f"{self.prefix}_{self.stack}"

    @property
    def log_group_prefix(self) -> str:
        """The jobs' log groups are below it; `/aws-glue/jobs` itself is shared by all stacks of an account."""
        return f"/aws-glue/{self.resource_name()}"

    @property
    def partition(self) -> str:
        """The part of AWS that the region belongs to, which every ARN names."""
        return region_partition(self.region)[0]

    def bucket_arn(self, zone: str, path: str = "") -> str:
        """Return the ARN of a zone's bucket, or of what lies in it."""
        return self.s3_arn(f"{self.bucket(zone)}{path}")

    def s3_arn(self, path: str) -> str:
        """Of a bucket by its whole name, or of objects in it: S3's ARNs have neither region nor account."""
        return f"arn:{self.partition}:s3:::{path}"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of something in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """Of what an account has once for all regions: IAM's roles and policies, dashboards."""
        return f"arn:{self.partition}:{service}::{self.account}:{resource}"

    def role_arn(self, *parts: str) -> str:
        """Return the ARN of a role of the stack."""
        return self.global_arn("iam", f"role/{self.resource_name(*parts)}")

    @property
    def boundary_arn(self) -> str:
        """What `boundary` is where there is one: a managed policy that an administrator makes, and the program never."""
        return self.global_arn("iam", f"policy/{self.resource_name('boundary')}")

    def integration_arn(self, call: str) -> str:
        """What a state of Step Functions calls, such as `sns:publish`: an ARN of the partition too (aws-cdk, pull 4598)."""
        return f"arn:{self.partition}:states:::{call}"

    @property
    def logs_principal(self) -> str:
        """CloudWatch Logs alone of our services goes by region and DNS suffix (aws-cdk, `region-info/lib/default.ts`)."""
        return f"logs.{self.region}.{region_partition(self.region)[1]}"


def region_partition(region: str) -> tuple[str, str]:
    """Return a region's partition and DNS suffix."""
    return next((names for start, names in PARTITIONS.items() if region.startswith(start)), COMMERCIAL)


def name_faults(prefix: str, stack: str) -> list[str]:
    """Return a sentence for each of the two that would let one stack's names match another's; none where both are right.

    A pattern `<prefix>-<stack>-*` matches the names of one stack alone because neither part holds a hyphen.
    """
    checks = (("the prefix", prefix, prefix_takes(prefix)), ("the stack's name", stack, stack_takes(stack)))
    return [f"{label} is {text}: takes {takes}" for label, text, takes in checks if takes]


def prefix_takes(text: str) -> str:
    """Return what a prefix takes where this is none: S3 keeps `sthree-` for itself (Bucket naming rules), Glue `aws`."""
    if text != "sthree" and re.fullmatch(rf"(?!aws)[a-z][a-z0-9]{{1,{PREFIX_LENGTH - 1}}}", text):
        return ""
    return PREFIX_TAKES + (WHY_REFUSED if "-" in text else "")


def stack_takes(text: str) -> str:
    """Return what a stack's name takes where this is none."""
    if text not in RESERVED and re.fullmatch(rf"[a-z][a-z0-9]{{1,{STACK_LENGTH - 1}}}", text):
        return ""
    return STACK_TAKES + (WHY_REFUSED if "-" in text or text in RESERVED else "")
