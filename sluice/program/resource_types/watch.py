"""What tells of a run: the topic, rules, alarms, the dashboard and log groups.

Source: Service Authorization Reference, Amazon SNS, Amazon EventBridge, Amazon CloudWatch and Amazon CloudWatch Logs; what a
refresh calls, hashicorp/terraform-provider-aws, `internal/service/sns`, `events`, `cloudwatch` and `logs`.
"""

from sluice.program.resource_types.base import ResourceType, need_actions, need_pass_role, regional_arn, setting_type

TOPIC, RULE, ALARM = (
    regional_arn("sns", "{name}"),
    regional_arn("events", "rule/{name}"),
    regional_arn("cloudwatch", "alarm:{name}"),
)
SUBSCRIBED, RULED = regional_arn("sns", "{topic}"), regional_arn("events", "rule/{rule}")
GROUP = regional_arn("logs", "log-group:{name}")
DASHBOARD = "arn:{partition}:cloudwatch::{account}:dashboard/{dashboardName}"

SENT, ACTED = {"events__TargetArn": "{sends_to}"}, {"cloudwatch__AlarmActions": "{sends_to}"}
TYPES = {
    "aws:sns/topic:Topic": ResourceType(
        make=(need_actions("sns:CreateTopic sns:SetTopicAttributes sns:TagResource", TOPIC),),
        read=(need_actions("sns:GetTopicAttributes sns:ListTagsForResource", TOPIC),),
        change=(need_actions("sns:SetTopicAttributes sns:TagResource sns:UntagResource", TOPIC),),
        remove=(need_actions("sns:DeleteTopic", TOPIC),),
    ),
    "aws:sns/topicPolicy:TopicPolicy": setting_type(
        regional_arn("sns", "{attached}"), "sns:GetTopicAttributes", "sns:SetTopicAttributes"
    ),
    # AWS refuses a call on a subscription by the ARN of its topic, though the reference names no resource
    "aws:sns/topicSubscription:TopicSubscription": ResourceType(
        make=(need_actions("sns:Subscribe", SUBSCRIBED),),
        read=(need_actions("sns:GetSubscriptionAttributes", SUBSCRIBED),),
        change=(need_actions("sns:SetSubscriptionAttributes", SUBSCRIBED),),
        remove=(need_actions("sns:Unsubscribe", SUBSCRIBED),),
    ),
    "aws:cloudwatch/logGroup:LogGroup": ResourceType(
        make=(need_actions("logs:CreateLogGroup logs:PutRetentionPolicy logs:TagResource", GROUP),),
        read=(need_actions("logs:DescribeLogGroups", "*"), need_actions("logs:ListTagsForResource", GROUP)),
        change=(
            need_actions("logs:PutRetentionPolicy logs:AssociateKmsKey logs:TagResource logs:UntagResource", GROUP),
        ),
        remove=(need_actions("logs:DeleteLogGroup", GROUP),),
    ),
    "aws:cloudwatch/eventRule:EventRule": ResourceType(
        make=(need_actions("events:PutRule events:TagResource", RULE),),
        read=(need_actions("events:DescribeRule events:ListTagsForResource", RULE),),
        change=(need_actions("events:PutRule events:TagResource events:UntagResource", RULE),),
        remove=(need_actions("events:DeleteRule", RULE),),
    ),
    "aws:cloudwatch/eventTarget:EventTarget": ResourceType(
        make=(need_actions("events:PutTargets", RULED, **SENT), need_pass_role("roleArn", "events")),
        read=(need_actions("events:ListTargetsByRule", RULED),),
        change=(need_actions("events:PutTargets", RULED, **SENT), need_pass_role("roleArn", "events")),
        remove=(need_actions("events:RemoveTargets", RULED),),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ResourceType(
        make=(need_actions("cloudwatch:PutMetricAlarm", ALARM, **ACTED), need_actions("cloudwatch:TagResource", ALARM)),
        read=(need_actions("cloudwatch:DescribeAlarms", "*"), need_actions("cloudwatch:ListTagsForResource", ALARM)),
        change=(
            need_actions("cloudwatch:PutMetricAlarm", ALARM, **ACTED),
            need_actions("cloudwatch:TagResource cloudwatch:UntagResource", ALARM),
        ),
        remove=(need_actions("cloudwatch:DeleteAlarms", ALARM),),
    ),
    "aws:cloudwatch/dashboard:Dashboard": setting_type(
        DASHBOARD, "cloudwatch:GetDashboard", "cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards"
    ),
}
