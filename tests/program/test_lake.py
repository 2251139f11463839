"""What a stack puts on AWS, as plain data."""

import json
from typing import Any

import pytest
import yaml

from sandbox.graph import ROOT, STACKS, Graph, run

JOB, CRAWLER, TRIGGER = "aws:glue/job:Job", "aws:glue/crawler:Crawler", "aws:glue/trigger:Trigger"
OBJECT, ALARM = "aws:s3/bucketObjectv2:BucketObjectv2", "aws:cloudwatch/metricAlarm:MetricAlarm"


def buckets(graph: Graph) -> dict[str, str]:
    return {node.name.removesuffix("-bucket"): node.inputs["bucket"] for node in graph.of("aws:s3/bucket:Bucket")}


def arguments(graph: Graph) -> dict[str, str]:
    (job,) = graph.of(JOB)
    return job.inputs["defaultArguments"]


def test_a_stack_has_three_zones_and_a_bucket_for_their_logs(graph: Graph) -> None:
    expected = {zone: f"sluice-{graph.stack}-{zone}-123456789012" for zone in ("raw", "processed", "assets", "logs")}
    assert buckets(graph) == expected


def test_raw_shows_where_files_go(graph: Graph) -> None:
    folders = {o.inputs["key"] for o in graph.of(OBJECT) if o.inputs["bucket"] == buckets(graph)["raw"]}
    assert folders == {"sales/", "customers/", "products/"}


def test_the_outputs_name_what_a_user_needs(graph: Graph) -> None:
    (topic,) = graph.of("aws:sns/topic:Topic")
    zones = {zone: name for zone, name in buckets(graph).items() if zone != "logs"}
    assert graph.outputs == {
        **zones,
        "database": f"sluice_{graph.stack}",
        "jobs": {"sales": f"sluice-{graph.stack}-sales"},
        "topic": f"arn:aws:fake:::{topic.name}",
    }


def test_the_job_is_what_was_agreed(graph: Graph) -> None:
    (job,) = graph.of(JOB)
    file = yaml.safe_load((ROOT / f"Pulumi.{graph.stack}.yaml").read_text())["config"]
    wanted: dict[str, Any] = {
        "name": f"sluice-{graph.stack}-sales",
        "glueVersion": "6.0",
        "workerType": "G.1X",
        "numberOfWorkers": file.get("sluice:workers", 2),
        "timeout": 60,
        "maxRetries": 0,
        "executionClass": "STANDARD",
        "executionProperty": {"maxConcurrentRuns": 1},
        "notificationProperty": {"notifyDelayAfter": 30},
    }
    assert {key: job.inputs.get(key) for key in wanted} == wanted
    assert job.inputs["command"]["name"] == "glueetl"
    assert job.inputs["command"]["pythonVersion"] == "3"


def test_the_job_is_told_where_everything_is(graph: Graph) -> None:
    at = buckets(graph)
    wanted = {
        "--dataset": "sales",
        "--raw": f"s3://{at['raw']}/sales/",
        "--table": f"lake.sluice_{graph.stack}.sales",
        "--location": f"s3://{at['processed']}/parquet/sales",
        "--verdicts": f"s3://{at['assets']}/verdicts/sales/",
        "--TempDir": f"s3://{at['assets']}/temp/sales/",
        "--custom-logGroup-prefix": f"/aws-glue/sluice-{graph.stack}",
        "--datalake-formats": "iceberg",
        "--job-language": "python",
    }
    assert {key: arguments(graph).get(key) for key in wanted} == wanted


def test_the_jobs_spark_is_set_up_in_one_argument(graph: Graph) -> None:
    settings = arguments(graph)["--conf"].split(" --conf ")
    assert len(settings) == len({setting.partition("=")[0] for setting in settings}) == 7
    assert f"spark.sql.catalog.lake.warehouse=s3://{buckets(graph)['processed']}/parquet" in settings
    assert "spark.hadoop.fs.s3a.endpoint.region=eu-west-1" in settings
    assert all(setting.partition("=")[2] for setting in settings)


