"""The stack's catalog, jobs and crawlers in Glue, and its workgroup in Athena.

Source: Service Authorization Reference, AWS Glue and Amazon Athena. AWS names the crawler's ARN where it refuses
`glue:CreateCrawler`, though the reference has no resource for it.
"""

from components.access.policy_documents import Statement, allow, glue_arns
from etl.contract.table_names import RESULTS_OF_RULES, RESULTS_OF_RUNS
from sluice.program.deployer.target import DeployTarget

KINDS = ("Job", "Trigger", "Crawler")
WRITES = (
    *(f"glue:{verb}{kind}" for kind in KINDS for verb in ("Create", "Update", "Delete")),
    *("glue:StartTrigger", "glue:StopTrigger", "glue:TagResource", "glue:UntagResource"),
)
ATHENA_WRITES = (
    *("athena:CreateWorkGroup", "athena:UpdateWorkGroup", "athena:DeleteWorkGroup"),
    # a saved query is replaced, never updated
    *("athena:CreateNamedQuery", "athena:DeleteNamedQuery", "athena:TagResource", "athena:UntagResource"),
)


def read_statements(target: DeployTarget) -> list[Statement]:
    """Return what reads jobs, crawlers, triggers, tables and Athena's workgroup."""
    reads = " ".join(f"glue:Get{kind}" for kind in (*KINDS, "Database", "Tags"))
    return [
        allow("ReadGlue", reads, [*glue_arns(target.names, database_resource(target)), *glue_resources(target)]),
        allow("ReadDeclaredTables", "glue:GetTable glue:GetPartitionIndexes", declared_tables(target)),
        allow(
            "ReadAthena", "athena:GetWorkGroup athena:GetNamedQuery athena:ListTagsForResource", workgroup_arn(target)
        ),
    ]


def write_statements(target: DeployTarget) -> list[Statement]:
    """The database goes only with a stack that is destroyable: all its tables go with it, which AWS asks for one by one."""
    names = target.names
    inside = (f"{kind}/{names.database}/*" for kind in ("table", "userDefinedFunction"))
    drop_database = allow("DropDatabase", "glue:DeleteDatabase", glue_arns(names, database_resource(target), *inside))
    return [
        allow("WriteGlue", " ".join(WRITES), [*glue_resources(target), names.arn("glue", database_resource(target))]),
        allow("WriteDatabase", "glue:CreateDatabase glue:UpdateDatabase", glue_arns(names, database_resource(target))),
        allow("WriteDeclaredTables", "glue:CreateTable glue:UpdateTable glue:DeleteTable", declared_tables(target)),
        allow("WriteAthena", " ".join(ATHENA_WRITES), workgroup_arn(target)),
        *([drop_database] if target.destroyable else []),
    ]


def database_resource(target: DeployTarget) -> str:
    """Return the stack's database as the resource part of a Glue ARN."""
    return f"database/{target.names.database}"


def glue_resources(target: DeployTarget) -> list[str]:
    """Return the ARN patterns of the stack's jobs, crawlers and triggers."""
    return target.arns_of("glue", *(f"{kind.lower()}/{target.names.resource_name('*')}" for kind in KINDS))


def declared_tables(target: DeployTarget) -> list[str]:
    """Return the ARNs of catalog, database and the tables that show the ledgers and the results of runs."""
    tables = ("*_ledger", "*_ledger_former", RESULTS_OF_RUNS, RESULTS_OF_RULES)
    paths = (f"table/{target.names.database}/{table}" for table in tables)
    return glue_arns(target.names, database_resource(target), *paths)


def workgroup_arn(target: DeployTarget) -> str:
    """Return the ARN of Athena's workgroup."""
    return target.names.arn("athena", f"workgroup/{target.names.resource_name()}")
