"""What a failed run says of itself: where its verdict is before anything else, and not more rules than a person reads."""

from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import ClientError

from etl import reporting
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.errors import ContractBroken
from etl.iceberg.current_snapshot import Head
from etl.messages.run_facts import RunFacts
from etl.results.contract_failures import record_and_raise
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.verdict import RunState, Verdict
from etl.runtime.arguments import JobArguments, RunKind, parse_arguments
from etl.storage.clients import Clients
from etl.wording import count_noun, join_names
from tests.unit.job.test_arguments import command_line

SHOWN_BY_STATUS = 300
WHERE = f"s3://sluice-production-assets-123456789012/verdicts/trades/jr_{'0' * 64}.json"


def broken_results(count: int, sample: str = "-1") -> list[RuleResult]:
    return [
        RuleResult(f"trades.rule_{number}", Stage.INPUT, Severity.CRITICAL, RuleState.BROKEN, 3, (sample,))
        for number in range(count)
    ]


def contract_message(results: list[RuleResult]) -> str:
    with pytest.raises(ContractBroken) as ended:
        record_and_raise(Verdict("trades", "jr_1", "job", "then"), results, WHERE)
    return str(ended.value)


def test_a_message_that_is_cut_off_still_has_the_dataset_and_the_place_of_the_verdict() -> None:
    assert contract_message(broken_results(1)) == (
        f"trades broke its contract, nothing was published. Verdict: {WHERE}. Broken: trades.rule_0 (3: '-1')"
    )
    cut = contract_message(broken_results(200))[:SHOWN_BY_STATUS]
    assert cut.startswith("trades ")
    assert WHERE in cut


def test_a_message_names_the_first_rules_and_how_many_more_broke() -> None:
    text = contract_message(broken_results(1_200))
    assert "trades.rule_9 (3: '-1') and 1,190 more" in text
    assert "trades.rule_10" not in text


def test_a_message_is_short_whatever_the_samples_are() -> None:
    assert len(contract_message(broken_results(1_200, "x" * 100_000))) < 4_000


@pytest.mark.parametrize(
    ("number", "phrase"), [(0, "0 objects"), (1, "1 object"), (2, "2 objects"), (1_000, "1,000 objects")]
)
def test_a_noun_follows_its_number(number: int, phrase: str) -> None:
    assert count_noun(number, "object") == phrase


def test_an_irregular_noun_follows_its_number_too() -> None:
    assert [count_noun(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]


def test_names_are_listed_up_to_the_most_that_are_wanted() -> None:
    assert [join_names(["a", "b", "c"], most) for most in (2, 3)] == ["a, b and 1 more", "a, b, c"]


class RecordingClients:
    """Clients that note what they were asked to write."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.metrics: list[str] = []

    def get_object(self, **_: Any) -> None:
        raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")

    def get_paginator(self, _: str) -> Any:
        return Mock(paginate=Mock(return_value=[{}]))

    def put_object(self, *, Key: str, **_: Any) -> None:
        self.keys.append(Key)

    def put_metric_data(self, *, MetricData: list[dict[str, Any]], **_: Any) -> None:
        self.metrics += [metric["MetricName"] for metric in MetricData]


def publish_report(order: JobArguments, state: RunState) -> RecordingClients:
    aws: Any = RecordingClients()
    verdict = Verdict("trades", order.run_id, order.job, "then", state, kind=order.kind)
    reporting.publish_report(Clients(aws, aws, aws), RunFacts(order, verdict, (), Head(), "eu-west-1"))
    return aws


OWN, LATEST, OUTBOX = "verdicts/trades/jr_1.json", "verdicts/trades/latest.json", "outbox/trades/jr_1.json"
RESULTS = "results/runs/dataset=trades/day=then/jr_1.jsonl"
ALARMED = {"Violations", "RowsQuarantined"}


@pytest.mark.parametrize(("argument", "value", "kind"), [("replay", "jr_0", "replay"), ("rerun", '["a"]', "rerun")])
def test_an_operators_attempt_that_failed_leaves_the_latest_verdict_and_the_alarms_alone(
    argument: str, value: str, kind: str
) -> None:
    order = parse_arguments(command_line(**{argument: value}))
    assert order.kind == kind
    failed, succeeded = publish_report(order, RunState.FAILED), publish_report(order, RunState.SUCCEEDED)
    assert (failed.keys, failed.metrics) == ([OWN, RESULTS, OUTBOX], [])
    assert succeeded.keys == [OWN, LATEST, RESULTS, OUTBOX]
    assert set(succeeded.metrics) >= ALARMED


def test_a_run_that_failed_is_the_datasets_latest_verdict_and_rings() -> None:
    order = parse_arguments(command_line())
    failed = publish_report(order, RunState.FAILED)
    assert (order.kind, failed.keys[:4]) == ("run", [OWN, LATEST, RESULTS, OUTBOX])
    assert set(failed.metrics) >= ALARMED


def test_a_verdict_says_what_kind_of_run_it_tells_of() -> None:
    assert Verdict("trades", "jr_1", "job", "then", kind=RunKind.REPLAY).as_json()["kind"] == "replay"