def test_every_object_that_the_job_is_told_of_is_uploaded(graph: Graph) -> None:
    uploaded = {f"s3://{o.inputs['bucket']}/{o.inputs['key']}" for o in graph.of(OBJECT)}
    (job,) = graph.of(JOB)
    told = [job.inputs["command"]["scriptLocation"]]
    named = ("--extra-py-files", "--additional-python-modules", "--input-contract", "--output-contract")
    told += [arguments(graph)[key] for key in named]
    assert set(told) <= uploaded


def test_the_crawler_explores_raw_and_never_meets_the_published_table(graph: Graph) -> None:
    (crawler,) = graph.of(CRAWLER)
    assert crawler.inputs["s3Targets"] == [{"path": f"s3://{buckets(graph)['raw']}/sales/"}]
    assert crawler.inputs["tablePrefix"] == "raw_"
    assert crawler.inputs["schemaChangePolicy"] == {"updateBehavior": "UPDATE_IN_DATABASE", "deleteBehavior": "LOG"}
    assert "schedule" not in crawler.inputs
    (job,) = graph.of(JOB)
    assert crawler.inputs["role"] != job.inputs["roleArn"]


def test_a_crawler_runs_on_the_schedule_it_is_given() -> None:
    graph = run("dev", changed={"sluice:crawl": "cron(0 5 ? * MON *)"})
    assert graph.of(CRAWLER)[0].inputs["schedule"] == "cron(0 5 ? * MON *)"


def test_the_trigger_runs_where_the_stack_is_active(graph: Graph) -> None:
    (trigger,) = graph.of(TRIGGER)
    assert trigger.inputs["schedule"] == "cron(0 6 * * ? *)"
    assert trigger.inputs["enabled"] is (graph.stack in ("staging", "prod"))
    assert trigger.inputs["actions"] == [{"jobName": f"sluice-{graph.stack}-sales"}]


def test_a_second_dataset_is_an_entry_and_no_code(mutant, graphs: dict[str, Graph]) -> None:
    also = ("components/contracts.py", '/{dataset}/{side}.json"', '/sales/{side}.json"')
    both = mutant(also, datasets=json.dumps({"sales": {}, "refunds": {"workers": 5}}))
    once = graphs["dev"]
    for kind in (JOB, CRAWLER, TRIGGER):
        assert len(both.of(kind)) == 2 * len(once.of(kind)), kind
    for kind in (ALARM, "aws:cloudwatch/eventRule:EventRule", "aws:iam/role:Role"):
        assert len(both.of(kind)) == 2 * len(once.of(kind)), kind
    assert {job.inputs["numberOfWorkers"] for job in both.of(JOB)} == {2, 5}
    assert both.outputs["jobs"] == {"sales": "sluice-dev-sales", "refunds": "sluice-dev-refunds"}


def test_the_stacks_differ_in_values_only(graphs: dict[str, Graph]) -> None:
    def kinds(stack: str) -> list[str]:
        optional = "aws:sns/topicSubscription:TopicSubscription"  # who has an address to write to
        return sorted(node.type for node in graphs[stack].nodes.values() if node.type != optional)

    assert all(kinds(stack) == kinds("prod") for stack in STACKS)


def test_every_child_is_named_after_its_component(graph: Graph) -> None:
    """A URN carries the parents' types and not their names: two instances would collide."""
    parents = {node.urn: node.name for node in graph.nodes.values()}
    children = [node for node in graph.nodes.values() if node.parent in parents]
    assert len(children) > 40
    for child in children:
        assert child.name.startswith(f"{parents[child.parent]}-"), child.urn


def test_nothing_but_components_stands_at_the_top(graph: Graph) -> None:
    top = [node for node in graph.nodes.values() if node.parent not in graph.nodes]
    assert top
    assert not [node.name for node in top if node.custom]


@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_declares_what_a_deployment_does(stack: str, graphs: dict[str, Graph]) -> None:
    assert set(run(stack, preview=True).nodes) == set(graphs[stack].nodes)


def test_two_runs_declare_the_same(graphs: dict[str, Graph]) -> None:
    again = run("prod")
    plain = {urn: json.dumps(node.inputs, sort_keys=True, default=vars) for urn, node in again.nodes.items()}
    assert plain == {
        urn: json.dumps(node.inputs, sort_keys=True, default=vars) for urn, node in graphs["prod"].nodes.items()
    }


def test_the_page_is_a_page() -> None:
    assert len((ROOT / "__main__.py").read_text().splitlines()) < 60
