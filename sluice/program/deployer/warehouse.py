"""The stack's warehouse in Redshift Serverless, which is known by its tag: its ids are made up by AWS.

Source: Service Authorization Reference, Amazon Redshift Serverless and Amazon Redshift Data API; Amazon Redshift,
Managing admin passwords in Secrets Manager. Usage limits have neither resource nor tag there.
"""

from components.access.policy_documents import Statement, allow
from sluice.program.deployer.target import DeployTarget, tag_statements

ADMIN = "sluice"
UUID = "-".join("?" * length for length in (8, 4, 4, 4, 12))
NETWORK = ("Vpcs", "Subnets", "SecurityGroups", "AvailabilityZones", "AccountAttributes", "VpcAttribute")
SECRET_WRITES = ("CreateSecret", "RotateSecret", "DescribeSecret", "UpdateSecret", "DeleteSecret", "GetSecretValue")


def read_statements(target: DeployTarget) -> list[Statement]:
    """Of the warehouse; its statements belong to who ran them and are kept for a day."""
    reads = "redshift-serverless:GetNamespace redshift-serverless:GetWorkgroup redshift-serverless:ListTagsForResource"
    return [
        allow("ReadRedshift", reads, warehouse_arns(target), StringEquals=target.has_stack_tag),
        # no resource: whoever ran a statement may see it
        allow("ReadLimitsAndStatements", "redshift-serverless:GetUsageLimit redshift-data:DescribeStatement", "*"),
    ]


def write_statements(target: DeployTarget) -> list[Statement]:
    """Make it with the tag, change only what has it, and prepare it by the secret that Redshift keeps for its administrator."""
    verbs = {verb: " ".join(f"redshift-serverless:{verb}{kind}" for kind in KINDS) for verb in VERBS}
    limits = " ".join(f"redshift-serverless:{verb}UsageLimit" for verb in VERBS)
    return [
        allow("MakeRedshift", verbs["Create"], warehouse_arns(target), StringEquals=target.gives_stack_tag),
        *tag_statements(target, "redshift-serverless", "Redshift", warehouse_arns(target), existing_arns(target)),
        allow(
            "WriteRedshift",
            f"{verbs['Update']} {verbs['Delete']}",
            warehouse_arns(target),
            StringEquals=target.has_stack_tag,
        ),
        allow("LimitRedshift", limits, "*"),
        allow(
            "PrepareRedshift",
            "redshift-data:ExecuteStatement",
            target.arns_of("redshift-serverless", "workgroup/*"),
            StringEquals=target.has_stack_tag,
        ),
        *implied_statements(target),
    ]


VERBS, KINDS = ("Create", "Update", "Delete"), ("Namespace", "Workgroup")


def implied_statements(target: DeployTarget) -> list[Statement]:
    """What Redshift does on the account of whoever makes a namespace or a workgroup."""
    names = target.names
    services = [f"{service}.amazonaws.com" for service in ("redshift", "redshift-serverless")]
    linked_role = names.global_arn("iam", "role/aws-service-role/redshift.amazonaws.com/AWSServiceRoleForRedshift")
    secret = f"secret:redshift!{names.resource_name(ADMIN)}"  # and six characters, which Secrets Manager adds
    secret_actions = " ".join(f"secretsmanager:{verb}" for verb in (*SECRET_WRITES, "TagResource"))
    grant_condition = {"kms:GrantIsForAWSResource": "true"}
    keys = target.arns_of("kms", "key/*")
    return [
        allow(
            "PassRoleToRedshift", "iam:PassRole", names.role_arn("redshift"), StringEquals={PASSED_TO_SERVICE: services}
        ),
        allow("LinkRedshift", "iam:CreateServiceLinkedRole", linked_role, StringEquals={AWS_SERVICE_NAME: services[0]}),
        allow("KeepAdminSecret", secret_actions, target.arns_of("secretsmanager", secret, f"{secret}-??????")),
        allow("LetRedshiftUseKey", "kms:CreateGrant", keys, StringEquals=target.has_stack_tag, Bool=grant_condition),
        allow("LetRedshiftLeaveKey", "kms:RetireGrant", keys, StringEquals=target.has_stack_tag),
        # AWS knows no resource: a password that fits, and the network that the workgroup is put into
        allow("MakePassword", "secretsmanager:GetRandomPassword", "*"),
        allow("SeeNetwork", " ".join(f"ec2:Describe{subject}" for subject in NETWORK), "*"),
    ]


PASSED_TO_SERVICE, AWS_SERVICE_NAME = "iam:PassedToService", "iam:AWSServiceName"


def warehouse_arns(target: DeployTarget) -> list[str]:
    """Return the ARN patterns of namespaces and workgroups: ids are not known before."""
    return target.arns_of("redshift-serverless", "namespace/*", "workgroup/*")


def existing_arns(target: DeployTarget) -> list[str]:
    """What is there has a UUID for its id: of every kind that takes tags."""
    kinds = ("namespace", "workgroup", "snapshot", "recoverypoint")
    return target.arns_of("redshift-serverless", *(f"{kind}/{UUID}" for kind in kinds))
