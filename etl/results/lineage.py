"""What a run read, wrote and judged, as OpenLineage events: START and COMPLETE or FAIL, both sent once the run has ended.

Imported late, since the library takes 0.4 s. An event holds names, types, counts and the ids of rules: no value of a row,
and no message of an error, which could quote one.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from openlineage.client import facet_v2 as facets
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState, set_producer
from openlineage.client.serde import Serde
from openlineage.client.transport.http import HttpConfig, HttpTransport

from etl.contract.model import Contract, Reference
from etl.results.verdict import RuleResult, Verdict
from etl.runtime.arguments import Order
from etl.storage.clients import Clients
from etl.storage.raw_objects import Place

MOST_OBJECTS = 100  # named one by one beside their folder: an event stays small enough to send
SECONDS, RETRIES = 5, 1
SEVERITIES = {"critical": "error", "warning": "warn", "info": "info"}
Contracts = dict[str, Contract]


def tell(aws: Clients, order: Order, verdict: Verdict, contracts: Iterable[Contract]) -> None:
    """Send both events where `order.lineage` says: a prefix in S3, which gets <run-id>.jsonl, or a server's URL.

    Raises what S3 or the server raise; a server gets 5 seconds and one retry for each event.
    """
    told = events(order, verdict, {one.stage: one for one in contracts}, aws.s3.meta.region_name)
    if order.lineage.startswith("s3://"):
        place = Place.of(order.lineage)
        body = "".join(f"{Serde.to_json(event)}\n" for event in told).encode()
        key = f"{place.prefix}{order.run_id}.jsonl"
        aws.s3.put_object(Bucket=place.bucket, Key=key, Body=body, ContentType="application/jsonl")
        return
    server = HttpTransport(
        HttpConfig.from_dict({"url": order.lineage, "timeout": SECONDS, "retry": {"total": RETRIES}})
    )
    for event in told:
        server.emit(event)


def events(order: Order, verdict: Verdict, contracts: Contracts, region: str) -> list[RunEvent]:
    """Return a run's two events; `contracts` are those it loaded, by stage, so a run that loaded none names no columns."""
    set_producer(f"urn:sluice:{order.code}")
    job = Job(f"aws.glue.{region}", order.job)
    ended = RunState.COMPLETE if verdict.state == "SUCCEEDED" else RunState.FAIL
    run = str(uuid5(NAMESPACE_URL, f"{order.job}/{order.run_id}"))
    whole = Run(run, _of_run(order, verdict))
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return [
        RunEvent(eventType=RunState.START, eventTime=verdict.started, run=Run(run), job=job),
        RunEvent(
            eventType=ended,
            eventTime=now,
            run=whole,
            job=job,
            inputs=_inputs(order, verdict, contracts),
            outputs=[_output(order, verdict, contracts)],
        ),
    ]


def _of_run(order: Order, verdict: Verdict) -> dict[str, facets.RunFacet]:
    """Return Glue's id of the run, where its verdict lies and, of a failed one, which rules broke."""
    at = order.verdicts.uri(order.verdict_key)
    tags = {"glue_run_id": order.run_id, "verdict": at}
    found: dict[str, facets.RunFacet] = {
        "tags": facets.tags_run.TagsRunFacet(
            [facets.tags_run.TagsRunFacetFields(key, value, "sluice") for key, value in tags.items()]
        )
    }
    if verdict.state != "SUCCEEDED":
        named = {"broke": verdict.broken, "could not be judged": verdict.in_error}
        told = [f"{', '.join(one.rule for one in rules)} {what}" for what, rules in named.items() if rules]
        said = f"{order.dataset}: {'; '.join(told) or 'the run failed'}; the verdict tells why: {at}"
        found["errorMessage"] = facets.error_message_run.ErrorMessageRunFacet(said, "python")
    return found


def _inputs(order: Order, verdict: Verdict, contracts: Contracts) -> list[InputDataset]:
    """Return the folder that was read, with what was found of it, its objects, and the tables that were looked into."""
    contract = contracts.get("input")
    described = _schema(contract)
    tables = [InputDataset(*_place(_beside(order, one.dataset))) for one in _compared(verdict, contracts)]
    if verdict.replay:
        return [_judged(order.places.quarantine, {}, verdict, contract, 0), *tables]
    if not verdict.objects:
        return tables
    if contract and contract.sources:
        return [*_sources(order, verdict, contract), *tables]
    folder = order.raw.uri(order.raw.prefix)
    listed = verdict.objects if len(verdict.objects) <= MOST_OBJECTS else []
    objects = [
        InputDataset(f"s3://{order.raw.bucket}", one["key"], facets=described | _version(one["version"]))
        for one in listed
    ]
    return [_judged(folder, described, verdict, contract, len(verdict.objects)), *objects, *tables]


