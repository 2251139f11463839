"""Where people and services are: chat channels, endpoints that a rule calls, and alarms that are muted."""

from sluice.sandbox.recipes.base import CreatedResource, EmulatorApi, Inputs, Recipe, emulator_arn

CHAT_ENDPOINT = "https://global.sns-api.chatbot.amazonaws.com"
"""What AWS's chat integration subscribes to a topic; the emulator's mailbox takes a channel's name from the fragment."""


def create_chat_channel(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Subscribe a chat channel to its topics, as AWS's chat integration does; there is no chat, only the mailbox."""
    name = inputs.take("configurationName")
    for topic in inputs.take("snsTopicArns", []):
        members = {"topicArn": topic, "protocol": "https", "endpoint": f"{CHAT_ENDPOINT}#{name}"}
        api.call_operation("sns", "Subscribe", members)
    inputs.take_tags()
    inputs.take_rest()  # workspace, channel, role and guardrail are for a chat that is not there
    return CreatedResource(name, {"chatConfigurationArn": emulator_arn("chatbot", f"chat-configuration/{name}")})


def create_connection(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a connection, which holds the key of an endpoint."""
    parameters = inputs.take("authParameters")
    key, name = parameters["apiKey"], inputs.take("name")
    members = inputs.take_rest() | {
        "name": name,
        "authParameters": {"apiKeyAuthParameters": {"apiKeyName": key["key"], "apiKeyValue": key["value"]}},
    }
    arn = api.call_operation("events", "CreateConnection", members)["ConnectionArn"]
    return CreatedResource(name, {"arn": arn, "secretArn": emulator_arn("secretsmanager", f"secret:{name}")})


def create_destination(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create an endpoint that a rule may call."""
    members = inputs.take_rest()
    arn = api.call_operation("events", "CreateApiDestination", members)["ApiDestinationArn"]
    return CreatedResource(members["name"], {"arn": arn})


def mute_alarms(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Mute nothing: the emulator's CloudWatch has no such rules, so alarms of a muted dataset go on there."""
    inputs.take_tags()
    name = inputs.take_rest()["name"]
    return CreatedResource(name, {"arn": emulator_arn("cloudwatch", f"alarm-mute-rule:{name}")})


RECIPES: dict[str, Recipe] = {
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": create_chat_channel,
    "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": create_chat_channel,
    "aws:cloudwatch/eventConnection:EventConnection": create_connection,
    "aws:cloudwatch/eventApiDestination:EventApiDestination": create_destination,
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": mute_alarms,
}
