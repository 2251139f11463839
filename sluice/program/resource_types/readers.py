"""Who reads the published tables: Athena, and Redshift Serverless where a stack wants it.

Source: Service Authorization Reference, Amazon Athena, Amazon Redshift Serverless and Amazon Redshift Data API;
Amazon Redshift, Managing admin passwords in Secrets Manager; hashicorp/terraform-provider-aws, `internal/service`.
"""

from sluice.program.resource_types.access import KEY, TAGGED, TAGGING
from sluice.program.resource_types.base import Need, ResourceType, need, passed, regional

WORKGROUP, QUERIED = regional("athena", "workgroup/{name}"), regional("athena", "workgroup/{workgroup}")
NAMESPACE, WAREHOUSE = (regional("redshift-serverless", f"{kind}/{{id}}") for kind in ("namespace", "workgroup"))
SECRET = regional("secretsmanager", "secret:redshift!{of}-sluice-AbCdEf")
NETWORK = ("Vpcs", "Subnets", "SecurityGroups", "AvailabilityZones", "AccountAttributes", "VpcAttribute")
REDSHIFT_TAGS = "redshift-serverless:TagResource redshift-serverless:UntagResource"
GRANT = {"kms__GrantIsForAWSResource": "true"}


def limits(verb: str) -> tuple[Need, ...]:
    """Usage limits are known by neither a resource nor a tag."""
    return (need(f"redshift-serverless:{verb}UsageLimit", "*"),)


TYPES = {
    "aws:athena/workgroup:Workgroup": ResourceType(
        make=(need("athena:CreateWorkGroup athena:TagResource", WORKGROUP),),
        read=(need("athena:GetWorkGroup athena:ListTagsForResource", WORKGROUP),),
        change=(need("athena:UpdateWorkGroup athena:TagResource athena:UntagResource", WORKGROUP),),
        remove=(need("athena:DeleteWorkGroup", WORKGROUP),),
    ),
    "aws:athena/namedQuery:NamedQuery": ResourceType(
        make=(need("athena:CreateNamedQuery", QUERIED),),
        read=(need("athena:GetNamedQuery", QUERIED),),
        remove=(need("athena:DeleteNamedQuery", QUERIED),),
    ),
    "aws:redshiftserverless/namespace:Namespace": ResourceType(
        make=(
            need("redshift-serverless:CreateNamespace", NAMESPACE, **TAGGING),
            need("redshift-serverless:TagResource", regional("redshift-serverless", "namespace/*"), **TAGGING),
            passed("defaultIamRoleArn", "redshift"),
            need("kms:CreateGrant", KEY, **TAGGED, **GRANT),
            need("kms:DescribeKey kms:GenerateDataKey kms:Decrypt kms:RetireGrant", KEY, **TAGGED),
            need("secretsmanager:CreateSecret secretsmanager:TagResource", SECRET),
            need("secretsmanager:GetRandomPassword", "*"),
        ),
        read=(need("redshift-serverless:GetNamespace redshift-serverless:ListTagsForResource", NAMESPACE, **TAGGED),),
        change=(
            need(f"redshift-serverless:UpdateNamespace {REDSHIFT_TAGS}", NAMESPACE, **TAGGED),
            need("secretsmanager:UpdateSecret secretsmanager:RotateSecret secretsmanager:DescribeSecret", SECRET),
            passed("defaultIamRoleArn", "redshift"),
        ),
        remove=(
            need("redshift-serverless:DeleteNamespace", NAMESPACE, **TAGGED),
            need("secretsmanager:DeleteSecret secretsmanager:DescribeSecret", SECRET),
        ),
    ),
    "aws:redshiftserverless/workgroup:Workgroup": ResourceType(
        make=(
            need("redshift-serverless:CreateWorkgroup", WAREHOUSE, **TAGGING),
            need("redshift-serverless:TagResource", regional("redshift-serverless", "workgroup/*"), **TAGGING),
            need(" ".join(f"ec2:Describe{thing}" for thing in NETWORK), "*"),
        ),
        read=(need("redshift-serverless:GetWorkgroup redshift-serverless:ListTagsForResource", WAREHOUSE, **TAGGED),),
        change=(need(f"redshift-serverless:UpdateWorkgroup {REDSHIFT_TAGS}", WAREHOUSE, **TAGGED),),
        remove=(need("redshift-serverless:DeleteWorkgroup", WAREHOUSE, **TAGGED),),
    ),
    "aws:redshiftserverless/usageLimit:UsageLimit": ResourceType(
        make=limits("Create"), read=limits("Get"), change=limits("Update"), remove=limits("Delete")
    ),
    "aws:redshiftdata/statement:Statement": ResourceType(
        make=(
            need("redshift-data:ExecuteStatement", WAREHOUSE, **TAGGED),
            need("secretsmanager:GetSecretValue", SECRET),
        ),
        read=(need("redshift-data:DescribeStatement", "*"),),
    ),
}
