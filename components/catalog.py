"""The catalog: the database of the published tables, and crawlers that let people explore what lies in raw."""

import json

import pulumi
import pulumi_aws as aws

from components import access
from components.names import Names
from components.role import GlueRole
from components.settings import Dataset


class Catalog(pulumi.ComponentResource):
    """The database; `database` is its name."""

    database: pulumi.Output[str]

    def __init__(self, name: str, names: Names, protect: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Catalog", name, None, opts)
        # without its entry in the catalog an Iceberg table is a heap of files
        kept = pulumi.ResourceOptions(parent=self, protect=protect, delete_before_replace=True)
        database = aws.glue.CatalogDatabase(
            f"{name}-database", name=names.database, description="What passed its contract, and raw_* as it came",
            opts=kept,
        )  # fmt: skip
        self.database = database.name
        self.register_outputs({"database": self.database})


class RawCrawler(pulumi.ComponentResource):
    """Explores one dataset's raw folder into the table `raw_<dataset>`; no job depends on what it guesses."""

    def __init__(
        self, name: str, names: Names, dataset: Dataset, database: pulumi.Output[str], raw: pulumi.Output[str],
        key_arn: pulumi.Output[str] | None, opts: pulumi.ResourceOptions | None = None,
    ) -> None:  # fmt: skip
        super().__init__("sluice:lake:RawCrawler", name, None, opts)
        role = GlueRole(
            f"{name}-role", names, names.of(dataset.name, "crawler"),
            lambda key: access.crawler(names, dataset.name, key), key_arn, pulumi.ResourceOptions(parent=self),
        )  # fmt: skip
        aws.glue.Crawler(
            f"{name}-crawler", name=names.of(dataset.name, "raw"), role=role.arn, database_name=database,
            description=f"Explores raw {dataset.name}/; the job does not depend on it", table_prefix="raw_",
            s3_targets=[{"path": pulumi.Output.concat("s3://", raw, f"/{dataset.name}/")}],
            schema_change_policy={"update_behavior": "UPDATE_IN_DATABASE", "delete_behavior": "LOG"},
            recrawl_policy={"recrawl_behavior": "CRAWL_EVERYTHING"},
            configuration=json.dumps({"Version": 1.0, "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}}),
            schedule=dataset.crawl or None,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )  # fmt: skip
        self.register_outputs({})
