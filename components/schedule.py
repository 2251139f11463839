"""When a job starts."""

import pulumi
import pulumi_aws as aws

from components.names import Names
from components.settings import Dataset


class Schedule(pulumi.ComponentResource):
    """The trigger of one dataset's job: there in every stack, running where the configuration says so."""

    def __init__(
        self,
        name: str,
        names: Names,
        dataset: Dataset,
        job: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("sluice:lake:Schedule", name, None, opts)
        aws.glue.Trigger(
            f"{name}-trigger",
            name=names.of(dataset.name, "schedule"),
            description=f"Starts {dataset.name}; the time is UTC",
            type="SCHEDULED",
            schedule=dataset.schedule,
            actions=[{"job_name": job}],
            enabled=dataset.active,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        self.register_outputs({})
