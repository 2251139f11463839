"""The second Glue job of a dataset: it keeps its tables small, once a week."""

from functools import partial

import pulumi
import pulumi_aws as aws

from components.access.maintenance_policy import maintenance_policy
from components.access.role import GlueRole, policy_with_key
from components.compute.job import GLUE_VERSION, entry_arguments, glue_arguments
from components.lake import Lake
from components.settings.stack_settings import Dataset

SHARED_ARGUMENTS = ("--table", "--location", "--verdicts")
"""What it is told as the publishing job is; `--dataset` is that one's alone: by it a dataset's job is found."""


class Maintenance(pulumi.ComponentResource):
    """Maintains what the job `publisher` publishes, on a role and a trigger of its own; `job` is its name."""

    job: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        lake: Lake,
        dataset: Dataset,
        publisher: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("sluice:lake:Maintenance", name, None, opts)
        job_name = lake.names.resource_name(dataset.name, "maintain")
        policy_of = partial(maintenance_policy, has_changes=dataset.terms.has_changes)
        policy = policy_with_key(policy_of, lake.names, dataset.name, lake.data_key)
        role = GlueRole(f"{name}-role", lake.names, job_name, policy, pulumi.ResourceOptions(parent=self))
        named_options = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        self.job = aws.glue.Job(
            f"{name}-job",
            name=job_name,
            description=f"Compacts the tables of {dataset.name} and removes what nobody needs any more",
            role_arn=role.arn,
            glue_version=GLUE_VERSION,
            command={"name": "glueetl", "script_location": lake.code.script, "python_version": "3"},
            worker_type=dataset.worker_type,
            number_of_workers=dataset.workers,
            timeout=dataset.timeout,
            max_retries=0,  # it comes again
            execution_property={"max_concurrent_runs": 1},
            execution_class="STANDARD",  # one that waits for spare capacity would end among the day's runs
            notification_property={"notify_delay_after": dataset.notify_after},
            default_arguments={**glue_arguments(lake, dataset.name), **maintenance_arguments(lake, dataset, publisher)},
            opts=named_options,
        ).name
        aws.glue.Trigger(
            f"{name}-trigger",
            name=lake.names.resource_name(dataset.name, "maintain", "schedule"),
            description=f"Maintains {dataset.name}; the time is UTC",
            type="SCHEDULED",
            schedule=dataset.maintain,
            actions=[{"job_name": self.job}],
            enabled=dataset.active,
            opts=named_options,
        )
        self.register_outputs({"job": self.job})


def maintenance_arguments(lake: Lake, dataset: Dataset, publisher: pulumi.Output[str]) -> dict[str, pulumi.Input[str]]:
    """What `etl` reads; its temporary folder is below the dataset's, out of reach of what an operator mended."""
    publisher_arguments = entry_arguments(lake, dataset)
    return {
        "--maintain": dataset.name,
        "--publisher": publisher,
        "--snapshot-days": str(dataset.snapshot_days),
        "--quarantine-days": str(dataset.quarantine_days),
        "--TempDir": pulumi.Output.format("s3://{0}/temp/{1}/maintenance/", lake.assets, dataset.name),
        **{name: publisher_arguments[name] for name in SHARED_ARGUMENTS},
        **({"--keep-by": keep.column, "--keep-days": str(keep.days)} if (keep := dataset.terms.keep_days) else {}),
    }
