"""The jobs' log groups: the stack's own, since all stacks of an account share /aws-glue/jobs."""

import pulumi
import pulumi_aws as aws

from components.names import Names


class Logs(pulumi.ComponentResource):
    """`/error` and `/output` below the prefix that the jobs are given; kept for `days`."""

    def __init__(
        self,
        name: str,
        names: Names,
        key_arn: pulumi.Output[str],
        days: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("sluice:lake:Logs", name, None, opts)
        for stream in ("error", "output"):
            aws.cloudwatch.LogGroup(
                f"{name}-{stream}",
                name=f"{names.log_group_prefix}/{stream}",
                retention_in_days=days,
                kms_key_id=key_arn,
                opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
            )
        self.register_outputs({})
