"""Roles, their policies, and keys.

Source: Service Authorization Reference, AWS IAM and AWS KMS.
"""

from sandbox.resource_types.base import ResourceType, need, regional, role

KEY = regional("kms", "key/{id}")
TYPES = {
    "aws:iam/role:Role": ResourceType(make=(need("iam:CreateRole iam:TagRole", role("{name}")),)),
    "aws:iam/rolePolicy:RolePolicy": ResourceType(make=(need("iam:PutRolePolicy", role("{role}")),)),
    "aws:kms/key:Key": ResourceType(
        make=(need("kms:CreateKey", "*"), need("kms:EnableKeyRotation kms:TagResource", KEY))
    ),
    "aws:kms/alias:Alias": ResourceType(
        make=(need("kms:CreateAlias", KEY), need("kms:CreateAlias", regional("kms", "{name}")))
    ),
}
