"""The runs' results as two tables, whose partitions Athena computes: no crawler finds them and no run adds them.

Source: Amazon Athena user guide, Partition projection with Amazon Athena (supported types, considerations and limitations).
"""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.lake import Lake
from components.readers.results_columns import RULE_COLUMNS, RUN_COLUMNS, ResultColumn
from components.settings.stack_settings import Settings
from etl.contract.results_layout import RULES, RUNS, results_folder
from etl.contract.table_names import RESULTS_OF_RULES, RESULTS_OF_RUNS

TEXT_FORMATS = "org.apache.hadoop.mapred.TextInputFormat", "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
JSON_READER = "org.openx.data.jsonserde.JsonSerDe"
DESCRIPTIONS = {
    RESULTS_OF_RUNS: "A line for each run of a dataset of the stack",
    RESULTS_OF_RULES: "A line for each rule that a run judged, or did not evaluate",
}
PARTITION_COLUMNS = (
    ResultColumn("dataset", "string", "The dataset's name; only datasets of the stack are looked for"),
    # text, since the type says only how the value in the place is written, whatever the projection computes it from
    ResultColumn("day", "string", "The UTC date of the run's start, yyyy-MM-dd"),
)


def create_results_tables(name: str, lake: Lake, stack: Settings, opts: pulumi.ResourceOptions) -> None:
    """Declare both tables; a stack without datasets has none, since an enumeration is never empty."""
    if not stack.datasets:
        return
    datasets = [dataset.name for dataset in stack.datasets]
    for kind, table, columns in (
        (RUNS, RESULTS_OF_RUNS, RUN_COLUMNS),
        (RULES, RESULTS_OF_RULES, RULE_COLUMNS),
    ):
        folder = pulumi.Output.format("s3://{0}/{1}", lake.assets, results_folder(kind))
        aws.glue.CatalogTable(
            f"{name}-results-{kind}",
            name=table,
            database_name=lake.database,
            description=DESCRIPTIONS[table],
            table_type="EXTERNAL_TABLE",
            parameters=folder.apply(
                lambda place: table_parameters(place, datasets, stack.options.results_days),
            ),
            partition_keys=[
                {"name": column.name, "type": column.type, "comment": column.comment} for column in PARTITION_COLUMNS
            ],
            storage_descriptor={
                "location": folder,
                "input_format": TEXT_FORMATS[0],
                "output_format": TEXT_FORMATS[1],
                "columns": [
                    {"name": column.name, "type": column.type, "comment": column.comment} for column in columns
                ],
                "ser_de_info": {
                    "serialization_library": JSON_READER,
                    # a line that is no JSON becomes one of nulls; the keys of a map are names of columns
                    "parameters": {"ignore.malformed.json": "true", "case.insensitive": "false"},
                },
            },
            opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(delete_before_replace=True)),
        )


def table_parameters(folder: str, datasets: Sequence[str], days: int) -> dict[str, str]:
    """Return a table's properties: its partitions are each of `datasets` on each of the last `days` days, in UTC.

    `folder` is the URI of the table's place, with a slash at its end.
    """
    return {
        "EXTERNAL": "TRUE",
        "classification": "json",
        "projection.enabled": "true",
        "projection.dataset.type": "enum",
        "projection.dataset.values": ",".join(datasets),  # white space would be part of a value
        "projection.day.type": "date",
        "projection.day.format": "yyyy-MM-dd",
        "projection.day.range": f"NOW-{days}DAYS,NOW",
        "projection.day.interval": "1",
        "projection.day.interval.unit": "DAYS",
        "storage.location.template": f"{folder}dataset=${{dataset}}/day=${{day}}/",
    }
