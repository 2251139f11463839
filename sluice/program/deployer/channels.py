"""Where the stack is heard: chats, endpoints with the secrets of their connections, and rules that mute alarms.

Source: Service Authorization Reference, AWS Chatbot, Amazon EventBridge and Amazon CloudWatch; AWS managed policy
AmazonEventBridgeFullAccess: whoever makes a connection writes its secret, which is called by the connection.
"""

from components.access.policy_documents import Statement, allow
from sluice.program.deployer.target import DeployTarget

CHATS = ("SlackChannelConfiguration", "MicrosoftTeamsChannelConfiguration")
API_DESTINATIONS = "apidestinations.events.amazonaws.com"


def read_statements(target: DeployTarget) -> list[Statement]:
    """Return what reads channels, and no key of one."""
    connections, destinations = endpoint_arns(target)
    return [
        allow("ReadEndpoints", "events:DescribeConnection events:DescribeApiDestination", [connections, destinations]),
        allow("ReadMutes", "cloudwatch:GetAlarmMuteRule cloudwatch:ListTagsForResource", mute_arn(target)),
        allow("ReadChats", "chatbot:ListTagsForResource", chat_arns(target)),
        # these take no resource (Service Authorization Reference, AWS Chatbot)
        allow(
            "DescribeChats",
            "chatbot:DescribeSlackChannelConfigurations chatbot:ListMicrosoftTeamsChannelConfigurations",
            "*",
        ),
    ]


def write_statements(target: DeployTarget) -> list[Statement]:
    """Return what changes them; the key of an endpoint lies in a secret that is EventBridge's."""
    connections, destinations = endpoint_arns(target)
    names = target.names
    chat_writes = [f"chatbot:{verb}{chat}" for chat in CHATS for verb in ("Update", "Delete")]
    secret_writes = ("CreateSecret", "UpdateSecret", "GetSecretValue", "PutSecretValue", "DeleteSecret")
    linked_role = f"role/aws-service-role/{API_DESTINATIONS}/AWSServiceRoleForAmazonEventBridgeApiDestinations"
    return [
        allow(
            "WriteEndpoints",
            " ".join(
                f"events:{verb}{kind}"
                for kind in ("Connection", "ApiDestination")
                for verb in ("Create", "Update", "Delete")
            ),
            [connections, destinations],
        ),
        allow(
            "WriteKeysOfEndpoints",
            " ".join(f"secretsmanager:{action}" for action in secret_writes),
            names.arn("secretsmanager", f"secret:events!connection/{names.resource_name('channel', '*')}"),
        ),
        allow(
            "MakeRoleOfEndpoints",
            "iam:CreateServiceLinkedRole",
            names.global_arn("iam", linked_role),
            StringEquals={"iam:AWSServiceName": API_DESTINATIONS},
        ),
        allow(
            "MuteAlarms",
            "cloudwatch:PutAlarmMuteRule cloudwatch:DeleteAlarmMuteRule cloudwatch:TagResource cloudwatch:UntagResource",
            [mute_arn(target), names.arn("cloudwatch", f"alarm:{names.resource_name('*')}")],
        ),
        # a chat that is being made has no name yet (Service Authorization Reference, AWS Chatbot); its role is checked
        allow("MakeChats", " ".join(f"chatbot:Create{chat}" for chat in CHATS), "*"),
        allow(
            "WriteChats", " ".join((*chat_writes, "chatbot:TagResource", "chatbot:UntagResource")), chat_arns(target)
        ),
    ]


def endpoint_arns(target: DeployTarget) -> list[str]:
    """Return the ARN patterns of the stack's connections and endpoints; AWS ends each with an id."""
    name = target.names.resource_name("channel", "*")
    return [target.names.arn("events", f"{kind}/{name}") for kind in ("connection", "api-destination")]


def mute_arn(target: DeployTarget) -> str:
    """Return the ARN pattern of the rules that mute the stack's alarms."""
    return target.names.arn("cloudwatch", f"alarm-mute-rule:{target.names.resource_name('*')}")


def chat_arns(target: DeployTarget) -> list[str]:
    """Return the ARN patterns of the stack's chats, which belong to all regions."""
    own_names = target.names.resource_name("*")
    kinds = ("slack-channel", "microsoft-teams-channel")
    return [target.names.global_arn("chatbot", f"chat-configuration/{kind}/{own_names}") for kind in kinds]
