"""What it takes to declare who reads the tables: Athena in every stack, Redshift where one wants it."""

from components.access import Statement, allow, glue_arns
from components.names import Names

ATHENA_READS = "athena:GetWorkGroup athena:GetNamedQuery athena:ListTagsForResource"
ATHENA_WRITES = "athena:*WorkGroup athena:*NamedQuery athena:TagResource athena:UntagResource"
OF_REDSHIFT = ("Namespace", "Workgroup", "UsageLimit")
NETWORK = ("Vpcs", "Subnets", "SecurityGroups", "AvailabilityZones", "AccountAttributes", "VpcAttribute")


def read(names: Names, redshift: bool) -> list[Statement]:
    """Read what is declared; of `redshift` too, whose statements belong to who ran them and are kept for a day."""
    reads = (*(f"redshift-serverless:Get{kind}" for kind in OF_REDSHIFT), "redshift-serverless:ListTagsForResource")
    warehouse = [
        allow("ReadRedshift", " ".join(reads), warehouses(names)),
        # no resource: whoever ran a statement may see it (Service Authorization Reference, Amazon Redshift Data API)
        allow("ReadStatements", "redshift-data:DescribeStatement", "*"),
    ]
    return [
        allow("ReadAthena", ATHENA_READS, names.arn("athena", f"workgroup/{names.of()}")),
        allow("ReadLedgerTables", "glue:GetTable", ledger_tables(names)),
        *(warehouse if redshift else ()),
    ]


def write(names: Names, redshift: bool) -> list[Statement]:
    """Write it, and prepare the warehouse by the secret that Redshift keeps for its administrator."""
    return [
        allow("WriteAthena", ATHENA_WRITES, names.arn("athena", f"workgroup/{names.of()}")),
        allow("WriteLedgerTables", "glue:CreateTable glue:UpdateTable glue:DeleteTable", ledger_tables(names)),
        *(write_redshift(names) if redshift else ()),
    ]


def write_redshift(names: Names) -> list[Statement]:
    verbs = [f"redshift-serverless:*{kind}" for kind in OF_REDSHIFT]
    tags = ["redshift-serverless:TagResource", "redshift-serverless:UntagResource"]
    role = names.role_arn("redshift")
    of_redshift = {"iam:PassedToService": ["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"]}
    secrets = ("CreateSecret", "RotateSecret", "DescribeSecret", "UpdateSecret", "DeleteSecret", "GetSecretValue")
    return [
        allow("WriteRedshift", " ".join([*verbs, *tags]), warehouses(names)),
        allow("PassRoleToRedshift", "iam:PassRole", role, StringEquals=of_redshift),
        allow("PrepareRedshift", "redshift-data:ExecuteStatement", names.arn("redshift-serverless", "workgroup/*")),
        # Redshift keeps it on behalf of whoever makes the namespace (Managing admin passwords in Secrets Manager)
        allow(
            "KeepAdminSecret",
            " ".join(f"secretsmanager:{verb}" for verb in (*secrets, "TagResource")),
            names.arn("secretsmanager", f"secret:redshift!{names.of()}-*"),
        ),
        # whoever may write the key's policy gains nothing by it
        allow("LetRedshiftUseKey", "kms:CreateGrant", names.arn("kms", "key/*")),
        # Redshift looks at the network of whoever makes the workgroup; AWS knows no resource (Reference, Amazon EC2)
        allow("SeeNetwork", " ".join(f"ec2:Describe{what}" for what in NETWORK), "*"),
    ]


def ledger_tables(names: Names) -> list[str]:
    return glue_arns(
        names,
        f"database/{names.database}",
        f"table/{names.database}/*_ledger",
        f"table/{names.database}/*_ledger_former",
    )


def warehouses(names: Names) -> list[str]:
    """Namespaces, workgroups and limits go by ids that nobody knows before (Service Authorization Reference)."""
    return [names.arn("redshift-serverless", f"{kind}/*") for kind in ("namespace", "workgroup", "usagelimit")]
