"""When a job starts."""

import pulumi
import pulumi_aws as aws

from components.names import Names
from components.settings import Dataset


class Schedule(pulumi.ComponentResource):
    """The trigger of one dataset's job; it is there in every stack and runs where the stack is active."""

    def __init__(
        self, name: str, names: Names, dataset: Dataset, job: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:  # fmt: skip
        super().__init__("sluice:lake:Schedule", name, None, opts)
        aws.glue.Trigger(
            f"{name}-trigger", name=names.of(dataset.name, "schedule"), type="SCHEDULED", schedule=dataset.schedule,
            actions=[{"job_name": job}], enabled=dataset.active, description=f"Runs {dataset.name} in UTC",
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )  # fmt: skip
        self.register_outputs({})
