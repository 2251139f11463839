"""Redshift Serverless, where a stack wants it: gold in a warehouse, behind its own network and under a limit."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.access import policy_documents
from components.access.role import RoleArgs, create_role
from components.lake import Lake
from components.names import Names
from components.readers.warehouse_tables import procedure_sql, read_template, table_sql
from components.settings.stack_settings import Dataset, Settings
from components.settings.warehouse import Warehouse
from etl.contract.layout import DatasetLocations
from etl.contract.loading import parse_contract

DATABASE = "lake"
SERVICES = ("redshift", "redshift-serverless")


class Redshift(pulumi.ComponentResource):
    """A namespace and its workgroup, the external schema on the lake's database, tables, and procedures that load them."""

    def __init__(self, name: str, lake: Lake, stack: Settings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Redshift", name, None, opts)
        self.name, self.lake, self.child_options = name, lake, pulumi.ResourceOptions(parent=self)
        self.named_options = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        datasets = stack.warehouse_datasets
        namespace = self.create_namespace(self.create_reader_role([dataset.name for dataset in datasets]))
        workgroup = self.create_workgroup(namespace, stack.options)
        # the most of a day: what runs then is ended, and more is refused until the next
        limit = aws.redshiftserverless.UsageLimit(
            f"{name}-limit",
            resource_arn=workgroup.arn,
            usage_type="serverless-compute",
            period="daily",
            amount=stack.options.redshift_rpu_hours,
            breach_action="deactivate",
            opts=self.child_options,
        )
        self.run_statements(namespace, workgroup, limit, setup_statements(lake.names.database, datasets))
        self.register_outputs({})

    def create_reader_role(self, datasets: Sequence[str]) -> pulumi.Output[str]:
        """Return the ARN of the role that it reads the lake by."""
        names, key = self.lake.names, self.lake.data_key
        policy = (
            policy_documents.policy_json(reader_policy(names, datasets, None))
            if key is None
            else key.apply(lambda arn: policy_documents.policy_json(reader_policy(names, datasets, arn)))
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
            subnet_ids=list(warehouse.subnet_ids),
            security_group_ids=list(warehouse.security_group_ids),
            config_parameters=[{"parameter_key": "require_ssl", "parameter_value": "true"}],
            opts=self.named_options,
        )

    def run_statements(
        self,
        namespace: aws.redshiftserverless.Namespace,
        workgroup: aws.redshiftserverless.Workgroup,
        previous: pulumi.Resource,
        statements: Mapping[str, str],
    ) -> None:
        """Run statements by their names, one after another, by the administrator's secret and without a connection."""
        for name, sql in statements.items():
            previous = aws.redshiftdata.Statement(
                f"{self.name}-{name}",
                workgroup_name=workgroup.workgroup_name,
                database=DATABASE,
                secret_arn=namespace.admin_password_secret_arn,
                sql=sql,
                opts=pulumi.ResourceOptions(parent=self, depends_on=[previous]),
            )


def setup_statements(database: str, datasets: Sequence[Dataset]) -> dict[str, str]:
    """Return what prepares a namespace, in order: the external schema, then a table and a procedure for each dataset.

    The first dataset's have no dataset in their names: a stack that was deployed when there was one alone keeps them. Each
    statement can be repeated, so a dataset that becomes the first loses nothing.
    """
    statements = {"schema": read_template("schema").format(database=database)}
    for number, dataset in enumerate(datasets):
        contract = parse_contract(dataset.terms.output, f"expectations/{dataset.name}/output.json")
        start = f"{dataset.name}-" if number else ""
        statements |= {f"{start}table": table_sql(contract), f"{start}procedure": procedure_sql(contract)}
    return statements


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


def reader_policy(names: Names, datasets: Sequence[str], key_arn: str | None) -> policy_documents.Document:
    """What it may read: the tables that it loads, and nothing else of the lake."""
    folders = [
        f"{DatasetLocations('', dataset).published}/{part}/*"
        for dataset in datasets
        for part in policy_documents.ICEBERG_FOLDERS
    ]
    tables = [f"table/{names.database}/{dataset}" for dataset in datasets]
    return policy_documents.policy_document(
        policy_documents.allow(
            "FindGold",
            "glue:GetDatabase glue:GetTable",
            policy_documents.glue_arns(names, f"database/{names.database}", *tables),
        ),
        policy_documents.allow(
            "ListGold", "s3:ListBucket", names.bucket_arn("processed"), StringLike={"s3:prefix": folders}
        ),
        policy_documents.allow(
            "ReadGold", "s3:GetObject", [names.bucket_arn("processed", f"/{folder}") for folder in folders]
        ),
        *policy_documents.use_key(key_arn, "kms:Decrypt"),
    )
