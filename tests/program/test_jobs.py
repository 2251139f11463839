"""What a stack puts on AWS for each of its datasets, as plain data."""

import json
from typing import Any

from sluice.program.graph import Graph, run
from tests.program.deployed import JOB, Deployed

OBJECT, CRAWLER = "aws:s3/bucketObjectv2:BucketObjectv2", "aws:glue/crawler:Crawler"


def test_the_job_is_what_was_agreed(deployed: Deployed) -> None:
    wanted: dict[str, Any] = {
        "name": deployed.called,
        "glueVersion": "6.0",
        "workerType": deployed.configured("worker_type", "G.1X"),
        "numberOfWorkers": deployed.configured("workers", 2),
        "timeout": deployed.configured("timeout", 60),
        "maxRetries": 0,
        "executionClass": "STANDARD",
        "executionProperty": {"maxConcurrentRuns": 1},
        "notificationProperty": {"notifyDelayAfter": deployed.configured("notify_after", 30)},
    }
    assert {key: deployed.job.get(key) for key in wanted} == wanted
    assert deployed.job["command"]["name"] == "glueetl"
    assert deployed.job["command"]["pythonVersion"] == "3"
    assert deployed.job["description"] == f"Publishes {deployed.dataset} where its contract holds"


def test_the_job_is_told_where_everything_is(deployed: Deployed) -> None:
    dataset, stack = deployed.dataset, deployed.graph.stack
    wanted: dict[str, str | None] = {
        "--dataset": dataset,
        "--stack": stack,
        "--raw": None if deployed.sources else f"s3://{deployed.bucket('raw')}/{dataset}/",
        "--table": f"lake.sluice_{stack}.{dataset}",
        "--location": f"s3://{deployed.bucket('processed')}/parquet/{dataset}",
        "--verdicts": f"s3://{deployed.bucket('assets')}/verdicts/{dataset}/",
        "--TempDir": f"s3://{deployed.bucket('assets')}/temp/{dataset}/",
        "--custom-logGroup-prefix": f"/aws-glue/sluice-{stack}",
        "--datalake-formats": "iceberg",
        "--job-language": "python",
    }
    assert {key: deployed.arguments.get(key) for key in wanted} == wanted


def test_the_jobs_spark_is_set_up_in_one_argument(deployed: Deployed) -> None:
    settings = deployed.arguments["--conf"].split(" --conf ")
    assert len(settings) == len({setting.partition("=")[0] for setting in settings}) == 10
    assert f"spark.sql.catalog.lake.warehouse=s3://{deployed.bucket('processed')}/parquet" in settings
    assert "spark.hadoop.fs.s3a.endpoint.region=eu-west-1" in settings
    assert "spark.sql.codegen.hugeMethodLimit=8000" in settings
    assert "spark.sql.constraintPropagation.enabled=false" in settings
    assert "spark.sql.variable.substitute=false" in settings
    assert all(setting.partition("=")[2] for setting in settings)


def test_every_object_that_the_job_is_told_of_is_uploaded(deployed: Deployed) -> None:
    uploaded = {f"s3://{o.inputs['bucket']}/{o.inputs['key']}" for o in deployed.graph.of(OBJECT)}
    named = ("--extra-py-files", "--additional-python-modules", "--input-contract", "--output-contract")
    told = {deployed.job["command"]["scriptLocation"], *(deployed.arguments[key] for key in named)}
    assert len(told) == 5
    assert told <= uploaded


def test_the_contracts_that_the_job_is_told_of_are_its_own(deployed: Deployed) -> None:
    for side in ("input", "output"):
        at = deployed.arguments[f"--{side}-contract"]
        assert at.startswith(f"s3://{deployed.bucket('assets')}/contracts/{deployed.dataset}/{side}-")
        (text,) = [o.inputs["content"] for o in deployed.graph.of(OBJECT) if at.endswith(f"/{o.inputs['key']}")]
        assert json.loads(text)["name"] == f"{deployed.dataset}.{side}"


def test_the_crawler_explores_raw_and_never_meets_the_published_table(deployed: Deployed) -> None:
    if deployed.sources:  # it has no raw
        assert deployed.dataset not in {node.name.partition("-")[0] for node in deployed.graph.of(CRAWLER)}
        return
    crawler = deployed.inputs(CRAWLER, "crawler-crawler")
    assert crawler["s3Targets"] == [{"path": f"s3://{deployed.bucket('raw')}/{deployed.dataset}/"}]
    assert crawler["tablePrefix"] == "raw_"
    assert crawler["schemaChangePolicy"] == {"updateBehavior": "UPDATE_IN_DATABASE", "deleteBehavior": "LOG"}
    assert "schedule" not in crawler


def test_no_two_jobs_or_crawlers_share_a_role(graph: Graph) -> None:
    roles = [job.inputs["roleArn"] for job in graph.of(JOB)]
    roles += [crawler.inputs["role"] for crawler in graph.of(CRAWLER)]
    assert len(roles) == len(set(roles))


def test_a_crawler_runs_on_the_schedule_it_is_given() -> None:
    weekly, own = "cron(0 5 ? * MON *)", "cron(0 4 1 * ? *)"
    entries = {"sales": {}, "customers": {"crawl": own}, "products": {}}
    graph = run("dev", changed={"sluice:crawl": weekly, "sluice:datasets": json.dumps(entries)})
    schedules = {node.name.removesuffix("-crawler-crawler"): node.inputs["schedule"] for node in graph.of(CRAWLER)}
    assert schedules == {"sales": weekly, "customers": own, "products": weekly}


def test_no_input_of_a_job_but_its_contracts_objects_follows_from_the_contracts_version(deployed: Deployed) -> None:
    """Updated alone, with `--target`, a job keeps the former objects: a version beside them would be a lie."""
    version = deployed.promised["version"]
    assert version not in json.dumps(deployed.job)
