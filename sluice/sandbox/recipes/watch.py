"""What watches the lake: topic, rules, alarms, dashboard, log groups."""

from sluice.sandbox.recipes.base import Api, Created, Inputs, Recipe, arn, tag_list


def topic(inputs: Inputs, api: Api) -> Created:
    name, tags = inputs.take("name"), tag_list(inputs.take_tags())
    attributes = {key[0].upper() + key[1:]: value for key, value in inputs.rest().items()}
    made = api.call("sns", "CreateTopic", {"name": name, "attributes": attributes, "tags": tags})
    return Created(made["TopicArn"], {"arn": made["TopicArn"], "name": name})


def topic_policy(inputs: Inputs, api: Api) -> Created:
    at = inputs.take("arn")
    wanted = {"topicArn": at, "attributeName": "Policy", "attributeValue": inputs.take("policy")}
    api.call("sns", "SetTopicAttributes", wanted)
    return Created(at, {})


def subscription(inputs: Inputs, api: Api) -> Created:
    wanted = inputs.rest(topic="topicArn") | {"returnSubscriptionArn": True}
    made = api.call("sns", "Subscribe", wanted)["SubscriptionArn"]
    return Created(made, {"arn": made})


def metric_alarm(inputs: Inputs, api: Api) -> Created:
    dimensions = [{"name": name, "value": value} for name, value in inputs.take("dimensions", {}).items()]
    tags = tag_list(inputs.take_tags())
    name = inputs.take("name")
    wanted = {"alarmName": name, "dimensions": dimensions, "tags": tags}
    api.call("cloudwatch", "PutMetricAlarm", wanted | inputs.rest())
    return Created(name, {"arn": arn("cloudwatch", f"alarm:{name}")})


def dashboard(inputs: Inputs, api: Api) -> Created:
    wanted = inputs.rest()
    api.call("cloudwatch", "PutDashboard", wanted)
    return Created(wanted["dashboardName"], {})


def rule(inputs: Inputs, api: Api) -> Created:
    inputs.take("forceDestroy", None)  # the engine's own: how it deletes
    name, tags = inputs.take("name"), tag_list(inputs.take_tags())
    made = api.call("events", "PutRule", {"name": name, "tags": tags} | inputs.rest())
    return Created(name, {"arn": made["RuleArn"]})


def target(inputs: Inputs, api: Api) -> Created:
    at = {"rule": inputs.take("rule")}
    if bus := inputs.take("eventBusName", None):
        at["eventBusName"] = bus
    wanted = inputs.rest(targetId="id")
    if transformer := wanted.get("inputTransformer"):
        words = {"inputPaths": "inputPathsMap"}
        wanted["inputTransformer"] = {words.get(name, name): value for name, value in transformer.items()}
    api.call("events", "PutTargets", at | {"targets": [wanted]})
    return Created(f"{at['rule']}-{wanted['id']}", {})


def log_group(inputs: Inputs, api: Api) -> Created:
    inputs.take("skipDestroy", None)  # the engine's own: how it deletes
    days = inputs.take("retentionInDays", 0)
    wanted = inputs.rest(name="logGroupName")
    api.call("logs", "CreateLogGroup", wanted)
    if days:
        api.call("logs", "PutRetentionPolicy", {"logGroupName": wanted["logGroupName"], "retentionInDays": days})
    return Created(wanted["logGroupName"], {"arn": arn("logs", f"log-group:{wanted['logGroupName']}")})


RECIPES: dict[str, Recipe] = {
    "aws:sns/topic:Topic": topic,
    "aws:sns/topicPolicy:TopicPolicy": topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": subscription,
    "aws:cloudwatch/metricAlarm:MetricAlarm": metric_alarm,
    "aws:cloudwatch/dashboard:Dashboard": dashboard,
    "aws:cloudwatch/eventRule:EventRule": rule,
    "aws:cloudwatch/eventTarget:EventTarget": target,
    "aws:cloudwatch/logGroup:LogGroup": log_group,
}
