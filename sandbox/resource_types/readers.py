"""Who reads the published tables: Athena, and Redshift Serverless where a stack wants it.

Source: Service Authorization Reference, Amazon Athena, Amazon Redshift Serverless and Amazon Redshift Data API;
Amazon Redshift, Managing admin passwords in Secrets Manager.
"""

from sandbox.resource_types.access import KEY
from sandbox.resource_types.base import ResourceType, need, passed, regional

WAREHOUSE = regional("redshift-serverless", "workgroup/{id}")
TYPES = {
    "aws:athena/workgroup:Workgroup": ResourceType(
        make=(need("athena:CreateWorkGroup athena:TagResource", regional("athena", "workgroup/{name}")),)
    ),
    "aws:athena/namedQuery:NamedQuery": ResourceType(
        make=(need("athena:CreateNamedQuery", regional("athena", "workgroup/{workgroup}")),)
    ),
    "aws:redshiftserverless/namespace:Namespace": ResourceType(
        make=(
            need("redshift-serverless:CreateNamespace", regional("redshift-serverless", "namespace/{id}")),
            passed("defaultIamRoleArn", "redshift"),
            need("kms:CreateGrant", KEY),
        )
    ),
    "aws:redshiftserverless/workgroup:Workgroup": ResourceType(
        make=(need("redshift-serverless:CreateWorkgroup", WAREHOUSE),)
    ),
    "aws:redshiftserverless/usageLimit:UsageLimit": ResourceType(
        make=(need("redshift-serverless:CreateUsageLimit", regional("redshift-serverless", "usagelimit/{id}")),)
    ),
    "aws:redshiftdata/statement:Statement": ResourceType(
        make=(
            need("redshift-data:ExecuteStatement", WAREHOUSE),
            need("secretsmanager:GetSecretValue", regional("secretsmanager", "secret:redshift!{of}-sluice-x")),
        )
    ),
}
