"""Who reads the published tables: Athena's workgroup and queries, and tables that only these use."""

from sluice.sandbox.recipes.base import CreatedResource, EmulatorApi, Inputs, Recipe, emulator_arn, tag_list


def create_workgroup(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a workgroup of Athena."""
    inputs.take("forceDestroy", None)  # the engine's own: how it deletes
    name, tags = inputs.take("name"), tag_list(inputs.take_tags())
    api_names = {
        "publishCloudwatchMetricsEnabled": "publishCloudWatchMetricsEnabled",
        "enforceWorkgroupConfiguration": "enforceWorkGroupConfiguration",
    }
    configuration = {api_names.get(key, key): value for key, value in inputs.take("configuration").items()}
    result = dict(configuration["resultConfiguration"])
    result["encryptionConfiguration"] = {
        "kmsKey" if key == "kmsKeyArn" else key: value for key, value in result["encryptionConfiguration"].items()
    }
    configuration["resultConfiguration"] = result
    api.call_operation(
        "athena", "CreateWorkGroup", {"name": name, "configuration": configuration, "tags": tags} | inputs.take_rest()
    )
    return CreatedResource(name, {"arn": emulator_arn("athena", f"workgroup/{name}")})


def create_named_query(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Save a query of Athena."""
    response = api.call_operation(
        "athena", "CreateNamedQuery", inputs.take_rest(query="queryString", workgroup="workGroup")
    )
    return CreatedResource(response["NamedQueryId"], {})


def create_table(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a table of the Data Catalog that shows files as they are."""
    database = inputs.take("databaseName")
    table_input = inputs.take_rest()
    api.call_operation("glue", "CreateTable", {"databaseName": database, "tableInput": rename_serde_info(table_input)})
    return CreatedResource(
        f"{database}:{table_input['name']}", {"arn": emulator_arn("glue", f"table/{database}/{table_input['name']}")}
    )


def rename_serde_info(table_input: dict) -> dict:
    """Return a table's input with `serDeInfo` as the API spells it."""
    storage = dict(table_input["storageDescriptor"])
    storage["serdeInfo"] = storage.pop("serDeInfo")
    return {**table_input, "storageDescriptor": storage}


RECIPES: dict[str, Recipe] = {
    "aws:athena/workgroup:Workgroup": create_workgroup,
    "aws:athena/namedQuery:NamedQuery": create_named_query,
    "aws:glue/catalogTable:CatalogTable": create_table,
}
