"""Roles, their policies, and keys."""

from sluice.sandbox.recipes.base import CreatedResource, EmulatorApi, Inputs, Recipe, tag_list


def create_role(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a role; its id is its name."""
    tags = tag_list(inputs.take_tags())
    members = inputs.take_rest(name="roleName", assumeRolePolicy="assumeRolePolicyDocument")
    response = api.call_operation("iam", "CreateRole", members | {"tags": tags})["Role"]
    return CreatedResource(response["RoleName"], {"arn": response["Arn"], "uniqueId": response["RoleId"]})


def put_role_policy(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Put an inline policy on a role."""
    members = inputs.take_rest(role="roleName", name="policyName", policy="policyDocument")
    api.call_operation("iam", "PutRolePolicy", members)
    return CreatedResource(f"{members['roleName']}:{members['policyName']}", {})


def create_key(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a key, and rotate it where the program says so."""
    is_rotated = inputs.take("enableKeyRotation", False)
    inputs.take("deletionWindowInDays", None)  # the engine's own: how it deletes
    tags = [{"tagKey": name, "tagValue": value} for name, value in inputs.take_tags().items()]
    members = inputs.take_rest(customerMasterKeySpec="keySpec") | {"tags": tags}
    response = api.call_operation("kms", "CreateKey", members)["KeyMetadata"]
    if is_rotated:
        api.call_operation("kms", "EnableKeyRotation", {"keyId": response["KeyId"]})
    return CreatedResource(response["KeyId"], {"keyId": response["KeyId"], "arn": response["Arn"]})


def create_alias(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create an alias of a key."""
    members = inputs.take_rest(name="aliasName")
    api.call_operation("kms", "CreateAlias", members)
    target = api.call_operation("kms", "DescribeKey", {"keyId": members["targetKeyId"]})["KeyMetadata"]
    arn_prefix = target["Arn"].rsplit(":", 1)[0]
    return CreatedResource(
        members["aliasName"], {"arn": f"{arn_prefix}:{members['aliasName']}", "targetKeyArn": target["Arn"]}
    )


RECIPES: dict[str, Recipe] = {
    "aws:iam/role:Role": create_role,
    "aws:iam/rolePolicy:RolePolicy": put_role_policy,
    "aws:kms/key:Key": create_key,
    "aws:kms/alias:Alias": create_alias,
}
