"""The stack's warehouse in Redshift Serverless, which is known by its tag: its ids are made up by AWS.

Source: Service Authorization Reference, Amazon Redshift Serverless and Amazon Redshift Data API; Amazon Redshift,
Managing admin passwords in Secrets Manager. Usage limits have neither resource nor tag there.
"""

from components.access.policy_documents import Statement, allow
from sluice.program.deployer.target import Target, tags

ADMIN = "sluice"
UUID = "-".join("?" * length for length in (8, 4, 4, 4, 12))
NETWORK = ("Vpcs", "Subnets", "SecurityGroups", "AvailabilityZones", "AccountAttributes", "VpcAttribute")
SECRET_WRITES = ("CreateSecret", "RotateSecret", "DescribeSecret", "UpdateSecret", "DeleteSecret", "GetSecretValue")


def read(target: Target) -> list[Statement]:
    """Of the warehouse; its statements belong to who ran them and are kept for a day."""
    reads = "redshift-serverless:GetNamespace redshift-serverless:GetWorkgroup redshift-serverless:ListTagsForResource"
    return [
        allow("ReadRedshift", reads, warehouses(target), StringEquals=target.tagged),
        # no resource: whoever ran a statement may see it
        allow("ReadLimitsAndStatements", "redshift-serverless:GetUsageLimit redshift-data:DescribeStatement", "*"),
    ]


def write(target: Target) -> list[Statement]:
    """Make it with the tag, change only what has it, and prepare it by the secret that Redshift keeps for its administrator."""
    verbs = {verb: " ".join(f"redshift-serverless:{verb}{kind}" for kind in KINDS) for verb in VERBS}
    limits = " ".join(f"redshift-serverless:{verb}UsageLimit" for verb in VERBS)
    return [
        allow("MakeRedshift", verbs["Create"], warehouses(target), StringEquals=target.tagging),
        *tags(target, "redshift-serverless", "Redshift", warehouses(target), existing(target)),
        allow("WriteRedshift", f"{verbs['Update']} {verbs['Delete']}", warehouses(target), StringEquals=target.tagged),
        allow("LimitRedshift", limits, "*"),
        allow(
            "PrepareRedshift",
            "redshift-data:ExecuteStatement",
            target.named("redshift-serverless", "workgroup/*"),
            StringEquals=target.tagged,
        ),
        *behind(target),
    ]


VERBS, KINDS = ("Create", "Update", "Delete"), ("Namespace", "Workgroup")


def behind(target: Target) -> list[Statement]:
    """What Redshift does on the account of whoever makes a namespace or a workgroup."""
    names = target.names
    services = [f"{service}.amazonaws.com" for service in ("redshift", "redshift-serverless")]
    linked = names.global_arn("iam", "role/aws-service-role/redshift.amazonaws.com/AWSServiceRoleForRedshift")
    secret = f"secret:redshift!{names.of(ADMIN)}"  # and six characters, which Secrets Manager adds
    kept = " ".join(f"secretsmanager:{verb}" for verb in (*SECRET_WRITES, "TagResource"))
    through = {"kms:GrantIsForAWSResource": "true"}
    keys = target.named("kms", "key/*")
    return [
        allow("PassRoleToRedshift", "iam:PassRole", names.role_arn("redshift"), StringEquals={PASSED: services}),
        allow("LinkRedshift", "iam:CreateServiceLinkedRole", linked, StringEquals={LINKED: services[0]}),
        allow("KeepAdminSecret", kept, target.named("secretsmanager", secret, f"{secret}-??????")),
        allow("LetRedshiftUseKey", "kms:CreateGrant", keys, StringEquals=target.tagged, Bool=through),
        allow("LetRedshiftLeaveKey", "kms:RetireGrant", keys, StringEquals=target.tagged),
        # AWS knows no resource: a password that fits, and the network that the workgroup is put into
        allow("MakePassword", "secretsmanager:GetRandomPassword", "*"),
        allow("SeeNetwork", " ".join(f"ec2:Describe{thing}" for thing in NETWORK), "*"),
    ]


PASSED, LINKED = "iam:PassedToService", "iam:AWSServiceName"


def warehouses(target: Target) -> list[str]:
    return target.named("redshift-serverless", "namespace/*", "workgroup/*")


def existing(target: Target) -> list[str]:
    """What is there has a UUID for its id: of every kind that takes tags."""
    kinds = ("namespace", "workgroup", "snapshot", "recoverypoint")
    return target.named("redshift-serverless", *(f"{kind}/{UUID}" for kind in kinds))
