"""The Glue job of a dataset."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import access
from components.code import Code
from components.names import Names
from components.role import GlueRole
from components.settings import Dataset

SPARK = (
    "spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    "spark.sql.catalog.lake=org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.lake.type=glue",
    "spark.sql.catalog.lake.io-impl=org.apache.iceberg.aws.s3.S3FileIO",
    "spark.sql.session.timeZone=UTC",
)


@dataclass(frozen=True)
class JobArgs:
    """What a job stands on: buckets, the database, code; `raw_expires_after` in days, 0 for never."""

    names: Names
    dataset: Dataset
    code: Code
    raw: pulumi.Output[str]
    processed: pulumi.Output[str]
    assets: pulumi.Output[str]
    database: pulumi.Output[str]
    key_arn: pulumi.Output[str] | None
    raw_expires_after: int


class Job(pulumi.ComponentResource):
    """One dataset's job with the role it runs as; `job` is its name."""

    job: pulumi.Output[str]

    def __init__(self, name: str, args: JobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Job", name, None, opts)
        names, dataset = args.names, args.dataset
        role = GlueRole(
            f"{name}-role", names, names.of(dataset.name, "job"),
            lambda key: access.job(names, dataset.name, key), args.key_arn, pulumi.ResourceOptions(parent=self),
        )  # fmt: skip
        made = aws.glue.Job(
            f"{name}-job", name=names.of(dataset.name), role_arn=role.arn, glue_version="6.0",
            description=f"Lets {dataset.name} into the lake when contract {dataset.terms.version} holds",
            command={"name": "glueetl", "script_location": args.code.script, "python_version": "3"},
            worker_type=dataset.worker_type, number_of_workers=dataset.workers, timeout=dataset.timeout,
            # a broken contract stays broken; two runs of one dataset would refuse each other's publish
            max_retries=0, execution_property={"max_concurrent_runs": 1}, execution_class="STANDARD",
            notification_property={"notify_delay_after": dataset.notify_after},
            default_arguments=arguments(args),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )  # fmt: skip
        self.job = made.name
        self.register_outputs({"job": self.job})


def arguments(args: JobArgs) -> dict[str, pulumi.Input[str]]:
    """The job's default arguments: Glue's own first, then those that the entry reads."""
    url, code, dataset = pulumi.Output.format, args.code, args.dataset.name
    contract = code.contracts[dataset]
    return {
        "--job-language": "python",
        "--TempDir": url("s3://{0}/temp/{1}/", args.assets, dataset),
        "--extra-py-files": code.package,
        "--additional-python-modules": code.wheels,
        "--python-modules-installer-option": "--no-index",
        "--datalake-formats": "iceberg",
        "--conf": spark(args),
        "--enable-metrics": "true",
        "--enable-observability-metrics": "true",
        "--enable-continuous-cloudwatch-log": "true",
        "--custom-logGroup-prefix": args.names.log_group_prefix,
        "--dataset": dataset,
        "--raw": url("s3://{0}/{1}/", args.raw, dataset),
        "--table": url("lake.{0}.{1}", args.database, dataset),
        "--location": url("s3://{0}/parquet/{1}", args.processed, dataset),
        "--input-contract": contract.input,
        "--output-contract": contract.output,
        "--verdicts": url("s3://{0}/verdicts/{1}/", args.assets, dataset),
        "--raw-expire-days": str(args.raw_expires_after),
    }


def spark(args: JobArgs) -> pulumi.Output[str]:
    """Glue takes one `--conf`; further settings are joined into its value."""
    here = pulumi.Output.format("spark.sql.catalog.lake.warehouse=s3://{0}/parquet", args.processed)
    region = f"spark.hadoop.fs.s3a.endpoint.region={args.names.region}"
    return pulumi.Output.all(*SPARK, here, region).apply(" --conf ".join)
