"""What was forgotten, as the job reports it: counts and places, never a key, and what no job reaches."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.readers.warehouse_tables import forget_sql
from etl.contract.model import Contract
from etl.wording import count_noun
from sluice.cli.exit_codes import ExitCode
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.job_runs import EndedRun
from sluice.operations.output import Dialog, say
from sluice.operations.short_ids import short_id

Report = Mapping[str, Any]
GONE_FROM_TABLE = ("SUCCEEDED", "INCOMPLETE")
"""States of a report after which the published table has such rows no more."""


def is_gone(report: Report | None) -> bool:
    """Whether the published table has the rows no more, so that what is built from it is to be built again."""
    return report is not None and report["state"] in GONE_FROM_TABLE


def report_as_json(ended: EndedRun, report: Report | None, beyond: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run that ended, with what it left, as plain data."""
    return {"run": ended.id, "state": ended.state, "message": ended.message, "report": report, **beyond}


def say_report(dialog: Dialog, ended: EndedRun, report: Report | None, beyond: Mapping[str, Any]) -> ExitCode:
    """Tell a person how a run ended and what went; return the exit code.

    Args:
        dialog: how the command talks.
        ended: the run.
        report: what it left, None for nothing.
        beyond: what the job does not reach, as `beyond_reach` has it.
    """
    state = report["state"] if report else "FAILED"
    say(dialog, *_render_report(report) if report else ())
    if is_gone(report):
        say(dialog, *_render_beyond(beyond))
    message = ended.message or (report or {}).get("message", "")
    say(dialog, *f"{short_id(ended.id)} {ended.state}{': ' if message else ''}{message}".split("\n"))
    if ended.state == "SUCCEEDED":
        return ExitCode.DONE
    return ExitCode.AT_FAULT if state in ("INCOMPLETE", "REFUSED") else ExitCode.OTHER_FAULT


def beyond_reach(dataset: DeployedDataset, contract: Contract, derived: list[str]) -> dict[str, Any]:
    """Return what the job does not reach: the days of logs, and statements for the warehouse, by dataset."""
    arguments = dataset.glue.get_job(JobName=dataset.forget)["Job"].get("DefaultArguments", {})
    loaded = [name for name in arguments.get("--warehouse", "").split(",") if name]
    statements = {name: f"CALL load_{name}();" for name in derived if name in loaded}
    if dataset.name in loaded:
        statements = {dataset.name: forget_sql(contract), **statements}
    return {"log_days": int(arguments.get("--log-days", "0")), "warehouse": statements}


def _render_report(report: Report) -> Iterator[str]:
    keys, matched = report["keys"], report["keys_matched"]
    yield f"{count_noun(keys, 'key')} asked for, {matched} in the published table"
    for table in report["tables"]:
        snapshots = count_noun(table["snapshots_expired"], "older snapshot")
        yield f"  {table['table']}: {count_noun(table['rows_deleted'], 'row')} deleted, {snapshots} expired"
    yield f"  raw: {count_noun(report['objects_searched'], 'object')} read, {len(report['objects'])} written anew"
    for raw_object in report["objects"]:
        yield f"    {raw_object['key']}: {count_noun(raw_object['rows'], 'row')}"
    for place, count in report["records_rewritten"].items():
        yield f"  {place}: {count} rewritten or removed"
    yield f"  answers of queries: {report['answers_deleted']} removed"
    for bucket in report["versions"]:
        yield f"  {bucket['bucket']}: {_render_versions(bucket)}"
    for left in report["left"]:
        yield f"  may still have such rows: {left['place']}: {left['why']}"


def _render_versions(bucket: Mapping[str, Any]) -> str:
    removed = f"{count_noun(bucket['deleted'], 'older version')} removed"
    if not bucket["remaining"]:
        return f"{removed}, none is left"
    if bucket["gone_on"] is None:
        return f"{removed}, {bucket['remaining']} left, and no rule of the bucket removes them"
    return f"{removed}, {bucket['remaining']} left, the last is gone on {bucket['gone_on']}"


def _render_beyond(beyond: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "out of reach: mails and chats that were sent, files that somebody took, and the logs of runs, which are kept for "
        f"{count_noun(beyond['log_days'], 'day')}"
    )
    for name, statement in beyond["warehouse"].items():
        yield f"the warehouse still has {name}; run there:"
        yield from (line for line in statement.splitlines() if not line.startswith("--"))
