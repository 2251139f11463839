"""Made-up runs, one for each kind of message: what docs/messages.md shows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from etl.contract.loading import parse_contract
from etl.contract.model import Contract
from etl.contract.results_layout import RULES, RUNS, ResultKind
from etl.contract.severity import Severity
from etl.contract.stage import SUITE_STAGES, Stage
from etl.iceberg.current_snapshot import Head
from etl.messages.message import Message
from etl.messages.run_facts import RunFacts
from etl.messages.run_message import Remembered, tell_of_run
from etl.results.result_lines import line_adapter, render_lines
from etl.results.row_origin import Origin
from etl.results.rule_line import rule_lines
from etl.results.rule_result import RuleResult
from etl.results.rule_state import OBSERVED, RuleState
from etl.results.run_line import RunFigures, run_line
from etl.results.verdict import ObjectVersion, RunState, Verdict
from etl.runtime.arguments import JobArguments
from etl.storage.raw_objects import S3Prefix

DATASET, LAKE, REGION = "orders", "sluice-prod", "eu-west-1"
DAY = date(2025, 1, 19)
PUBLISHED_AT = 1_737_180_240_000
"""2025-01-18 06:04 UTC, in epoch milliseconds: what readers saw before."""
BAD_RUN, GOOD_RUN = "jr_2f6c", "jr_81aa"
OBJECT = ObjectVersion(f"{DATASET}/{DAY}.csv", "3HL4kqtJ")

RESULTS_FILE = f"{LAKE}-assets-123456789012/results/runs/dataset={DATASET}/day={DAY}/{GOOD_RUN}.jsonl"
RESULTS_DENIED = (
    f"Results could not be written to s3://{RESULTS_FILE}: An error occurred (AccessDenied) when calling the PutObject "
    f"operation: Access Denied (needs s3:PutObject on arn:aws:s3:::{RESULTS_FILE})."
)


@dataclass(frozen=True)
class MessageSample:
    """A message that the page shows: `name` is its pictures', `title` its heading, `when` says when it comes."""

    name: str
    title: str
    when: str
    message: Message


def message_samples() -> Iterator[MessageSample]:
    """Yield a message of each kind, in the order in which a person would meet them."""
    quantity = _broken("quantity.range", 12, ("-3", "0"), "An order is of at least one piece.", Severity.CRITICAL)
    e_mail = _broken("email.format", 2, ("***",), "An address has an @ and a dot behind it.", Severity.CRITICAL)
    customer = _broken("customer_id.known", 3, ("C-1017",), "An order is of a customer whom we know.", Severity.WARNING)
    bad = _facts(BAD_RUN, [quantity, e_mail], "ContractBroken")
    yield MessageSample(
        "bad",
        "A critical rule broke",
        "Once for a dataset and run date. A run that breaks the same rules again, or fewer of them, sends nothing.",
        tell_of_run(bad, Remembered()).message,
    )
    denied = "orders: s3:GetObject on arn:aws:s3:::sluice-prod-raw-123456789012/orders/2025-01-19.csv was denied"
    yield MessageSample(
        "failed",
        "A run failed for another reason",
        "Once for a dataset, run date and class of error.",
        tell_of_run(_facts(BAD_RUN, [], "Denied", message=denied), Remembered()).message,
    )
    written = tell_of_run(bad, Remembered()).written
    yield MessageSample(
        "good_again",
        "It is good again",
        "Once, by the next run that publishes, or that finds what was bad skipped. It has the severity of what it ends.",
        tell_of_run(_facts(GOOD_RUN, [], rows_published=480), Remembered(bad=written)).message,
    )
    aside = _facts(GOOD_RUN, [customer], rows_published=477, rows_quarantined=3)
    yield MessageSample(
        "set_aside",
        "Rows were set aside",
        "Once for a dataset, run date and rules of severity warning. A replay of all these rows says that it is over.",
        tell_of_run(aside, Remembered()).message,
    )
    refused = replace(_facts(GOOD_RUN, [], rows_published=480), results_faults=(RESULTS_DENIED,))
    yield MessageSample(
        "results",
        "A good run's results could not be written",
        "Once for a dataset and run date. A run that sends another message says it there.",
        tell_of_run(refused, Remembered()).message,
    )
    yield MessageSample(
        "repair",
        "A replay, a rerun or a withdrawal failed",
        "Each time, as a warning: nothing has changed for readers, and whoever started it may not be at the screen.",
        tell_of_run(_facts(BAD_RUN, [quantity], "ContractBroken", replay=GOOD_RUN), Remembered()).message,
    )


