"""What tells of a run: the topic, rules, alarms, the dashboard and log groups.

Source: Service Authorization Reference, Amazon SNS, Amazon EventBridge, Amazon CloudWatch and Amazon CloudWatch Logs; what a
refresh calls, hashicorp/terraform-provider-aws, `internal/service/sns`, `events`, `cloudwatch` and `logs`.
"""

from sluice.program.resource_types.base import ResourceType, need, regional, setting

TOPIC, RULE, ALARM = (
    regional("sns", "{name}"),
    regional("events", "rule/{name}"),
    regional("cloudwatch", "alarm:{name}"),
)
SUBSCRIBED, RULED = regional("sns", "{topic}"), regional("events", "rule/{rule}")
GROUP = regional("logs", "log-group:{name}")
DASHBOARD = "arn:{partition}:cloudwatch::{account}:dashboard/{dashboardName}"
SENT, ACTED = {"events__TargetArn": "{sends_to}"}, {"cloudwatch__AlarmActions": "{sends_to}"}
TYPES = {
    "aws:sns/topic:Topic": ResourceType(
        make=(need("sns:CreateTopic sns:SetTopicAttributes sns:TagResource", TOPIC),),
        read=(need("sns:GetTopicAttributes sns:ListTagsForResource", TOPIC),),
        change=(need("sns:SetTopicAttributes sns:TagResource sns:UntagResource", TOPIC),),
        remove=(need("sns:DeleteTopic", TOPIC),),
    ),
    "aws:sns/topicPolicy:TopicPolicy": setting(
        regional("sns", "{attached}"), "sns:GetTopicAttributes", "sns:SetTopicAttributes"
    ),
    # AWS refuses a call on a subscription by the ARN of its topic, though the reference names no resource
    "aws:sns/topicSubscription:TopicSubscription": ResourceType(
        make=(need("sns:Subscribe", SUBSCRIBED),),
        read=(need("sns:GetSubscriptionAttributes", SUBSCRIBED),),
        change=(need("sns:SetSubscriptionAttributes", SUBSCRIBED),),
        remove=(need("sns:Unsubscribe", SUBSCRIBED),),
    ),
    "aws:cloudwatch/logGroup:LogGroup": ResourceType(
        make=(need("logs:CreateLogGroup logs:PutRetentionPolicy logs:TagResource", GROUP),),
        read=(need("logs:DescribeLogGroups", "*"), need("logs:ListTagsForResource", GROUP)),
        change=(need("logs:PutRetentionPolicy logs:AssociateKmsKey logs:TagResource logs:UntagResource", GROUP),),
        remove=(need("logs:DeleteLogGroup", GROUP),),
    ),
    "aws:cloudwatch/eventRule:EventRule": ResourceType(
        make=(need("events:PutRule events:TagResource", RULE),),
        read=(need("events:DescribeRule events:ListTagsForResource", RULE),),
        change=(need("events:PutRule events:TagResource events:UntagResource", RULE),),
        remove=(need("events:DeleteRule", RULE),),
    ),
    "aws:cloudwatch/eventTarget:EventTarget": ResourceType(
        make=(need("events:PutTargets", RULED, **SENT),),
        read=(need("events:ListTargetsByRule", RULED),),
        change=(need("events:PutTargets", RULED, **SENT),),
        remove=(need("events:RemoveTargets", RULED),),
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ResourceType(
        make=(need("cloudwatch:PutMetricAlarm", ALARM, **ACTED), need("cloudwatch:TagResource", ALARM)),
        read=(need("cloudwatch:DescribeAlarms", "*"), need("cloudwatch:ListTagsForResource", ALARM)),
        change=(
            need("cloudwatch:PutMetricAlarm", ALARM, **ACTED),
            need("cloudwatch:TagResource cloudwatch:UntagResource", ALARM),
        ),
        remove=(need("cloudwatch:DeleteAlarms", ALARM),),
    ),
    "aws:cloudwatch/dashboard:Dashboard": setting(
        DASHBOARD, "cloudwatch:GetDashboard", "cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards"
    ),
}
