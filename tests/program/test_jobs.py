"""What a stack puts on AWS for each of its datasets, as plain data."""

import json
from typing import Any

from sluice.program.graph import Graph, run_program
from tests.program.deployed import JOB, Deployed

OBJECT, CRAWLER = "aws:s3/bucketObjectv2:BucketObjectv2", "aws:glue/crawler:Crawler"


def test_the_job_is_what_was_agreed(deployed: Deployed) -> None:
    expected: dict[str, Any] = {
        "name": deployed.name_prefix,
        "glueVersion": "6.0",
        "workerType": deployed.configured_value("worker_type", "G.1X"),
        "numberOfWorkers": deployed.configured_value("workers", 2),
        "timeout": deployed.configured_value("timeout", 60),
        "maxRetries": 0,
        "executionClass": "STANDARD",
        "executionProperty": {"maxConcurrentRuns": 1},
        "notificationProperty": {"notifyDelayAfter": deployed.configured_value("notify_after", 30)},
    }
    assert {key: deployed.job.get(key) for key in expected} == expected
    assert deployed.job["command"]["name"] == "glueetl"
    assert deployed.job["command"]["pythonVersion"] == "3"
    assert deployed.job["description"] == f"Publishes {deployed.dataset} where its contract holds"


def test_the_job_is_told_where_everything_is(deployed: Deployed) -> None:
    dataset, stack = deployed.dataset, deployed.graph.stack
    expected: dict[str, str | None] = {
        "--dataset": dataset,
        "--stack": stack,
        "--raw": None if deployed.sources else f"s3://{deployed.bucket_name('raw')}/{dataset}/",
        "--table": f"lake.sluice_{stack}.{dataset}",
        "--location": f"s3://{deployed.bucket_name('processed')}/parquet/{dataset}",
        "--verdicts": f"s3://{deployed.bucket_name('assets')}/verdicts/{dataset}/",
        "--TempDir": f"s3://{deployed.bucket_name('assets')}/temp/{dataset}/",
        "--custom-logGroup-prefix": f"/aws-glue/sluice-{stack}",
        "--datalake-formats": "iceberg",
        "--job-language": "python",
    }
    assert {key: deployed.arguments.get(key) for key in expected} == expected


def test_the_jobs_spark_is_set_up_in_one_argument(deployed: Deployed) -> None:
    settings = deployed.arguments["--conf"].split(" --conf ")
    assert len(settings) == len({setting.partition("=")[0] for setting in settings}) == 11
    assert f"spark.sql.catalog.lake.warehouse=s3://{deployed.bucket_name('processed')}/parquet" in settings
    assert "spark.hadoop.fs.s3a.endpoint.region=eu-west-1" in settings
    assert "spark.sql.codegen.hugeMethodLimit=8000" in settings
    assert "spark.sql.constraintPropagation.enabled=false" in settings
    assert "spark.sql.variable.substitute=false" in settings
    assert all(setting.partition("=")[2] for setting in settings)


def test_every_object_that_the_job_is_told_of_is_uploaded(deployed: Deployed) -> None:
    uploaded = {f"s3://{o.inputs['bucket']}/{o.inputs['key']}" for o in deployed.graph.nodes_of_type(OBJECT)}
    named = ("--extra-py-files", "--additional-python-modules", "--input-contract", "--output-contract")
    argument_urls = {deployed.job["command"]["scriptLocation"], *(deployed.arguments[key] for key in named)}
    assert len(argument_urls) == 5
    assert argument_urls <= uploaded


def test_the_contracts_that_the_job_is_told_of_are_its_own(deployed: Deployed) -> None:
    for side in ("input", "output"):
        contract_url = deployed.arguments[f"--{side}-contract"]
        assert contract_url.startswith(f"s3://{deployed.bucket_name('assets')}/contracts/{deployed.dataset}/{side}-")
        (text,) = [
            o.inputs["content"]
            for o in deployed.graph.nodes_of_type(OBJECT)
            if contract_url.endswith(f"/{o.inputs['key']}")
        ]
        assert json.loads(text)["name"] == f"{deployed.dataset}.{side}"


def test_the_crawler_explores_raw_and_never_meets_the_published_table(deployed: Deployed) -> None:
    if deployed.sources:  # it has no raw
        assert deployed.dataset not in {node.name.partition("-")[0] for node in deployed.graph.nodes_of_type(CRAWLER)}
        return
    crawler = deployed.resource_inputs(CRAWLER, "crawler-crawler")
    assert crawler["s3Targets"] == [{"path": f"s3://{deployed.bucket_name('raw')}/{deployed.dataset}/"}]
    assert crawler["tablePrefix"] == "raw_"
    assert crawler["schemaChangePolicy"] == {"updateBehavior": "UPDATE_IN_DATABASE", "deleteBehavior": "LOG"}
    assert "schedule" not in crawler


def test_no_two_jobs_or_crawlers_share_a_role(graph: Graph) -> None:
    roles = [job.inputs["roleArn"] for job in graph.nodes_of_type(JOB)]
    roles += [crawler.inputs["role"] for crawler in graph.nodes_of_type(CRAWLER)]
    assert len(roles) == len(set(roles))


def test_a_crawler_runs_on_the_schedule_it_is_given() -> None:
    weekly, own_schedule = "cron(0 5 ? * MON *)", "cron(0 4 1 * ? *)"
    entries = {"trades": {}, "buyers": {"crawl": own_schedule}, "goods": {}}
    graph = run_program("dev", changed={"sluice:crawl": weekly, "sluice:datasets": json.dumps(entries)})
    schedules = {
        node.name.removesuffix("-crawler-crawler"): node.inputs["schedule"] for node in graph.nodes_of_type(CRAWLER)
    }
    assert schedules == {"trades": weekly, "buyers": own_schedule, "goods": weekly}


def test_no_input_of_a_job_but_its_contracts_objects_follows_from_the_contracts_version(deployed: Deployed) -> None:
    """Updated alone, with `--target`, a job keeps the former objects: a version beside them would be a lie."""
    version = deployed.output_meta["version"]
    assert version not in json.dumps(deployed.job)
