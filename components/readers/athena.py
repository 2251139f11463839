"""Athena: the workgroup that the tables are asked in, and the questions that are worth asking."""

import pulumi
import pulumi_aws as aws

from components.lake import Lake
from components.readers import queries
from components.readers.results_tables import JSON_READER, TEXT_FORMATS, create_results_tables
from components.settings.stack_settings import Settings
from etl.contract.layout import DatasetLocations

RESULTS_PREFIX = "athena/"
GB = 1000**3
LEDGER_COLUMNS = {"quarantined": "array<string>", "corrected": "map<string,array<string>>"}
"""What a ledger file says of rows aside (`etl/ledger/ledger.py`), as columns."""


class Athena(pulumi.ComponentResource):
    """A workgroup whose settings nobody can leave, named queries, and ledgers and results as tables that these read."""

    def __init__(self, name: str, lake: Lake, stack: Settings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Athena", name, None, opts)
        self.name, self.lake, self.child_options = name, lake, pulumi.ResourceOptions(parent=self)
        workgroup = self.create_workgroup(stack.options.query_gb)
        for dataset in (candidate for candidate in stack.datasets if not candidate.terms.sources):
            places = DatasetLocations("", dataset.name)
            self.create_ledger_table(dataset.name, "ledger", places.ledgers)
            self.create_ledger_table(dataset.name, "ledger_former", places.former_ledgers)
        create_results_tables(name, lake, stack, self.child_options)
        for query in queries.athena_queries(stack.datasets):
            aws.athena.NamedQuery(
                f"{name}-{query.resource_name}",
                name=query.name,
                description=query.description,
                workgroup=workgroup,
                database=lake.database,
                query=query.sql,
                opts=self.child_options,
            )
        self.register_outputs({})

    def create_workgroup(self, gb: int) -> pulumi.Output[str]:
        """Return the name of the workgroup: a query that scans more than `gb` is stopped, and costs what it scanned."""
        names, key_arn = self.lake.names, self.lake.data_key
        encryption: aws.athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgsDict = {
            "encryption_option": "SSE_S3" if key_arn is None else "SSE_KMS",
        }
        if key_arn is not None:
            encryption["kms_key_arn"] = key_arn
        workgroup = aws.athena.Workgroup(
            f"{self.name}-workgroup",
            name=names.resource_name(),
            description="Reads the published tables; what one query may scan is limited",
            force_destroy=True,  # its queries are code, and its history is no data
            configuration={
                "enforce_workgroup_configuration": True,
                "publish_cloudwatch_metrics_enabled": True,
                "bytes_scanned_cutoff_per_query": gb * GB,
                "engine_version": {"selected_engine_version": "Athena engine version 3"},
                "result_configuration": {
                    "output_location": pulumi.Output.format("s3://{0}/{1}", self.lake.assets, RESULTS_PREFIX),
                    "expected_bucket_owner": names.account,
                    "encryption_configuration": encryption,
                },
            },
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        return workgroup.name

    def create_ledger_table(self, dataset: str, suffix: str, folder: str) -> None:
        """A folder of a dataset's ledgers as a table: only through the published one are rows aside known to count."""
        name = f"{dataset}_{suffix}"
        aws.glue.CatalogTable(
            f"{self.name}-{dataset}-{suffix.replace('_', '-')}",
            name=name,
            database_name=self.lake.database,
            description=f"Ledgers of {dataset} in {folder}/; the one that counts is named by the published snapshot's summary",
            table_type="EXTERNAL_TABLE",
            parameters={"EXTERNAL": "TRUE", "classification": "json"},
            storage_descriptor={
                "location": pulumi.Output.format("s3://{0}/{1}/", self.lake.processed, folder),
                "input_format": TEXT_FORMATS[0],
                "output_format": TEXT_FORMATS[1],
                "columns": [{"name": column, "type": column_type} for column, column_type in LEDGER_COLUMNS.items()],
                "ser_de_info": {
                    "serialization_library": JSON_READER,
                    # segments beside the ledgers are no such JSON, and the keys of a map are keys of objects
                    "parameters": {"ignore.malformed.json": "true", "case.insensitive": "false"},
                },
            },
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
