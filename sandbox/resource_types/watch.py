"""What tells of a run: the topic, rules, alarms, the dashboard and log groups.

Source: Service Authorization Reference, Amazon SNS, Amazon EventBridge, Amazon CloudWatch and Amazon CloudWatch Logs.
"""

from sandbox.resource_types.base import ResourceType, need, regional

TYPES = {
    "aws:sns/topic:Topic": ResourceType(make=(need("sns:CreateTopic", regional("sns", "{name}")),)),
    "aws:sns/topicPolicy:TopicPolicy": ResourceType(
        make=(need("sns:SetTopicAttributes", regional("sns", "{attached}")),)
    ),
    "aws:sns/topicSubscription:TopicSubscription": ResourceType(
        make=(need("sns:Subscribe", regional("sns", "{topic}")),)
    ),
    "aws:cloudwatch/logGroup:LogGroup": ResourceType(
        make=(need("logs:CreateLogGroup", regional("logs", "log-group:{name}")),)
    ),
    "aws:cloudwatch/eventRule:EventRule": ResourceType(
        make=(need("events:PutRule", regional("events", "rule/{name}")),)
    ),
    "aws:cloudwatch/eventTarget:EventTarget": ResourceType(
        make=(need("events:PutTargets", regional("events", "rule/{rule}")),)
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ResourceType(
        make=(need("cloudwatch:PutMetricAlarm", regional("cloudwatch", "alarm:{name}")),)
    ),
    "aws:cloudwatch/dashboard:Dashboard": ResourceType(
        make=(need("cloudwatch:PutDashboard", "arn:{partition}:cloudwatch::{account}:dashboard/{dashboardName}"),)
    ),
}