def results_line() -> str:
    """Return the line that a run with rows aside leaves in the results."""
    return _example_lines()[RUNS]


def rule_result_line() -> str:
    """Return the line of a rule of the same run: one that held, over what was published."""
    return _example_lines()[RULES]


def _example_lines() -> dict[ResultKind, str]:
    customer = _broken("customer_id.known", 3, ("C-1017",), "An order is of a customer whom we know.", Severity.WARNING)
    facts = _facts(GOOD_RUN, [customer], rows_read=480, rows_published=477, rows_quarantined=3, seconds=81.4)
    facts.verdict.metrics = {Stage.INPUT: {"row_count": 480}, Stage.OUTPUT: {"row_count": 477, "amount.sum": 9120.5}}
    facts.verdict.contracts = dict(zip(SUITE_STAGES, ("1.2.0", "1.4.0"), strict=True))
    line = run_line(facts.verdict, RunFigures(facts.run_date, 51_400, 214.6, f"{DAY}T06:01:12+00:00", 26))
    total = RuleResult(f"{DATASET}.amount.total", Stage.OUTPUT, Severity.CRITICAL, RuleState.HELD, way=OBSERVED)
    facts.verdict.rules = [replace(total, rows_judged=477, observed="9120.5")]
    [rule] = rule_lines(facts.verdict, facts.run_date)
    return {
        kind: render_lines(line_adapter(kind), [example]).decode() for kind, example in ((RUNS, line), (RULES, rule))
    }


def _broken(rule: str, rows: int, samples: tuple[str, ...], why: str, severity: Severity) -> RuleResult:
    places = tuple(Origin(OBJECT.key, OBJECT.version, 17 + 24 * number) for number in range(len(samples)))
    name = f"{DATASET}.{rule}"
    return RuleResult(name, Stage.INPUT, severity, RuleState.BROKEN, rows, samples, why, places=places)


def _facts(run: str, rules: list[RuleResult], error: str = "", replay: str = "", **figures: Any) -> RunFacts:
    """Return a run; `figures` are what its verdict has beside the rules."""
    order = JobArguments(
        dataset=DATASET,
        raw=S3Prefix(f"{LAKE}-raw-123456789012", f"{DATASET}/"),
        table=f"lake.sluice_prod.{DATASET}",
        location=f"s3://{LAKE}-processed-123456789012/parquet/{DATASET}",
        input_contract="",
        output_contract="",
        verdicts=S3Prefix(f"{LAKE}-assets-123456789012", f"verdicts/{DATASET}/"),
        code="",
        raw_expire_days=0,
        run_date=DAY,
        job=f"{LAKE}-{DATASET}",
        run_id=run,
        replay=replay,
        stack="prod",
        docs_url="https://lake.example.com/docs",
    )
    state = RunState.FAILED if error else RunState.SUCCEEDED
    pages = order.verdicts.uri(f"docs/{DATASET}/{run}/") if rules else None
    verdict = Verdict(DATASET, run, order.job, f"{DAY}T06:00:00+00:00", state, rules=rules, data_docs=pages, **figures)
    verdict.objects, verdict.kind, verdict.replay = [OBJECT], order.kind, replay or None
    return RunFacts(order, verdict, (_contract(),), Head("1", PUBLISHED_AT), REGION, error)


def _contract() -> Contract:
    """Return the contract that names the owner."""
    row_count = {
        "type": "expect_table_row_count_to_be_between",
        "kwargs": {"min_value": 1},
        "meta": {"rule": f"{DATASET}.input.rows", "why": "A day has orders."},
        "severity": "critical",
    }
    meta = {
        "version": "1.0.0",
        "owner": "web-shop",
        "description": "One order a row.",
        "format": "csv",
        "columns": [{"name": "order_id", "type": "string", "description": "the shop's id of the order"}],
    }
    return parse_contract(json.dumps({"name": f"{DATASET}.input", "meta": meta, "expectations": [row_count]}), DATASET)
