"""The catalog, jobs, and what starts them.

Source: Service Authorization Reference, AWS Glue; AWS Glue, Passing an IAM role.
"""

from sandbox.resource_types.base import ResourceType, need, passed, regional

CATALOG = regional("glue", "catalog")
TYPES = {
    "aws:glue/catalogDatabase:CatalogDatabase": ResourceType(
        make=(need("glue:CreateDatabase", CATALOG), need("glue:CreateDatabase", regional("glue", "database/{name}")))
    ),
    "aws:glue/catalogTable:CatalogTable": ResourceType(
        make=tuple(
            need("glue:CreateTable", regional("glue", what))
            for what in ("catalog", "database/{databaseName}", "table/{databaseName}/{name}")
        )
    ),
    "aws:glue/job:Job": ResourceType(
        make=(need("glue:CreateJob", regional("glue", "job/{name}")), passed("roleArn", "glue"))
    ),
    "aws:glue/trigger:Trigger": ResourceType(
        make=(need("glue:CreateTrigger glue:StartTrigger", regional("glue", "trigger/{name}")),)
    ),
    "aws:glue/crawler:Crawler": ResourceType(
        make=(need("glue:CreateCrawler", regional("glue", "crawler/{name}")), passed("role", "glue"))
    ),
}
