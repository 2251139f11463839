"""Who may do what where channels are: the chat that shows CloudWatch, and rules that call endpoints."""

from components.access.flow_policies import trust_policy
from components.access.policy_documents import Document, allow, policy_document
from components.names import Names

__all__ = ["chat_policy", "chat_trust", "endpoint_policy", "trust_policy"]

CHAT = "chatbot.amazonaws.com"
CHAT_READS = "cloudwatch:DescribeAlarms cloudwatch:GetMetricData cloudwatch:GetMetricStatistics cloudwatch:ListMetrics"


def chat_trust() -> Document:
    """The chat takes the role; AWS documents no condition key that it sends (AWS Chatbot administrator guide, IAM)."""
    trusted = allow("ChatOfThisAccount", "sts:AssumeRole", "*")
    del trusted["Resource"]  # a trust policy has none
    return policy_document(trusted | {"Principal": {"Service": CHAT}})


def chat_policy() -> Document:
    """Read metrics and alarms, which have no resource in these calls (Service Authorization Reference, Amazon CloudWatch)."""
    return policy_document(allow("ReadCloudWatch", CHAT_READS, "*"))


def endpoint_policy(names: Names) -> Document:
    """What a rule's role may do: call the stack's endpoints; the last part of an endpoint's ARN is AWS's own id."""
    endpoints = names.arn("events", f"api-destination/{names.resource_name('channel', '*')}/*")
    return policy_document(allow("CallEndpoints", "events:InvokeApiDestination", endpoints))
