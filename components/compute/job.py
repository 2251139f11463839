"""The Glue job of a dataset."""

from functools import partial

import pulumi
import pulumi_aws as aws

from components.access import policy_documents
from components.access.role import GlueRole, policy_with_key
from components.lake import Lake
from components.names import Names
from components.settings.dataset_options import ASSETS, NOWHERE
from components.settings.stack_settings import Dataset
from etl.contract.layout import PUBLISHED, DatasetLocations

GLUE_VERSION = "6.0"  # an unset version drifts
SPARK_SETTINGS = (
    "spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.sql.catalog.lake=org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.lake.type=glue",
    f"spark.sql.catalog.lake.warehouse=s3://{{0}}/{PUBLISHED}",
    "spark.sql.catalog.lake.io-impl=org.apache.iceberg.aws.s3.S3FileIO",
    "spark.sql.session.timeZone=UTC",
    "spark.sql.codegen.hugeMethodLimit=8000",  # HotSpot compiles no larger one, so many rules would be interpreted
    # A filter on columns that are all renamed has 2^columns constraints: 26 rules planned for minutes (decision 14).
    "spark.sql.constraintPropagation.enabled=false",
    "spark.sql.variable.substitute=false",  # else a contract's ${env:NAME}, in a condition's text too, is a secret's value
    # Spark lists files by a task each, up to 10,000 of them; a task takes longer than a listing.
    "spark.sql.sources.parallelPartitionDiscovery.parallelism=64",
    "spark.hadoop.fs.s3a.endpoint.region={1}",
)
"""Settings by processed bucket and region. Glue takes one `--conf`; further ones are joined into its value."""


class Job(pulumi.ComponentResource):
    """One dataset's job with the role it runs as; `job` is its name."""

    job: pulumi.Output[str]

    def __init__(self, name: str, lake: Lake, dataset: Dataset, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Job", name, None, opts)
        names = lake.names
        policy = policy_with_key(partial(job_document, dataset), names, dataset.name, lake.data_key)
        child_options = pulumi.ResourceOptions(parent=self)
        role = GlueRole(f"{name}-role", names, names.resource_name(dataset.name, "job"), policy, child_options)
        glue_job = aws.glue.Job(
            f"{name}-job",
            name=names.resource_name(dataset.name),
            # names no version: updated alone (`--target`) the job runs its former contract
            description=f"Publishes {dataset.name} where its contract holds",
            role_arn=role.arn,
            glue_version=GLUE_VERSION,
            command={"name": "glueetl", "script_location": lake.code.script, "python_version": "3"},
            worker_type=dataset.worker_type,
            number_of_workers=dataset.workers,
            timeout=dataset.timeout,
            max_retries=0,  # what broke a contract breaks it again
            execution_property={"max_concurrent_runs": 1},  # the second would lose the race to publish
            execution_class="STANDARD",
            notification_property={"notify_delay_after": dataset.notify_after},
            default_arguments={
                **glue_arguments(lake, dataset.name),
                **entry_arguments(lake, dataset),
                **lineage_arguments(lake, dataset),
            },
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.job = glue_job.name
        self.register_outputs({"job": self.job})


def job_document(dataset: Dataset, names: Names, name: str, key_arn: str | None) -> policy_documents.Document:
    """What the dataset's runs may do."""
    terms = dataset.terms
    document = policy_documents.job_policy(
        names, name, key_arn, terms.references, terms.sources, has_changes=terms.has_changes
    )
    own_statements = [policy_documents.write_lineage(names, name)] if dataset.lineage == ASSETS else []
    return policy_documents.policy_document(*document["Statement"], *own_statements)


def glue_arguments(lake: Lake, dataset: str) -> dict[str, pulumi.Input[str]]:
    """What Glue itself reads (AWS Glue developer guide, Job parameters)."""
    return {
        "--job-language": "python",
        "--TempDir": pulumi.Output.format("s3://{0}/temp/{1}/", lake.assets, dataset),
        "--extra-py-files": lake.code.package,
        "--additional-python-modules": lake.code.wheels,
        "--python-modules-installer-option": "--no-index",  # a live index breaks a job one morning
        "--datalake-formats": "iceberg",
        "--conf": pulumi.Output.format(" --conf ".join(SPARK_SETTINGS), lake.processed, lake.names.region),
        "--enable-metrics": "true",
        "--enable-observability-metrics": "true",
        "--enable-continuous-cloudwatch-log": "true",
        "--custom-logGroup-prefix": lake.names.log_group_prefix,
    }


def entry_arguments(lake: Lake, dataset: Dataset) -> dict[str, pulumi.Input[str]]:
    """What `etl` reads; only a dataset of files is told where these are."""
    name, contract = dataset.name, lake.code.contracts[dataset.name]
    files: dict[str, pulumi.Input[str]] = {
        "--raw": pulumi.Output.format("s3://{0}/{1}/", lake.raw, name),
        "--raw-expire-days": str(lake.raw_expire_days),
    }
    return {
        "--dataset": name,
        "--stack": lake.names.stack,  # by which an operator's commands tell stacks apart
        **({} if dataset.terms.sources else files),
        **({"--docs-url": lake.docs_url} if lake.docs_url else {}),
        "--table": pulumi.Output.format("lake.{0}.{1}", lake.database, name),
        "--location": pulumi.Output.format("s3://{0}/{1}", lake.processed, DatasetLocations("", name).published),
        "--input-contract": contract.input,
        "--output-contract": contract.output,
        "--verdicts": pulumi.Output.format("s3://{0}/verdicts/{1}/", lake.assets, name),
        "--code": lake.code.package_hash,
    }


def lineage_arguments(lake: Lake, dataset: Dataset) -> dict[str, pulumi.Input[str]]:
    """Where a run's lineage goes; nothing where it goes nowhere."""
    if dataset.lineage == NOWHERE:
        return {}
    in_assets = pulumi.Output.format("s3://{0}/lineage/{1}/", lake.assets, dataset.name)
    return {"--lineage": in_assets if dataset.lineage == ASSETS else dataset.lineage}
