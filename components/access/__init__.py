"""Who may do what: policy documents as pure functions of names, and the roles that carry them.

Hides the form of IAM's documents, and which actions each part of the pipeline needs.
"""

__all__ = [
    "channel_policies",
    "flow_policies",
    "forget_policy",
    "maintenance_policy",
    "message_policies",
    "policy_documents",
    "resource_policies",
    "role",
]
