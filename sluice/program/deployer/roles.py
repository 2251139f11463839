"""The stack's own roles, all of which stay within the stack's permissions boundary.

Source: Service Authorization Reference, AWS IAM; AWS IAM user guide, Permissions boundaries, Delegating responsibility.
A trust is changed without that condition, on which AWS's pages disagree: it opens what the boundary leaves and no more.
"""

from components.access.policy_documents import Statement, allow, deny
from sluice.program.deployer.target import DeployTarget

SERVICES = ("glue", "states", "scheduler")
ROLES_OF_RULES = (("watch", "events"), ("endpoints", "events"))
"""The last parts of the names of roles that rules take."""
BOUNDED_WRITES = (
    *("iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:AttachRolePolicy", "iam:DetachRolePolicy"),
    "iam:PutRolePermissionsBoundary",
)
POLICY_WRITES = (
    *("iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion"),
    *("iam:SetDefaultPolicyVersion", "iam:TagPolicy", "iam:UntagPolicy"),
)


def read_statements(target: DeployTarget) -> list[Statement]:
    """Return what reads the stack's roles and their policies."""
    reads = (
        *("iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"),
        *("iam:ListInstanceProfilesForRole", "iam:ListRoleTags"),
    )
    return [allow("ReadRoles", " ".join(reads), target.names.role_arn("*"))]


def write_statements(target: DeployTarget) -> list[Statement]:
    """What gives a role more counts only under the boundary; nobody takes the boundary away, or changes what it says."""
    roles, boundary = target.names.role_arn("*"), target.names.boundary_arn
    boundary_condition = {"iam:PermissionsBoundary": boundary}
    other_writes = (
        *("iam:UpdateRole", "iam:UpdateRoleDescription", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole"),
        *("iam:TagRole", "iam:UntagRole"),
    )
    services = [f"{service}.amazonaws.com" for service in SERVICES]
    return [
        allow("WriteRolesWithinBoundary", " ".join(BOUNDED_WRITES), roles, StringEquals=boundary_condition),
        allow("WriteRoles", " ".join(other_writes), roles),
        allow("PassRoles", "iam:PassRole", roles, StringEquals={"iam:PassedToService": services}),
        # a rule's target may be given no role but those that are made for rules
        allow(
            "PassRolesOfRules",
            "iam:PassRole",
            [target.names.role_arn(*role) for role in ROLES_OF_RULES],
            StringEquals={"iam:PassedToService": "events.amazonaws.com"},
        ),
        allow(
            "PassRoleOfChats",
            "iam:PassRole",
            target.names.role_arn("chat"),
            StringEquals={"iam:PassedToService": "chatbot.amazonaws.com"},
        ),
        deny("KeepBoundary", "iam:DeleteRolePermissionsBoundary", "*"),
        deny("LeaveBoundaryAsItIs", " ".join(POLICY_WRITES), boundary),
    ]
