"""The catalog, jobs, and what starts them.

Source: Service Authorization Reference, AWS Glue; AWS Glue, Passing an IAM role; what a refresh calls,
hashicorp/terraform-provider-aws, `internal/service/glue`.
"""

from sluice.program.resource_types.base import Need, ResourceType, need_actions, need_each, need_pass_role, regional_arn

CATALOG, DATABASE = regional_arn("glue", "catalog"), regional_arn("glue", "database/{name}")
JOB, TRIGGER, CRAWLER = (regional_arn("glue", f"{kind}/{{name}}") for kind in ("job", "trigger", "crawler"))
TABLE = (CATALOG, regional_arn("glue", "database/{databaseName}"), regional_arn("glue", "table/{databaseName}/{name}"))
INSIDE = tuple(regional_arn("glue", f"{kind}/{{name}}/anything") for kind in ("table", "userDefinedFunction"))
"""What lies in a database, which AWS checks too where the database is deleted."""
TAGS = "glue:TagResource glue:UntagResource"


def glue_type(kind: str, arn: str, *extra_needs: Need, changes: str = "") -> ResourceType:
    """What has an ARN of its own; `more` is needed to make and to change it."""
    return ResourceType(
        make=(need_actions(f"glue:Create{kind}", arn), *extra_needs),
        read=(need_actions(f"glue:Get{kind} glue:GetTags", arn),),
        change=(need_actions(f"glue:Update{kind} {TAGS}{changes}", arn), *extra_needs),
        remove=(need_actions(f"glue:Delete{kind}", arn),),
    )


TYPES = {
    "aws:glue/catalogDatabase:CatalogDatabase": ResourceType(
        make=need_each("glue:CreateDatabase", CATALOG, DATABASE),
        read=(*need_each("glue:GetDatabase", CATALOG, DATABASE), need_actions("glue:GetTags", DATABASE)),
        change=(*need_each("glue:UpdateDatabase", CATALOG, DATABASE), need_actions(TAGS, DATABASE)),
        remove=need_each("glue:DeleteDatabase", CATALOG, DATABASE, *INSIDE),
    ),
    "aws:glue/catalogTable:CatalogTable": ResourceType(
        make=need_each("glue:CreateTable", *TABLE),
        read=need_each("glue:GetTable glue:GetPartitionIndexes", *TABLE),
        change=need_each("glue:UpdateTable", *TABLE),
        remove=need_each("glue:DeleteTable", *TABLE),
    ),
    "aws:glue/job:Job": glue_type("Job", JOB, need_pass_role("roleArn", "glue")),
    "aws:glue/trigger:Trigger": glue_type(
        "Trigger", TRIGGER, need_actions("glue:StartTrigger", TRIGGER), changes=" glue:StopTrigger"
    ),
    "aws:glue/crawler:Crawler": glue_type("Crawler", CRAWLER, need_pass_role("role", "glue")),
}
