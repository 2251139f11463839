"""Roles, their policies, and keys.

Source: Service Authorization Reference, AWS IAM and AWS KMS; what a refresh calls, hashicorp/terraform-provider-aws,
`internal/service/iam` and `kms`.
"""

from sluice.program.resource_types.base import ResourceType, need_actions, regional_arn, role_pattern

KEY, ALIAS = regional_arn("kms", "key/{id}"), regional_arn("kms", "{name}")
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
        make=(
            need_actions("iam:CreateRole", role_pattern("{name}"), **BOUNDED),
            need_actions("iam:TagRole", role_pattern("{name}")),
        ),
        read=(need_actions(ROLE_READS, role_pattern("{name}")),),
        change=(
            need_actions(ROLE_WRITES, role_pattern("{name}")),
            need_actions("iam:PutRolePermissionsBoundary", role_pattern("{name}"), **BOUNDED),
        ),
        remove=(need_actions("iam:DeleteRole iam:ListInstanceProfilesForRole", role_pattern("{name}")),),
    ),
    "aws:iam/rolePolicy:RolePolicy": ResourceType(
        make=(need_actions("iam:PutRolePolicy", role_pattern("{role}"), **BOUNDED),),
        read=(need_actions("iam:GetRolePolicy", role_pattern("{role}")),),
        change=(need_actions("iam:PutRolePolicy", role_pattern("{role}"), **BOUNDED),),
        remove=(need_actions("iam:DeleteRolePolicy", role_pattern("{role}"), **BOUNDED),),
    ),
    "aws:kms/key:Key": ResourceType(
        # a key that is being made has neither a tag nor an ARN yet (AWS KMS developer guide, Controlling access to tags)
        make=(
            need_actions("kms:CreateKey kms:TagResource", "*", **TAGGING),
            need_actions("kms:EnableKeyRotation", KEY, **TAGGED),
        ),
        read=(need_actions(KEY_READS, KEY, **TAGGED),),
        change=(need_actions(KEY_WRITES, KEY, **TAGGED),),
        remove=(need_actions("kms:ScheduleKeyDeletion", KEY, **TAGGED),),
    ),
    "aws:kms/alias:Alias": ResourceType(
        make=(need_actions("kms:CreateAlias", KEY, **TAGGED), need_actions("kms:CreateAlias", ALIAS)),
        read=(need_actions("kms:ListAliases", "*"),),
        change=(need_actions("kms:UpdateAlias", KEY, **TAGGED), need_actions("kms:UpdateAlias", ALIAS)),
        remove=(need_actions("kms:DeleteAlias", KEY, **TAGGED), need_actions("kms:DeleteAlias", ALIAS)),
    ),
}
