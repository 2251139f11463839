"""The one Glue job of a stack that forgets rows of a dataset: started by `sluice forget`, and by nothing else."""

from functools import partial

import pulumi
import pulumi_aws as aws

from components.access import policy_documents
from components.access.forget_policy import forget_policy
from components.access.role import GlueRole
from components.compute.job import GLUE_VERSION, glue_arguments
from components.lake import Lake
from components.names import FORGET
from components.settings.stack_settings import Settings

NO_DATASET = "-"
"""Stands for the dataset until a run names one: started by hand, the job ends with what it lacks, and changes nothing."""
TIMEOUT_MINUTES, LATE_MINUTES = 480, 120
"""Of a run that reads all that a dataset ever stored; it may be started again where it ended."""


class Forget(pulumi.ComponentResource):
    """Forgets rows of any dataset of the stack, on a role of its own; `job` is its name. No trigger and no flow starts it."""

    job: pulumi.Output[str]

    def __init__(self, name: str, lake: Lake, stack: Settings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Forget", name, None, opts)
        names, document = lake.names, partial(_policy_text, lake)
        policy = document(None) if lake.data_key is None else lake.data_key.apply(document)
        job_name = names.resource_name(FORGET)
        role = GlueRole(f"{name}-role", names, job_name, policy, pulumi.ResourceOptions(parent=self))
        self.job = aws.glue.Job(
            f"{name}-job",
            name=job_name,
            description="Forgets rows of a dataset: started by sluice forget alone",
            role_arn=role.arn,
            glue_version=GLUE_VERSION,
            command={"name": "glueetl", "script_location": lake.code.script, "python_version": "3"},
            worker_type=stack.options.worker_type,
            number_of_workers=stack.options.workers,
            timeout=TIMEOUT_MINUTES,
            max_retries=0,  # who started it sees where it ended, and starts it again
            execution_property={"max_concurrent_runs": 1},
            execution_class="STANDARD",
            notification_property={"notify_delay_after": LATE_MINUTES},
            default_arguments={**glue_arguments(lake, FORGET), **forget_arguments(lake, stack)},
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        ).name
        self.register_outputs({"job": self.job})


def _policy_text(lake: Lake, key_arn: str | None) -> str:
    return policy_documents.policy_json(forget_policy(lake.names, key_arn))


def forget_arguments(lake: Lake, stack: Settings) -> dict[str, pulumi.Input[str]]:
    """What `etl` reads beside the arguments of the dataset's own job, which a run is given: what all datasets share.

    `--log-days` and `--warehouse` are read by `sluice forget` alone: what the job does not reach, and the command says.
    """
    warehouse = ",".join(dataset.name for dataset in stack.warehouse_datasets)
    return {
        "--forget": NO_DATASET,
        "--stack": lake.names.stack,
        "--assets": pulumi.Output.format("s3://{0}/", lake.assets),
        "--answers": pulumi.Output.format("s3://{0}/athena/", lake.assets),
        "--log-days": str(stack.options.log_days),
        **({"--warehouse": warehouse} if warehouse else {}),
    }
