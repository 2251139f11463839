"""Runs that have ended, and a bucket in memory, for tests of what people are told."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from botocore.exceptions import ClientError

from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.iceberg.current_snapshot import Head
from etl.messages.message import Message
from etl.messages.outbox import write_message
from etl.messages.run_facts import RunFacts
from etl.results.row_origin import Origin
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.verdict import ObjectVersion, RunState, SkippedObject, Verdict
from etl.runtime.arguments import RunKind, parse_arguments
from etl.storage.clients import Clients
from tests.unit.job.test_arguments import command_line

OBJECT = "trades/2026-01-31.csv"
PUBLISHED_AT = 1_769_839_200_000
"""2026-01-31 06:00 UTC, in epoch milliseconds."""
RANGE, KNOWN = "trades.quantity.range", "trades.trader.known"


def broken_rule(
    rule: str = RANGE,
    rows: int = 12,
    samples: Sequence[str | None] = ("-3",),
    severity: Severity = Severity.CRITICAL,
    key: str = OBJECT,
) -> RuleResult:
    """Return a broken rule; each sample stands in the next row from 17."""
    places = tuple(Origin(key, "v7", 17 + number) for number in range(len(samples)))
    why = "A trade has a quantity above 0."
    return RuleResult(rule, Stage.INPUT, severity, RuleState.BROKEN, rows, tuple(samples), why, places=places)


def ended_run(*rules: RuleResult, day: int = 31, run: str = "jr_1", error: str = "", **verdict: Any) -> RunFacts:
    """Return a run of a day of January 2026: it failed where a critical rule broke, or where there is an `error`."""
    failed = bool(error) or any(rule.stops_run for rule in rules)
    order = parse_arguments(command_line(stack="dev", JOB_RUN_ID=None))
    order = replace(order, run_date=date(2026, 1, day), run_id=run, replay=verdict.get("replay") or "")
    outcome = Verdict(
        "trades", run, order.job, "2026-01-31T06:00:00+00:00", RunState.FAILED if failed else RunState.SUCCEEDED
    )
    outcome.objects, outcome.rules = [ObjectVersion(OBJECT, "v7")], list(rules)
    outcome.rows_published = 0 if failed else 100
    for name, value in verdict.items():
        setattr(outcome, name, value)
    return RunFacts(
        order, outcome, (), Head("1", PUBLISHED_AT), "eu-west-1", error or ("ContractBroken" if failed else "")
    )


def rows_aside(rows: int = 3, **options: Any) -> RunFacts:
    """Return a run that published, and set rows aside."""
    return ended_run(broken_rule(KNOWN, rows, severity=Severity.WARNING), rows_quarantined=rows, **options)


def nothing_unread(*skipped: str, **options: Any) -> RunFacts:
    """Return a run that found nothing unread; objects were `skipped`."""
    left_alone = [SkippedObject(key, "v7", "sent twice", "ada", "2026-01-31") for key in skipped]
    return ended_run(nothing_unread=True, rows_published=0, skipped=left_alone, **options)


def replayed(former: str, rows: int = 0, **options: Any) -> RunFacts:
    """Return a replay of a former run; `rows` went aside again."""
    return (
        rows_aside(rows, replay=former, kind=RunKind.REPLAY, **options)
        if rows
        else ended_run(replay=former, kind=RunKind.REPLAY, **options)
    )


class Bucket:
    """S3 as a run's message meets it, and what was asked of it."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.refused: dict[str, str] = {}
        self.calls: list[str] = []

    def _note(self, operation: str, key: str) -> None:
        self.calls.append(f"{operation} {key}")
        if key.startswith(self.refused.get(operation, "none")):
            raise ClientError({"Error": {"Code": "AccessDenied"}}, operation)

    def put_object(self, *, Key: str, Body: bytes, **_: Any) -> None:
        self._note("put", Key)
        self.objects[Key] = Body

    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:
        self._note("get", Key)
        if Key not in self.objects:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(self.objects[Key])}

    def delete_object(self, *, Key: str, **_: Any) -> None:
        self._note("delete", Key)
        self.objects.pop(Key, None)

    def list_objects_v2(self, *, Prefix: str, **_: Any) -> dict[str, Any]:
        self._note("list", Prefix)
        contents = [{"Key": key} for key in sorted(self.objects) if key.startswith(Prefix)]
        return {"Contents": contents, "KeyCount": len(contents)}

    def get_paginator(self, _: str) -> "Bucket":
        return self

    def paginate(self, **request: Any) -> list[dict[str, Any]]:
        return [self.list_objects_v2(**request)]

    def tell(self, facts: RunFacts) -> Message:
        """Write a run's message here; return it."""
        aws: Any = self
        return write_message(Clients(aws, aws, aws), facts).message

    def incidents(self) -> list[str]:
        """Return what is remembered, by the last part of its key."""
        return [key.rpartition("/")[2] for key in sorted(self.objects) if key.startswith("incidents/")]
