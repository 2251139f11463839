"""What a run read, wrote and judged, as OpenLineage events: START and COMPLETE or FAIL, both sent once the run has ended.

Imported late, since the library takes 0.4 s. An event holds names, types, counts and the ids of rules: no value of a row,
and no message of an error, which could quote one.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from openlineage.client import facet_v2 as facets
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState, set_producer
from openlineage.client.serde import Serde
from openlineage.client.transport.http import HttpConfig, HttpTransport

from etl.contract.model import Contract, Reference
from etl.contract.stage import Stage
from etl.results.rule_result import RuleResult
from etl.results.verdict import Verdict
from etl.runtime import job_runs
from etl.runtime.arguments import JobArguments
from etl.storage.clients import Clients
from etl.storage.raw_objects import S3Prefix

MOST_OBJECTS = 100  # named one by one beside their folder: an event stays small enough to send
SECONDS, RETRIES = 5, 1
Contracts = Mapping[Stage, Contract]


def send_events(aws: Clients, arguments: JobArguments, verdict: Verdict, contracts: Iterable[Contract]) -> None:
    """Send both events where `order.lineage` says: a prefix in S3, which gets <run-id>.jsonl, or a server's URL.

    Raises what S3 or the server raise; a server gets 5 seconds and one retry for each event.
    """
    run_events = build_events(
        arguments, verdict, {contract.stage: contract for contract in contracts}, aws.s3.meta.region_name
    )
    if arguments.lineage.startswith("s3://"):
        destination = S3Prefix.from_uri(arguments.lineage)
        body = "".join(f"{Serde.to_json(event)}\n" for event in run_events).encode()
        key = f"{destination.prefix}{arguments.run_id}.jsonl"
        aws.s3.put_object(Bucket=destination.bucket, Key=key, Body=body, ContentType="application/jsonl")
        return
    server = HttpTransport(
        HttpConfig.from_dict({"url": arguments.lineage, "timeout": SECONDS, "retry": {"total": RETRIES}})
    )
    for event in run_events:
        server.emit(event)


def build_events(arguments: JobArguments, verdict: Verdict, contracts: Contracts, region: str) -> list[RunEvent]:
    """Return a run's two events; `contracts` are those it loaded, by stage, so a run that loaded none names no columns."""
    set_producer(f"urn:sluice:{arguments.code}")
    job = Job(job_runs.lineage_namespace(region), arguments.job)
    end_state = RunState.FAIL if verdict.state.is_failure else RunState.COMPLETE
    run = str(uuid5(NAMESPACE_URL, f"{arguments.job}/{arguments.run_id}"))
    whole = Run(run, _run_facets(arguments, verdict))
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return [
        RunEvent(eventType=RunState.START, eventTime=verdict.started, run=Run(run), job=job),
        RunEvent(
            eventType=end_state,
            eventTime=now,
            run=whole,
            job=job,
            inputs=_input_datasets(arguments, verdict, contracts),
            outputs=[_output_dataset(arguments, verdict, contracts)],
        ),
    ]


def _run_facets(arguments: JobArguments, verdict: Verdict) -> dict[str, facets.RunFacet]:
    """Return the runtime's id of the run, where its verdict lies and, of a failed one, which rules broke."""
    verdict_uri = arguments.verdicts.uri(arguments.verdict_key)
    tags = {job_runs.RUN_ID_TAG: arguments.run_id, "verdict": verdict_uri}
    run_facets: dict[str, facets.RunFacet] = {
        "tags": facets.tags_run.TagsRunFacet(
            [facets.tags_run.TagsRunFacetFields(key, value, "sluice") for key, value in tags.items()]
        )
    }
    if verdict.state.is_failure:
        named = {"broke": verdict.broken, "could not be judged": verdict.in_error}
        reasons = [
            f"{', '.join(result.rule for result in rules)} {outcome}" for outcome, rules in named.items() if rules
        ]
        message = f"{arguments.dataset}: {'; '.join(reasons) or 'the run failed'}; the verdict tells why: {verdict_uri}"
        run_facets["errorMessage"] = facets.error_message_run.ErrorMessageRunFacet(message, "python")
    return run_facets


def _input_datasets(arguments: JobArguments, verdict: Verdict, contracts: Contracts) -> list[InputDataset]:
    """Return the folder that was read, with what was found of it, its objects, and the tables that were looked into."""
    contract = contracts.get(Stage.INPUT)
    described = _schema_facet(contract)
    tables = [
        InputDataset(*_dataset_name(_table_location(arguments, reference.dataset)))
        for reference in _evaluated_references(verdict, contracts)
    ]
    if verdict.replay:
        return [_judged_dataset(arguments.places.quarantine, {}, verdict, contract, 0), *tables]
    if not verdict.objects:
        return tables
    if contract and contract.sources:
        return [*_source_datasets(arguments, verdict, contract), *tables]
    folder = arguments.raw.uri(arguments.raw.prefix)
    listed = verdict.objects if len(verdict.objects) <= MOST_OBJECTS else []
    objects = [
        InputDataset(
            f"s3://{arguments.raw.bucket}", raw_object.key, facets=described | _version_facet(raw_object.version)
        )
        for raw_object in listed
    ]
    return [_judged_dataset(folder, described, verdict, contract, len(verdict.objects)), *objects, *tables]


