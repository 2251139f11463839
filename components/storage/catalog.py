"""The catalog: the database of the published tables, and the crawlers that let people explore what lies in raw."""

import json

import pulumi
import pulumi_aws as aws

from components.access import policy_documents
from components.access.role import GlueRole, policy_with_key
from components.lake import Lake
from components.names import Names
from components.settings.stack_settings import Dataset


class Catalog(pulumi.ComponentResource):
    """The database; `database` is its name."""

    database: pulumi.Output[str]

    def __init__(self, name: str, names: Names, protect: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Catalog", name, None, opts)
        database = aws.glue.CatalogDatabase(
            f"{name}-database",
            name=names.database,
            description="What passed its contract, and raw_* as it came",
            # without its entry in the catalog a table is a heap of files
            opts=pulumi.ResourceOptions(parent=self, protect=protect, delete_before_replace=True),
        )
        self.database = database.name
        self.register_outputs({"database": self.database})


class RawCrawler(pulumi.ComponentResource):
    """Explores one raw folder into the table `raw_<dataset>`; no job depends on what it guesses."""

    def __init__(self, name: str, lake: Lake, dataset: Dataset, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:RawCrawler", name, None, opts)
        names = lake.names
        policy = policy_with_key(policy_documents.crawler_policy, names, dataset.name, lake.data_key)
        child_options = pulumi.ResourceOptions(parent=self)
        role = GlueRole(f"{name}-role", names, names.resource_name(dataset.name, "crawler"), policy, child_options)
        aws.glue.Crawler(
            f"{name}-crawler",
            name=names.resource_name(dataset.name, "raw"),
            description=f"Explores raw {dataset.name}/; the job does not depend on it",
            role=role.arn,
            database_name=lake.database,
            table_prefix="raw_",  # else it would take the published table's name
            s3_targets=[{"path": pulumi.Output.format("s3://{0}/{1}/", lake.raw, dataset.name)}],
            schema_change_policy={"update_behavior": "UPDATE_IN_DATABASE", "delete_behavior": "LOG"},
            configuration=json.dumps({"Version": 1.0, "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}}),
            schedule=dataset.crawl or None,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.register_outputs({})
