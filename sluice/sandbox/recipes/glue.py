"""The catalog, crawlers, jobs and their triggers."""

from sluice.sandbox.recipes.base import CreatedResource, EmulatorApi, Inputs, Recipe, emulator_arn


def create_database(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a database of the Data Catalog."""
    name, tags = inputs.take("name"), inputs.take_tags()
    api.call_operation("glue", "CreateDatabase", {"databaseInput": {"name": name} | inputs.take_rest(), "tags": tags})
    return CreatedResource(name, {"arn": emulator_arn("glue", f"database/{name}")})


def create_crawler(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a crawler."""
    name, targets = inputs.take("name"), {"s3Targets": inputs.take("s3Targets", [])}
    members = inputs.take_rest(securityConfiguration="crawlerSecurityConfiguration")
    api.call_operation("glue", "CreateCrawler", {"name": name, "targets": targets} | members)
    return CreatedResource(name, {"arn": emulator_arn("glue", f"crawler/{name}")})


def create_job(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a job, with its tags."""
    tags, members = inputs.take_tags(), inputs.take_rest(roleArn="role")
    api.call_operation("glue", "CreateJob", members | {"tags": tags})
    return CreatedResource(members["name"], {"arn": emulator_arn("glue", f"job/{members['name']}")})


def create_trigger(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a trigger, and start it where it is enabled."""
    enabled = inputs.take("enabled", True)
    members = inputs.take_rest()
    api.call_operation("glue", "CreateTrigger", members)
    if enabled and members["type"] != "ON_DEMAND":
        api.call_operation("glue", "StartTrigger", {"name": members["name"]})
    return CreatedResource(members["name"], {"arn": emulator_arn("glue", f"trigger/{members['name']}")})


def create_security_configuration(inputs: Inputs, api: EmulatorApi) -> CreatedResource:
    """Create a security configuration."""
    members = inputs.take_rest()
    api.call_operation("glue", "CreateSecurityConfiguration", members)
    return CreatedResource(members["name"], {})


RECIPES: dict[str, Recipe] = {
    "aws:glue/catalogDatabase:CatalogDatabase": create_database,
    "aws:glue/crawler:Crawler": create_crawler,
    "aws:glue/job:Job": create_job,
    "aws:glue/trigger:Trigger": create_trigger,
    "aws:glue/securityConfiguration:SecurityConfiguration": create_security_configuration,
}
