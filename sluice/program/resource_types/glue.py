"""The catalog, jobs, and what starts them.

Source: Service Authorization Reference, AWS Glue; AWS Glue, Passing an IAM role; what a refresh calls,
hashicorp/terraform-provider-aws, `internal/service/glue`.
"""

from sluice.program.resource_types.base import Need, ResourceType, each, need, passed, regional

CATALOG, DATABASE = regional("glue", "catalog"), regional("glue", "database/{name}")
JOB, TRIGGER, CRAWLER = (regional("glue", f"{kind}/{{name}}") for kind in ("job", "trigger", "crawler"))
TABLE = (CATALOG, regional("glue", "database/{databaseName}"), regional("glue", "table/{databaseName}/{name}"))
INSIDE = tuple(regional("glue", f"{kind}/{{name}}/anything") for kind in ("table", "userDefinedFunction"))
"""What lies in a database, which AWS checks too where the database is deleted."""
TAGS = "glue:TagResource glue:UntagResource"


def thing(kind: str, arn: str, *more: Need, changes: str = "") -> ResourceType:
    """What has an ARN of its own; `more` is needed to make and to change it."""
    return ResourceType(
        make=(need(f"glue:Create{kind}", arn), *more),
        read=(need(f"glue:Get{kind} glue:GetTags", arn),),
        change=(need(f"glue:Update{kind} {TAGS}{changes}", arn), *more),
        remove=(need(f"glue:Delete{kind}", arn),),
    )


TYPES = {
    "aws:glue/catalogDatabase:CatalogDatabase": ResourceType(
        make=each("glue:CreateDatabase", CATALOG, DATABASE),
        read=(*each("glue:GetDatabase", CATALOG, DATABASE), need("glue:GetTags", DATABASE)),
        change=(*each("glue:UpdateDatabase", CATALOG, DATABASE), need(TAGS, DATABASE)),
        remove=each("glue:DeleteDatabase", CATALOG, DATABASE, *INSIDE),
    ),
    "aws:glue/catalogTable:CatalogTable": ResourceType(
        make=each("glue:CreateTable", *TABLE),
        read=each("glue:GetTable glue:GetPartitionIndexes", *TABLE),
        change=each("glue:UpdateTable", *TABLE),
        remove=each("glue:DeleteTable", *TABLE),
    ),
    "aws:glue/job:Job": thing("Job", JOB, passed("roleArn", "glue")),
    "aws:glue/trigger:Trigger": thing(
        "Trigger", TRIGGER, need("glue:StartTrigger", TRIGGER), changes=" glue:StopTrigger"
    ),
    "aws:glue/crawler:Crawler": thing("Crawler", CRAWLER, passed("role", "glue")),
}
