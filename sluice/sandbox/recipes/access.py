"""Roles, their policies, and keys."""

from sluice.sandbox.recipes.base import Api, Created, Inputs, Recipe, tag_list


def role(inputs: Inputs, api: Api) -> Created:
    tags = tag_list(inputs.take_tags())
    wanted = inputs.rest(name="roleName", assumeRolePolicy="assumeRolePolicyDocument")
    made = api.call("iam", "CreateRole", wanted | {"tags": tags})["Role"]
    return Created(made["RoleName"], {"arn": made["Arn"], "uniqueId": made["RoleId"]})


def role_policy(inputs: Inputs, api: Api) -> Created:
    wanted = inputs.rest(role="roleName", name="policyName", policy="policyDocument")
    api.call("iam", "PutRolePolicy", wanted)
    return Created(f"{wanted['roleName']}:{wanted['policyName']}", {})


def key(inputs: Inputs, api: Api) -> Created:
    rotated = inputs.take("enableKeyRotation", False)
    inputs.take("deletionWindowInDays", None)  # the engine's own: how it deletes
    tags = [{"tagKey": name, "tagValue": value} for name, value in inputs.take_tags().items()]
    wanted = inputs.rest(customerMasterKeySpec="keySpec") | {"tags": tags}
    made = api.call("kms", "CreateKey", wanted)["KeyMetadata"]
    if rotated:
        api.call("kms", "EnableKeyRotation", {"keyId": made["KeyId"]})
    return Created(made["KeyId"], {"keyId": made["KeyId"], "arn": made["Arn"]})


def alias(inputs: Inputs, api: Api) -> Created:
    wanted = inputs.rest(name="aliasName")
    api.call("kms", "CreateAlias", wanted)
    target = api.call("kms", "DescribeKey", {"keyId": wanted["targetKeyId"]})["KeyMetadata"]
    at = target["Arn"].rsplit(":", 1)[0]
    return Created(wanted["aliasName"], {"arn": f"{at}:{wanted['aliasName']}", "targetKeyArn": target["Arn"]})


RECIPES: dict[str, Recipe] = {
    "aws:iam/role:Role": role,
    "aws:iam/rolePolicy:RolePolicy": role_policy,
    "aws:kms/key:Key": key,
    "aws:kms/alias:Alias": alias,
}
