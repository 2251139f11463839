"""The catalog, crawlers, jobs and their triggers."""

from sluice.sandbox.recipes.base import Api, Created, Inputs, Recipe, arn


def database(inputs: Inputs, api: Api) -> Created:
    name, tags = inputs.take("name"), inputs.take_tags()
    api.call("glue", "CreateDatabase", {"databaseInput": {"name": name} | inputs.rest(), "tags": tags})
    return Created(name, {"arn": arn("glue", f"database/{name}")})


def crawler(inputs: Inputs, api: Api) -> Created:
    name, targets = inputs.take("name"), {"s3Targets": inputs.take("s3Targets", [])}
    wanted = inputs.rest(securityConfiguration="crawlerSecurityConfiguration")
    api.call("glue", "CreateCrawler", {"name": name, "targets": targets} | wanted)
    return Created(name, {"arn": arn("glue", f"crawler/{name}")})


def job(inputs: Inputs, api: Api) -> Created:
    wanted = inputs.rest(roleArn="role")
    api.call("glue", "CreateJob", wanted)
    return Created(wanted["name"], {"arn": arn("glue", f"job/{wanted['name']}")})


def trigger(inputs: Inputs, api: Api) -> Created:
    enabled = inputs.take("enabled", True)
    wanted = inputs.rest()
    api.call("glue", "CreateTrigger", wanted)
    if enabled and wanted["type"] != "ON_DEMAND":
        api.call("glue", "StartTrigger", {"name": wanted["name"]})
    return Created(wanted["name"], {"arn": arn("glue", f"trigger/{wanted['name']}")})


def security_configuration(inputs: Inputs, api: Api) -> Created:
    wanted = inputs.rest()
    api.call("glue", "CreateSecurityConfiguration", wanted)
    return Created(wanted["name"], {})


RECIPES: dict[str, Recipe] = {
    "aws:glue/catalogDatabase:CatalogDatabase": database,
    "aws:glue/crawler:Crawler": crawler,
    "aws:glue/job:Job": job,
    "aws:glue/trigger:Trigger": trigger,
    "aws:glue/securityConfiguration:SecurityConfiguration": security_configuration,
}
