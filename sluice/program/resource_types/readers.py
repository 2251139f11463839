"""Who reads the published tables: Athena, and Redshift Serverless where a stack wants it.

Source: Service Authorization Reference, Amazon Athena, Amazon Redshift Serverless and Amazon Redshift Data API;
Amazon Redshift, Managing admin passwords in Secrets Manager; hashicorp/terraform-provider-aws, `internal/service`.
"""

from sluice.program.resource_types.access import KEY, TAGGED, TAGGING
from sluice.program.resource_types.base import Need, ResourceType, need_actions, need_pass_role, regional_arn

WORKGROUP, QUERIED = regional_arn("athena", "workgroup/{name}"), regional_arn("athena", "workgroup/{workgroup}")
NAMESPACE, WAREHOUSE = (regional_arn("redshift-serverless", f"{kind}/{{id}}") for kind in ("namespace", "workgroup"))
SECRET = regional_arn("secretsmanager", "secret:redshift!{of}-sluice-AbCdEf")
NETWORK = ("Vpcs", "Subnets", "SecurityGroups", "AvailabilityZones", "AccountAttributes", "VpcAttribute")
REDSHIFT_TAGS = "redshift-serverless:TagResource redshift-serverless:UntagResource"
GRANT = {"kms__GrantIsForAWSResource": "true"}


def usage_limit_needs(verb: str) -> tuple[Need, ...]:
    """Usage limits are known by neither a resource nor a tag."""
    return (need_actions(f"redshift-serverless:{verb}UsageLimit", "*"),)


TYPES = {
    "aws:athena/workgroup:Workgroup": ResourceType(
        make=(need_actions("athena:CreateWorkGroup athena:TagResource", WORKGROUP),),
        read=(need_actions("athena:GetWorkGroup athena:ListTagsForResource", WORKGROUP),),
        change=(need_actions("athena:UpdateWorkGroup athena:TagResource athena:UntagResource", WORKGROUP),),
        remove=(need_actions("athena:DeleteWorkGroup", WORKGROUP),),
    ),
    "aws:athena/namedQuery:NamedQuery": ResourceType(
        make=(need_actions("athena:CreateNamedQuery", QUERIED),),
        read=(need_actions("athena:GetNamedQuery", QUERIED),),
        remove=(need_actions("athena:DeleteNamedQuery", QUERIED),),
    ),
    "aws:redshiftserverless/namespace:Namespace": ResourceType(
        make=(
            need_actions("redshift-serverless:CreateNamespace", NAMESPACE, **TAGGING),
            need_actions(
                "redshift-serverless:TagResource", regional_arn("redshift-serverless", "namespace/*"), **TAGGING
            ),
            need_pass_role("defaultIamRoleArn", "redshift"),
            need_actions("kms:CreateGrant", KEY, **TAGGED, **GRANT),
            need_actions("kms:DescribeKey kms:GenerateDataKey kms:Decrypt kms:RetireGrant", KEY, **TAGGED),
            need_actions("secretsmanager:CreateSecret secretsmanager:TagResource", SECRET),
            need_actions("secretsmanager:GetRandomPassword", "*"),
        ),
        read=(
            need_actions(
                "redshift-serverless:GetNamespace redshift-serverless:ListTagsForResource", NAMESPACE, **TAGGED
            ),
        ),
        change=(
            need_actions(f"redshift-serverless:UpdateNamespace {REDSHIFT_TAGS}", NAMESPACE, **TAGGED),
            need_actions(
                "secretsmanager:UpdateSecret secretsmanager:RotateSecret secretsmanager:DescribeSecret", SECRET
            ),
            need_pass_role("defaultIamRoleArn", "redshift"),
        ),
        remove=(
            need_actions("redshift-serverless:DeleteNamespace", NAMESPACE, **TAGGED),
            need_actions("secretsmanager:DeleteSecret secretsmanager:DescribeSecret", SECRET),
        ),
    ),
    "aws:redshiftserverless/workgroup:Workgroup": ResourceType(
        make=(
            need_actions("redshift-serverless:CreateWorkgroup", WAREHOUSE, **TAGGING),
            need_actions(
                "redshift-serverless:TagResource", regional_arn("redshift-serverless", "workgroup/*"), **TAGGING
            ),
            need_actions(" ".join(f"ec2:Describe{subject}" for subject in NETWORK), "*"),
        ),
        read=(
            need_actions(
                "redshift-serverless:GetWorkgroup redshift-serverless:ListTagsForResource", WAREHOUSE, **TAGGED
            ),
        ),
        change=(need_actions(f"redshift-serverless:UpdateWorkgroup {REDSHIFT_TAGS}", WAREHOUSE, **TAGGED),),
        remove=(need_actions("redshift-serverless:DeleteWorkgroup", WAREHOUSE, **TAGGED),),
    ),
    "aws:redshiftserverless/usageLimit:UsageLimit": ResourceType(
        make=usage_limit_needs("Create"),
        read=usage_limit_needs("Get"),
        change=usage_limit_needs("Update"),
        remove=usage_limit_needs("Delete"),
    ),
    "aws:redshiftdata/statement:Statement": ResourceType(
        make=(
            need_actions("redshift-data:ExecuteStatement", WAREHOUSE, **TAGGED),
            need_actions("secretsmanager:GetSecretValue", SECRET),
        ),
        read=(need_actions("redshift-data:DescribeStatement", "*"),),
    ),
}