def _sources(order: Order, verdict: Verdict, contract: Contract) -> list[InputDataset]:
    """Return the tables that days were built from, with the columns read; the one that has the days, with its snapshot."""
    found = []
    for one in contract.sources:
        columns = [facets.schema_dataset.SchemaDatasetFacetFields(name) for name in one.columns]
        described: dict[str, facets.DatasetFacet] = {"schema": facets.schema_dataset.SchemaDatasetFacet(columns)}
        uri = _beside(order, one.dataset)
        if one.day:
            version = _version(verdict.objects[0]["version"])
            found.append(_judged(uri, described | version, verdict, contract, 0))
        else:
            found.append(InputDataset(*_place(uri), facets=described))
    return found


def _judged(
    uri: str, described: dict[str, facets.DatasetFacet], verdict: Verdict, contract: Contract | None, files: int
) -> InputDataset:
    counted = facets.input_statistics_input_dataset.InputStatisticsInputDatasetFacet(
        rowCount=verdict.rows_read, fileCount=files or None
    )
    found: dict[str, facets.InputDatasetFacet] = {"inputStatistics": counted}
    if assertions := _assertions(verdict, ("structure", "input"), contract):
        found["dataQualityAssertions"] = assertions
    return InputDataset(*_place(uri), facets=described, inputFacets=found)


def _output(order: Order, verdict: Verdict, contracts: Contracts) -> OutputDataset:
    """Return the published table; the specification knows assertions of inputs only, so its own stand in its facets."""
    contract = contracts.get("output")
    described = _schema(contract) | _version(verdict.snapshot_after)
    if assertions := _assertions(verdict, ("output",), contract):
        described["dataQualityAssertions"] = assertions  # pyright: ignore[reportArgumentType]
    written = facets.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(verdict.rows_published)
    return OutputDataset(*_place(order.location), facets=described, outputFacets={"outputStatistics": written})


def _schema(contract: Contract | None) -> dict[str, facets.DatasetFacet]:
    if contract is None:
        return {}
    columns = [
        facets.schema_dataset.SchemaDatasetFacetFields(one.name, one.type, one.description) for one in contract.columns
    ]
    return {"schema": facets.schema_dataset.SchemaDatasetFacet(columns)}


def _version(version: str | None) -> dict[str, facets.DatasetFacet]:
    if version is None:
        return {}
    return {"version": facets.dataset_version_dataset.DatasetVersionDatasetFacet(version)}


def _assertions(
    verdict: Verdict, stages: tuple[str, ...], contract: Contract | None
) -> facets.data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet | None:
    """Return the rules that held or broke; of what broke, how often and no sample."""
    judged = [one for one in verdict.rules if one.stage in stages and (one.held or one.broken)]
    if not judged:
        return None
    declared = {rule.rule: rule for rule in contract.rules} if contract else {}

    def of(one: RuleResult) -> facets.data_quality_assertions_dataset.Assertion:
        rule = declared.get(one.rule)
        alone = rule.columns[0] if rule and len(rule.columns) == 1 else None
        return facets.data_quality_assertions_dataset.Assertion(
            assertion=rule.type if rule else "structure",
            success=one.held,
            column=alone,
            severity=SEVERITIES[one.severity],
            name=one.rule,
            description=rule.why if rule else None,
            actual=f"{one.unexpected} unexpected",
        )

    return facets.data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet([of(one) for one in judged])


def _compared(verdict: Verdict, contracts: Contracts) -> list[Reference]:
    """Return the references whose table the run looked into: those with a rule that was evaluated."""
    contract = contracts.get("output")
    evaluated = {one.rule for one in verdict.rules if one.evaluated}
    rules = [rule for rule in contract.rules if rule.rule in evaluated] if contract else []
    return list(dict.fromkeys(one for rule in rules for one in rule.references))


def _beside(order: Order, dataset: str) -> str:
    """Return where another dataset's table lies."""
    return f"{order.location.rpartition('/')[0]}/{dataset}"


def _place(uri: str) -> tuple[str, str]:
    """Return namespace and name as the specification has them for S3."""
    place = Place.of(uri)
    return f"s3://{place.bucket}", place.prefix.rstrip("/")
