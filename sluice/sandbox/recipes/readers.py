"""Who reads the published tables: Athena's workgroup and queries, and tables that only these use."""

from sluice.sandbox.recipes.base import Api, Created, Inputs, Recipe, arn, tag_list


def workgroup(inputs: Inputs, api: Api) -> Created:
    inputs.take("forceDestroy", None)  # the engine's own: how it deletes
    name, tags = inputs.take("name"), tag_list(inputs.take_tags())
    words = {
        "publishCloudwatchMetricsEnabled": "publishCloudWatchMetricsEnabled",
        "enforceWorkgroupConfiguration": "enforceWorkGroupConfiguration",
    }
    configuration = {words.get(key, key): value for key, value in inputs.take("configuration").items()}
    result = dict(configuration["resultConfiguration"])
    result["encryptionConfiguration"] = {
        "kmsKey" if key == "kmsKeyArn" else key: value for key, value in result["encryptionConfiguration"].items()
    }
    configuration["resultConfiguration"] = result
    api.call("athena", "CreateWorkGroup", {"name": name, "configuration": configuration, "tags": tags} | inputs.rest())
    return Created(name, {"arn": arn("athena", f"workgroup/{name}")})


def named_query(inputs: Inputs, api: Api) -> Created:
    made = api.call("athena", "CreateNamedQuery", inputs.rest(query="queryString", workgroup="workGroup"))
    return Created(made["NamedQueryId"], {})


def table(inputs: Inputs, api: Api) -> Created:
    database = inputs.take("databaseName")
    wanted = inputs.rest()
    api.call("glue", "CreateTable", {"databaseName": database, "tableInput": renamed(wanted)})
    return Created(f"{database}:{wanted['name']}", {"arn": arn("glue", f"table/{database}/{wanted['name']}")})


def renamed(wanted: dict) -> dict:
    storage = dict(wanted["storageDescriptor"])
    storage["serdeInfo"] = storage.pop("serDeInfo")
    return {**wanted, "storageDescriptor": storage}


RECIPES: dict[str, Recipe] = {
    "aws:athena/workgroup:Workgroup": workgroup,
    "aws:athena/namedQuery:NamedQuery": named_query,
    "aws:glue/catalogTable:CatalogTable": table,
}