def _source_datasets(arguments: JobArguments, verdict: Verdict, contract: Contract) -> list[InputDataset]:
    """Return the tables that days were built from, with the columns read; the one that has the days, with its snapshot."""
    datasets: list[InputDataset] = []
    for source in contract.sources:
        columns = [facets.schema_dataset.SchemaDatasetFacetFields(name) for name in source.columns]
        described: dict[str, facets.DatasetFacet] = {"schema": facets.schema_dataset.SchemaDatasetFacet(columns)}
        uri = _table_location(arguments, source.dataset)
        if source.day:
            version = _version_facet(verdict.objects[0].version)
            datasets.append(_judged_dataset(uri, described | version, verdict, contract, 0))
        else:
            datasets.append(InputDataset(*_dataset_name(uri), facets=described))
    return datasets


def _judged_dataset(
    uri: str, described: dict[str, facets.DatasetFacet], verdict: Verdict, contract: Contract | None, files: int
) -> InputDataset:
    statistics = facets.input_statistics_input_dataset.InputStatisticsInputDatasetFacet(
        rowCount=verdict.rows_read, fileCount=files or None
    )
    input_facets: dict[str, facets.InputDatasetFacet] = {"inputStatistics": statistics}
    if assertions := _quality_assertions(verdict, (Stage.STRUCTURE, Stage.INPUT), contract):
        input_facets["dataQualityAssertions"] = assertions
    return InputDataset(*_dataset_name(uri), facets=described, inputFacets=input_facets)


def _output_dataset(arguments: JobArguments, verdict: Verdict, contracts: Contracts) -> OutputDataset:
    """Return the published table; the specification knows assertions of inputs only, so its own stand in its facets."""
    contract = contracts.get(Stage.OUTPUT)
    described = _schema_facet(contract) | _version_facet(verdict.snapshot_after)
    if assertions := _quality_assertions(verdict, (Stage.OUTPUT,), contract):
        described["dataQualityAssertions"] = assertions  # pyright: ignore[reportArgumentType]
    statistics = facets.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(verdict.rows_published)
    return OutputDataset(
        *_dataset_name(arguments.location), facets=described, outputFacets={"outputStatistics": statistics}
    )


def _schema_facet(contract: Contract | None) -> dict[str, facets.DatasetFacet]:
    if contract is None:
        return {}
    columns = [
        facets.schema_dataset.SchemaDatasetFacetFields(column.name, column.type, column.description)
        for column in contract.columns
    ]
    return {"schema": facets.schema_dataset.SchemaDatasetFacet(columns)}


def _version_facet(version: str | None) -> dict[str, facets.DatasetFacet]:
    if version is None:
        return {}
    return {"version": facets.dataset_version_dataset.DatasetVersionDatasetFacet(version)}


def _quality_assertions(
    verdict: Verdict, stages: tuple[Stage, ...], contract: Contract | None
) -> facets.data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet | None:
    """Return the rules that held or broke; of what broke, how often and no sample."""
    judged = [result for result in verdict.rules if result.stage in stages and result.state.is_conclusive]
    if not judged:
        return None
    declared = {rule.rule: rule for rule in contract.rules} if contract else {}

    def build_assertion(result: RuleResult) -> facets.data_quality_assertions_dataset.Assertion:
        rule = declared.get(result.rule)
        single_column = rule.roots[0] if rule and len(rule.columns) == 1 else None
        return facets.data_quality_assertions_dataset.Assertion(
            assertion=rule.type if rule else "structure",
            success=result.held,
            column=single_column,
            severity=result.severity.lineage,
            name=result.rule,
            description=rule.why if rule else None,
            actual=f"{result.unexpected} unexpected",
        )

    return facets.data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(
        [build_assertion(result) for result in judged]
    )


def _evaluated_references(verdict: Verdict, contracts: Contracts) -> list[Reference]:
    """Return the references whose table the run looked into: those with a rule that was evaluated."""
    contract = contracts.get(Stage.OUTPUT)
    evaluated = {result.rule for result in verdict.rules if result.evaluated}
    rules = [rule for rule in contract.rules if rule.rule in evaluated] if contract else []
    return list(dict.fromkeys(reference for rule in rules for reference in rule.references))


def _table_location(arguments: JobArguments, dataset: str) -> str:
    """Return where another dataset's table lies."""
    return f"{arguments.location.rpartition('/')[0]}/{dataset}"


def _dataset_name(uri: str) -> tuple[str, str]:
    """Return namespace and name as the specification has them for S3."""
    prefix = S3Prefix.from_uri(uri)
    return f"s3://{prefix.bucket}", prefix.prefix.rstrip("/")
