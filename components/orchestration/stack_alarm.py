"""An alarm of the stack itself, and not of a dataset: whoever deploys the stack owns it."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.names import Names


def create_stack_alarm(  # noqa: PLR0913  each is a part of the alarm
    name: str,
    names: Names,
    ending: str,
    description: str,
    topic: pulumi.Output[str],
    metric: tuple[str, str, str],
    dimensions: Mapping[str, pulumi.Input[str]],
    parent: pulumi.Resource,
) -> None:
    """An alarm to the topic where the metric (namespace, name, statistic) is above zero in a minute.

    `name` begins its name in the program; its name in the account ends in `ending`, its description begins with the stack's.
    """
    namespace, metric_name, statistic = metric
    aws.cloudwatch.MetricAlarm(
        f"{name}-alarm",
        name=names.resource_name(ending),
        alarm_description=f"{names.resource_name()}: {description}",
        alarm_actions=[topic],
        tags={"owner": names.resource_name()},
        namespace=namespace,
        metric_name=metric_name,
        dimensions=dict(dimensions),
        statistic=statistic,
        period=60,
        evaluation_periods=1,
        comparison_operator="GreaterThanThreshold",
        threshold=0,
        # a queue that nothing touched for six hours has no points (Amazon SQS, Monitoring with CloudWatch)
        treat_missing_data="notBreaching",
        opts=pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )
