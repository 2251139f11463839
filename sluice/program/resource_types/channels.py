"""Where the stack is heard: chats, endpoints with their keys, and alarms that are muted.

Source: Service Authorization Reference, AWS Chatbot, Amazon EventBridge, Amazon CloudWatch; Amazon CloudWatch API reference,
PutAlarmMuteRule (on the rule and on each alarm); AWS managed policy AmazonEventBridgeFullAccess (what a connection's caller
does with its secret); what a refresh calls, hashicorp/terraform-provider-aws, `internal/service/chatbot`, `events` and
`cloudwatch`.
"""

from sluice.program.resource_types.base import Need, ResourceType, need_actions, need_pass_role, regional_arn

CHAT = "arn:{{partition}}:chatbot::{{account}}:chat-configuration/{kind}-channel/{{configurationName}}"
CONNECTION = regional_arn("events", "connection/{name}/*")
DESTINATION = regional_arn("events", "api-destination/{name}/*")
SECRET = regional_arn("secretsmanager", "secret:events!connection/{name}/*")
MUTE_RULE, MUTED = regional_arn("cloudwatch", "alarm-mute-rule:{name}"), regional_arn("cloudwatch", "alarm:{of}-*")
KEY_WRITES = " ".join(
    f"secretsmanager:{verb}" for verb in ("CreateSecret", "UpdateSecret", "GetSecretValue", "PutSecretValue")
)


def chat_type(kind: str, resource: str) -> ResourceType:
    """Return the row of a chat's configurations; making and describing them takes no resource."""
    arn = CHAT.format(kind=kind)
    verbs = f"chatbot:Update{resource} chatbot:TagResource chatbot:UntagResource"
    return ResourceType(
        make=(
            need_actions(f"chatbot:Create{resource}", "*"),
            need_actions("chatbot:TagResource", arn),
            need_pass_role("iamRoleArn", "chatbot"),
        ),
        read=(
            need_actions(f"chatbot:{'List' if kind == 'microsoft-teams' else 'Describe'}{resource}s", "*"),
            need_actions("chatbot:ListTagsForResource", arn),
        ),
        change=(need_actions(verbs, arn), need_pass_role("iamRoleArn", "chatbot")),
        remove=(need_actions(f"chatbot:Delete{resource}", arn),),
    )


def mute_writes(actions: str) -> tuple[Need, ...]:
    """The rule itself, and each alarm that it mutes."""
    return (need_actions(actions, MUTE_RULE), need_actions("cloudwatch:PutAlarmMuteRule", MUTED))


TYPES = {
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": chat_type("slack", "SlackChannelConfiguration"),
    "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration": chat_type(
        "microsoft-teams", "MicrosoftTeamsChannelConfiguration"
    ),
    "aws:cloudwatch/eventConnection:EventConnection": ResourceType(
        make=(
            need_actions("events:CreateConnection", CONNECTION),
            need_actions(KEY_WRITES, SECRET),
        ),
        read=(need_actions("events:DescribeConnection", CONNECTION),),
        change=(need_actions("events:UpdateConnection", CONNECTION), need_actions(KEY_WRITES, SECRET)),
        remove=(
            need_actions("events:DeleteConnection", CONNECTION),
            need_actions("secretsmanager:DeleteSecret", SECRET),
        ),
    ),
    "aws:cloudwatch/eventApiDestination:EventApiDestination": ResourceType(
        make=(need_actions("events:CreateApiDestination", DESTINATION),),
        read=(need_actions("events:DescribeApiDestination", DESTINATION),),
        change=(need_actions("events:UpdateApiDestination", DESTINATION),),
        remove=(need_actions("events:DeleteApiDestination", DESTINATION),),
    ),
    "aws:cloudwatch/alarmMuteRule:AlarmMuteRule": ResourceType(
        make=(*mute_writes("cloudwatch:PutAlarmMuteRule"), need_actions("cloudwatch:TagResource", MUTE_RULE)),
        read=(need_actions("cloudwatch:GetAlarmMuteRule cloudwatch:ListTagsForResource", MUTE_RULE),),
        change=(
            *mute_writes("cloudwatch:PutAlarmMuteRule"),
            need_actions("cloudwatch:TagResource cloudwatch:UntagResource", MUTE_RULE),
        ),
        remove=(need_actions("cloudwatch:DeleteAlarmMuteRule", MUTE_RULE),),
    ),
}
