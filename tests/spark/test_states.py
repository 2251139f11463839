"""The four states of a rule, on plain data: what each does to a run, to the verdict file and to its readers."""

from dataclasses import replace
from typing import Any

import pytest

from etl.contract.loading import contract_of
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.errors import ContractBroken, RuleInError
from etl.gate import checks
from etl.gate.quarantine_routing import MarkedRows, WarningsUnjudged, warning_rules
from etl.isolation import Isolation, Part, PartOutcome
from etl.results.contract_failures import not_evaluated_note, record_and_raise
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.verdict import ObjectVersion, Verdict
from etl.runtime.arguments import parse_arguments
from tests.lake.examples import suite_of
from tests.unit.job.test_arguments import command_line

STATES = list(RuleState)


def make_result(state: RuleState, severity: str = "critical", rule: str = "trades.rule") -> RuleResult:
    held_result = RuleResult(rule, Stage.INPUT, Severity(severity), RuleState.HELD)
    return (
        held_result.as_error("the engine's words")
        if state is RuleState.ERROR
        else RuleResult(rule, Stage.INPUT, Severity(severity), state)
    )


def make_verdict(*rules: RuleResult) -> Verdict:
    return Verdict("trades", "jr_1", "job", "now", rules=list(rules))


@pytest.mark.parametrize("state", STATES)
def test_held_is_true_for_a_rule_that_the_data_kept_and_for_no_other(state: RuleState) -> None:
    [rule] = make_verdict(make_result(state)).as_json()["rules"]
    assert (rule["state"], rule["held"]) == (state.value, state is RuleState.HELD)


@pytest.mark.parametrize("severity", ["critical", "warning", "info"])
def test_a_rule_in_error_fails_the_run_whatever_its_severity_and_blames_no_data(severity: str) -> None:
    outcome = make_verdict()
    with pytest.raises(RuleInError) as failed:
        record_and_raise(outcome, [make_result(RuleState.ERROR, severity)], "s3://verdict")
    assert "trades.rule (the engine's words)" in str(failed.value)
    assert "broke" not in str(failed.value).lower()
    document = outcome.as_json()
    assert (document["rules_in_error"], document["violations"], outcome.broken) == (1, [], [])
    assert document["rules"][0]["severity"] == severity


def test_data_that_broke_one_rule_while_another_was_in_error_is_told_of_both() -> None:
    outcome = make_verdict()
    with pytest.raises(ContractBroken, match=r"Broken: trades.b \(0\). In error: trades.a \(the"):
        record_and_raise(
            outcome,
            [make_result(RuleState.ERROR, rule="trades.a"), make_result(RuleState.BROKEN, rule="trades.b")],
            "s3://v",
        )
    assert [violation["rule"] for violation in outcome.as_json()["violations"]] == ["trades.b"]


def test_a_message_says_how_many_rules_were_not_evaluated_and_names_the_first() -> None:
    waiting = [make_result(RuleState.NOT_EVALUATED, rule=f"trades.{number}") for number in range(7)]
    assert not_evaluated_note(make_verdict(make_result(RuleState.HELD))) == ""
    assert not_evaluated_note(make_verdict(waiting[0])) == ". 1 rule not evaluated: trades.0"
    names = "trades.0, trades.1, trades.2, trades.3, trades.4"
    assert not_evaluated_note(make_verdict(*waiting)) == f". 7 rules not evaluated: {names} and 2 more"
    with pytest.raises(ContractBroken, match=r"Broken: trades.rule \(0\). 1 rule not evaluated: trades.0$"):
        record_and_raise(make_verdict(waiting[0]), [make_result(RuleState.BROKEN)], "s3://v")


def test_the_message_of_isolated_objects_says_what_was_not_evaluated() -> None:
    rules = [make_result(RuleState.NOT_EVALUATED, rule="trades.known"), make_result(RuleState.BROKEN)]
    part = Part(replace(make_verdict(*rules), objects=[ObjectVersion("trades/b.csv", "v")]), PartOutcome.BROKEN)
    for parts, start in (([part], "trades/b.csv broke"), ([], "all 0 objects kept")):
        message = Isolation(
            parse_arguments(command_line()), make_verdict(*rules), lambda *_: None, parts
        )._failure_message
        assert message.startswith(start)
        assert "trades.rule (0)" in message
        assert message.endswith(". 1 rule not evaluated: trades.known")


def test_the_verdict_counts_rules_that_were_not_evaluated_or_are_in_error() -> None:
    states = [*STATES, RuleState.NOT_EVALUATED]
    document = make_verdict(
        *(make_result(state, rule=f"trades.{number}") for number, state in enumerate(states))
    ).as_json()
    assert (document["rules_not_evaluated"], document["rules_in_error"], len(document["violations"])) == (2, 1, 1)


@pytest.mark.parametrize(
    ("rule", "state"),
    [
        ({"held": True}, RuleState.HELD),
        ({"held": True, "evaluated": True}, RuleState.HELD),
        ({"held": False, "evaluated": True}, RuleState.BROKEN),
        ({"held": True, "evaluated": False}, RuleState.NOT_EVALUATED),
        ({"held": False, "evaluated": True, "state": "error"}, RuleState.ERROR),
    ],
)
def test_a_verdict_that_knew_no_states_is_still_read(rule: dict[str, Any], state: RuleState) -> None:
    assert RuleState.from_verdict_rule(rule) is state


@pytest.mark.parametrize("state", [True, False, "fine"])
def test_what_is_no_state_is_refused(state: Any) -> None:
    with pytest.raises(ValueError, match="RuleState"):
        RuleResult("trades.rule", Stage.INPUT, Severity.CRITICAL, state)


def test_a_rule_that_the_engine_cannot_judge_is_in_error_with_its_words(spark: Any) -> None:
    early = {
        "type": "expect_column_values_to_be_between",
        "kwargs": {"column": "day", "min_value": "0500-06-01"},
        "severity": "info",
        "meta": {"rule": "trips.day", "why": "No trip is older."},
    }
    contract = contract_of(suite_of(early))
    row = "SELECT 'Bern' city, 1 stops, 2 seats, 1.0BD fare, DATE '2025-01-01' day, true paid"
    results = {result.rule: result for result in checks.check_frame(spark.sql(row), contract, list(contract.rules), {})}
    error = results["trips.day"]
    assert (error.state, error.severity, error.unexpected) == (RuleState.ERROR, "info", 0)
    assert error.samples[0]
    assert results["trips.rows"].held
    warning = contract_of(suite_of({**early, "severity": "warning"}))
    with pytest.raises(WarningsUnjudged) as raised:
        MarkedRows(spark.sql(row)).mark_warnings(warning, warning_rules(warning), {})
    [unjudged] = raised.value.results
    assert (unjudged.rule, unjudged.state, unjudged.severity) == ("trips.day", RuleState.ERROR, "warning")
