"""What tells of the stack's runs: topic, rules, alarms, dashboard and log groups.

Source: Service Authorization Reference, Amazon SNS, Amazon EventBridge, Amazon CloudWatch and Amazon CloudWatch Logs. AWS
names the topic's ARN where it refuses a call on a subscription, though the reference has no resource for these.
"""

from components.access.message_policies import SEVERITIES, alarms_topic, messages_topic, topic_arn
from components.access.policy_documents import Statement, allow
from sluice.program.deployer.flow import machine_arns, queue_arns
from sluice.program.deployer.target import DeployTarget

TOPIC_READS = "sns:GetTopicAttributes sns:GetSubscriptionAttributes sns:ListTagsForResource"
TOPIC_WRITES = (
    *("sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:TagResource", "sns:UntagResource"),
    *("sns:Subscribe", "sns:Unsubscribe", "sns:SetSubscriptionAttributes"),
)
LOG_WRITES = (
    *("logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:AssociateKmsKey"),
    *("logs:TagResource", "logs:UntagResource"),
)


def read_statements(target: DeployTarget) -> list[Statement]:
    """Return what reads topics, rules, alarms, dashboard and log groups."""
    return [
        allow("ReadTopics", TOPIC_READS, topic_arns(target)),
        allow(
            "ReadRules", "events:DescribeRule events:ListTargetsByRule events:ListTagsForResource", rules_arn(target)
        ),
        allow("ReadWatch", "cloudwatch:GetDashboard cloudwatch:ListTagsForResource", alarms_and_dashboard(target)),
        allow("ReadLogGroups", "logs:ListTagsForResource", log_groups_arn(target)),
        # these describe the whole account: they take no resource (Service Authorization Reference of each service)
        allow("Describe", "cloudwatch:DescribeAlarms logs:DescribeLogGroups", "*"),
    ]


def write_statements(target: DeployTarget) -> list[Statement]:
    """Rules send only to the stack's own machines and queues, and alarms act only by its topics.

    Else a rule would write into another stack's queue, whose policy cannot tell rules apart, and an alarm would
    stop machines of the account (CloudWatch, Using condition keys to limit alarm actions). A stack of an earlier version
    has rules that send to its topic of alarms, which an upgrade changes.
    """
    endpoints = target.names.arn("events", f"api-destination/{target.names.resource_name('channel', '*')}")
    target_condition = {"events:TargetArn": [*machine_arns(target), *queue_arns(target), endpoints]}
    action_condition = {"cloudwatch:AlarmActions": alarm_topic_arns(target)}
    alarms, dashboard = alarms_and_dashboard(target)
    rule_writes = "events:PutRule events:DeleteRule events:RemoveTargets events:TagResource events:UntagResource"
    return [
        allow("WriteTopics", " ".join(TOPIC_WRITES), topic_arns(target)),
        allow("WriteRules", rule_writes, rules_arn(target)),
        allow("SendToOwnTargets", "events:PutTargets", rules_arn(target), **{"ForAllValues:ArnLike": target_condition}),
        allow("WriteAlarms", "cloudwatch:PutMetricAlarm", alarms, **{"ForAllValues:StringEquals": action_condition}),
        allow("ChangeAlarms", "cloudwatch:DeleteAlarms cloudwatch:TagResource cloudwatch:UntagResource", alarms),
        allow("WriteDashboard", "cloudwatch:PutDashboard cloudwatch:DeleteDashboards", dashboard),
        allow("WriteLogGroups", " ".join(LOG_WRITES), log_groups_arn(target)),
    ]


def topic_arns(target: DeployTarget) -> list[str]:
    """Return the ARNs of the stack's topics: of alarms, and of messages by severity or for one channel."""
    return [*alarm_topic_arns(target), topic_arn(target.names, messages_topic("*"))]


def alarm_topic_arns(target: DeployTarget) -> list[str]:
    """Return the ARNs of the topics that alarms act by."""
    return [topic_arn(target.names, alarms_topic(severity)) for severity in SEVERITIES]


def rules_arn(target: DeployTarget) -> str:
    """Return the ARN pattern of the stack's rules."""
    return target.names.arn("events", f"rule/{target.names.resource_name('*')}")


def alarms_and_dashboard(target: DeployTarget) -> list[str]:
    """The alarms, and the dashboard, which belongs to all regions."""
    names = target.names
    return [
        names.arn("cloudwatch", f"alarm:{names.resource_name('*')}"),
        names.global_arn("cloudwatch", f"dashboard/{names.resource_name()}"),
    ]


def log_groups_arn(target: DeployTarget) -> str:
    """Return the ARN pattern of the stack's log groups."""
    return target.names.arn("logs", f"log-group:{target.names.log_group_prefix}/*")
