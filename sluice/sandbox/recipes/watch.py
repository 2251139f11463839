"""What watches the lake: topic, rules, alarms, dashboard, log groups."""

from sluice.sandbox.recipes.base import CreatedResource, EmulatorApi, Inputs, Recipe, emulator_arn, tag_list


def create_topic(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a topic; its id is its ARN."""
    name, tags = inputs.take("name"), tag_list(inputs.take_tags())
    attributes = {key[0].upper() + key[1:]: value for key, value in inputs.take_rest().items()}
    response = api.call_operation("sns", "CreateTopic", {"name": name, "attributes": attributes, "tags": tags})
    return CreatedResource(response["TopicArn"], {"arn": response["TopicArn"], "name": name})


def set_topic_policy(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Set the policy of a topic."""
    topic_arn = inputs.take("arn")
    members = {"topicArn": topic_arn, "attributeName": "Policy", "attributeValue": inputs.take("policy")}
    api.call_operation("sns", "SetTopicAttributes", members)
    return CreatedResource(topic_arn, {})


def create_subscription(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Subscribe an endpoint to a topic."""
    inputs.take("endpointAutoConfirms", False)  # the engine's own: it waits for the confirmation
    policy = inputs.take("filterPolicy", None)
    attributes = {"FilterPolicy": policy} if policy else {}
    members = inputs.take_rest(topic="topicArn") | {"returnSubscriptionArn": True, "attributes": attributes}
    subscription_arn = api.call_operation("sns", "Subscribe", members)["SubscriptionArn"]
    return CreatedResource(subscription_arn, {"arn": subscription_arn})


def put_metric_alarm(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Put an alarm on a metric."""
    dimensions = [{"name": name, "value": value} for name, value in inputs.take("dimensions", {}).items()]
    tags = tag_list(inputs.take_tags())
    name = inputs.take("name")
    members = {"alarmName": name, "dimensions": dimensions, "tags": tags}
    api.call_operation("cloudwatch", "PutMetricAlarm", members | inputs.take_rest())
    return CreatedResource(name, {"arn": emulator_arn("cloudwatch", f"alarm:{name}")})


def put_dashboard(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Put a dashboard."""
    members = inputs.take_rest()
    api.call_operation("cloudwatch", "PutDashboard", members)
    return CreatedResource(members["dashboardName"], {})


def put_rule(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Put a rule of EventBridge."""
    inputs.take("forceDestroy", None)  # the engine's own: how it deletes
    name, tags = inputs.take("name"), tag_list(inputs.take_tags())
    response = api.call_operation("events", "PutRule", {"name": name, "tags": tags} | inputs.take_rest())
    return CreatedResource(name, {"arn": response["RuleArn"]})


def put_target(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Put a target of a rule."""
    rule_members = {"rule": inputs.take("rule")}
    if bus := inputs.take("eventBusName", None):
        rule_members["eventBusName"] = bus
    target_members = inputs.take_rest(targetId="id")
    if transformer := target_members.get("inputTransformer"):
        api_names = {"inputPaths": "inputPathsMap"}
        target_members["inputTransformer"] = {api_names.get(name, name): value for name, value in transformer.items()}
    api.call_operation("events", "PutTargets", rule_members | {"targets": [target_members]})
    return CreatedResource(f"{rule_members['rule']}-{target_members['id']}", {})


def create_log_group(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a log group, and set how long it keeps its events."""
    inputs.take("skipDestroy", None)  # the engine's own: how it deletes
    days = inputs.take("retentionInDays", 0)
    members = inputs.take_rest(name="logGroupName")
    api.call_operation("logs", "CreateLogGroup", members)
    if days:
        api.call_operation(
            "logs", "PutRetentionPolicy", {"logGroupName": members["logGroupName"], "retentionInDays": days}
        )
    return CreatedResource(
        members["logGroupName"], {"arn": emulator_arn("logs", f"log-group:{members['logGroupName']}")}
    )


RECIPES: dict[str, Recipe] = {
    "aws:sns/topic:Topic": create_topic,
    "aws:sns/topicPolicy:TopicPolicy": set_topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": create_subscription,
    "aws:cloudwatch/metricAlarm:MetricAlarm": put_metric_alarm,
    "aws:cloudwatch/dashboard:Dashboard": put_dashboard,
    "aws:cloudwatch/eventRule:EventRule": put_rule,
    "aws:cloudwatch/eventTarget:EventTarget": put_target,
    "aws:cloudwatch/logGroup:LogGroup": create_log_group,
}
