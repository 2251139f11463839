"""Roles, their policies, and keys.

Source: Service Authorization Reference, AWS IAM and AWS KMS; what a refresh calls, hashicorp/terraform-provider-aws,
`internal/service/iam` and `kms`.
"""

from sluice.program.resource_types.base import ResourceType, need, regional, role

KEY, ALIAS = regional("kms", "key/{id}"), regional("kms", "{name}")
TAGGED = {"aws__ResourceTag/stack": "{stack}"}
TAGGING = {"aws__RequestTag/stack": "{stack}"}
BOUNDED = {"iam__PermissionsBoundary": "{boundary}"}
ROLE_READS = "iam:GetRole iam:ListRoleTags iam:ListRolePolicies iam:GetRolePolicy iam:ListAttachedRolePolicies"
ROLE_WRITES = "iam:UpdateRole iam:UpdateRoleDescription iam:UpdateAssumeRolePolicy iam:TagRole iam:UntagRole"
KEY_READS = "kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags"
KEY_WRITES = (
    "kms:PutKeyPolicy kms:EnableKeyRotation kms:DisableKeyRotation kms:UpdateKeyDescription kms:EnableKey"
    " kms:TagResource kms:UntagResource"
)
TYPES = {
    "aws:iam/role:Role": ResourceType(
        make=(need("iam:CreateRole", role("{name}"), **BOUNDED), need("iam:TagRole", role("{name}"))),
        read=(need(ROLE_READS, role("{name}")),),
        change=(need(ROLE_WRITES, role("{name}")), need("iam:PutRolePermissionsBoundary", role("{name}"), **BOUNDED)),
        remove=(need("iam:DeleteRole iam:ListInstanceProfilesForRole", role("{name}")),),
    ),
    "aws:iam/rolePolicy:RolePolicy": ResourceType(
        make=(need("iam:PutRolePolicy", role("{role}"), **BOUNDED),),
        read=(need("iam:GetRolePolicy", role("{role}")),),
        change=(need("iam:PutRolePolicy", role("{role}"), **BOUNDED),),
        remove=(need("iam:DeleteRolePolicy", role("{role}"), **BOUNDED),),
    ),
    "aws:kms/key:Key": ResourceType(
        # a key that is being made has neither a tag nor an ARN yet (AWS KMS developer guide, Controlling access to tags)
        make=(need("kms:CreateKey kms:TagResource", "*", **TAGGING), need("kms:EnableKeyRotation", KEY, **TAGGED)),
        read=(need(KEY_READS, KEY, **TAGGED),),
        change=(need(KEY_WRITES, KEY, **TAGGED),),
        remove=(need("kms:ScheduleKeyDeletion", KEY, **TAGGED),),
    ),
    "aws:kms/alias:Alias": ResourceType(
        make=(need("kms:CreateAlias", KEY, **TAGGED), need("kms:CreateAlias", ALIAS)),
        read=(need("kms:ListAliases", "*"),),
        change=(need("kms:UpdateAlias", KEY, **TAGGED), need("kms:UpdateAlias", ALIAS)),
        remove=(need("kms:DeleteAlias", KEY, **TAGGED), need("kms:DeleteAlias", ALIAS)),
    ),
}
