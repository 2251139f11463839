"""Redshift Serverless, where a stack wants it: gold in a warehouse, behind its own network and under a limit."""

import pulumi
import pulumi_aws as aws

from components.access import policy_documents
from components.access.role import RoleArgs, create_role
from components.lake import Lake
from components.names import Names
from components.readers import queries
from components.settings.warehouse import GOLD_DATASET, Warehouse
from etl.contract.layout import DatasetLocations

DATABASE = "lake"
SERVICES = ("redshift", "redshift-serverless")


class Redshift(pulumi.ComponentResource):
    """A namespace and its workgroup, the external schema on the lake's database, and the procedure that loads gold."""

    def __init__(self, name: str, lake: Lake, warehouse: Warehouse, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Redshift", name, None, opts)
        self.name, self.lake, self.child_options = name, lake, pulumi.ResourceOptions(parent=self)
        self.named_options = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        namespace = self.create_namespace(self.create_reader_role())
        workgroup = self.create_workgroup(namespace, warehouse)
        # the most of a day: what runs then is ended, and more is refused until the next
        limit = aws.redshiftserverless.UsageLimit(
            f"{name}-limit",
            resource_arn=workgroup.arn,
            usage_type="serverless-compute",
            period="daily",
            amount=warehouse.redshift_rpu_hours,
            breach_action="deactivate",
            opts=self.child_options,
        )
        self.run_statements(namespace, workgroup, limit)
        self.register_outputs({})

    def create_reader_role(self) -> pulumi.Output[str]:
        """Return the ARN of the role that it reads the lake by."""
        names, key = self.lake.names, self.lake.data_key
        policy = (
            policy_documents.policy_json(reader_policy(names, None))
            if key is None
            else key.apply(lambda arn: policy_documents.policy_json(reader_policy(names, arn)))
        )
        return create_role(
            self.name,
            names,
            RoleArgs(names.resource_name("redshift"), "Amazon Redshift", trust_policy(names), policy),
            self,
        )

    def create_namespace(self, role: pulumi.Output[str]) -> aws.redshiftserverless.Namespace:
        """Data and users, encrypted with the stack's key; nobody knows the administrator's password but Secrets Manager."""
        return aws.redshiftserverless.Namespace(
            f"{self.name}-namespace",
            namespace_name=self.lake.names.resource_name(),
            db_name=DATABASE,
            admin_username="sluice",
            manage_admin_password=True,
            admin_password_secret_kms_key_id=self.lake.topic_key,
            kms_key_id=self.lake.topic_key,
            iam_roles=[role],
            default_iam_role_arn=role,
            log_exports=["userlog", "connectionlog", "useractivitylog"],
            opts=self.named_options,
        )

    def create_workgroup(
        self, namespace: aws.redshiftserverless.Namespace, warehouse: Warehouse
    ) -> aws.redshiftserverless.Workgroup:
        """What computes, inside the stack's subnets: also on its way to S3 and the catalog."""
        return aws.redshiftserverless.Workgroup(
            f"{self.name}-workgroup",
            workgroup_name=self.lake.names.resource_name(),
            namespace_name=namespace.namespace_name,
            base_capacity=warehouse.redshift_rpus,
            enhanced_vpc_routing=True,
            publicly_accessible=False,
            subnet_ids=list(warehouse.redshift_subnets),
            security_group_ids=list(warehouse.redshift_security_groups),
            config_parameters=[{"parameter_key": "require_ssl", "parameter_value": "true"}],
            opts=self.named_options,
        )

    def run_statements(
        self,
        namespace: aws.redshiftserverless.Namespace,
        workgroup: aws.redshiftserverless.Workgroup,
        previous: pulumi.Resource,
    ) -> None:
        """Schema, table and procedure, one after another, by the administrator's secret and without a connection."""
        for name, sql in setup_statements(self.lake.names.database).items():
            previous = aws.redshiftdata.Statement(
                f"{self.name}-{name}",
                workgroup_name=workgroup.workgroup_name,
                database=DATABASE,
                secret_arn=namespace.admin_password_secret_arn,
                sql=sql,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[previous]),
            )


def setup_statements(database: str) -> dict[str, str]:
    """Return what prepares a namespace, in order."""
    load = queries.redshift_statement("load")
    return {
        "schema": queries.redshift_statement("schema").format(database=database),
        "table": queries.redshift_statement("table"),
        "procedure": queries.redshift_statement("procedure").format(load=load.strip()),
    }


def trust_policy(names: Names) -> policy_documents.Document:
    """Only Redshift in this account takes the role; only AWS can show that its condition passes."""
    trusted = [
        {
            "Sid": "".join(part.capitalize() for part in service.split("-")) + "OfThisAccount",
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": names.account}},
        }
        for service in SERVICES
    ]
    return policy_documents.policy_document(*trusted)


def reader_policy(names: Names, key_arn: str | None) -> policy_documents.Document:
    """What it may read: gold, which has sums and no person, and nothing else of the lake."""
    folders = [f"{DatasetLocations('', GOLD_DATASET).published}/{part}/*" for part in policy_documents.ICEBERG_FOLDERS]
    database = f"database/{names.database}"
    return policy_documents.policy_document(
        policy_documents.allow(
            "FindGold",
            "glue:GetDatabase glue:GetTable",
            policy_documents.glue_arns(names, database, f"table/{names.database}/{GOLD_DATASET}"),
        ),
        policy_documents.allow(
            "ListGold", "s3:ListBucket", names.bucket_arn("processed"), StringLike={"s3:prefix": folders}
        ),
        policy_documents.allow(
            "ReadGold", "s3:GetObject", [names.bucket_arn("processed", f"/{folder}") for folder in folders]
        ),
        *policy_documents.use_key(key_arn, "kms:Decrypt"),
    )
