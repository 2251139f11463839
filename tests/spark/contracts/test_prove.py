"""Every rule is shown to bite by a fault of its own; a rule that cannot bite, or a gate that does not, is told."""

import copy
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from components.settings.lake_folder import ROOT
from etl import pipeline, run
from etl.contract.loading import contract_of
from etl.contract.model import Contract
from etl.contract.stage import SUITE_STAGES
from etl.contract.validation.suite import faults_of
from etl.results import contract_failures
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.verdict import Verdict
from sluice.cli.app import main
from sluice.contracts.prove.copy_proofs import CUT_OFF
from sluice.contracts.prove.proof import prove_rules
from sluice.contracts.prove.report import Proof, ProofReport
from sluice.contracts.suite_files import suite_file
from tests.lake import LAKE
from tests.lake.examples import COLUMNS, suite_of
from tests.lake.histories import LOW
from tests.lake.mutations import Suite

DATASETS = sorted(path.parent.name for path in (LAKE / "expectations").glob("*/input.json"))
TODAY = date(2026, 1, 31)


def trips_input() -> Suite:
    """Return an input suite of the made-up dataset that judges next to nothing."""
    suite = copy.deepcopy(suite_of())
    columns = [{"name": name, "type": "string", "description": name} for name in COLUMNS]
    texts = {key: suite["meta"][key] for key in ("version", "owner", "description")}
    rows = {**suite["expectations"][0], "meta": {"rule": "trips.input.rows", "why": "A day has trips."}}
    return {"name": "trips.input", "meta": {**texts, "format": "csv", "columns": columns}, "expectations": [rows]}


def trips_rule(name: str, kind: str, counterexample: dict[str, Any] | None = None, **kwargs: Any) -> Suite:
    meta = {"rule": f"trips.{name}", "why": "An example."}
    return {
        "type": kind,
        "kwargs": kwargs,
        "meta": meta | ({"counterexample": counterexample} if counterexample else {}),
    }


@pytest.fixture
def plain_trips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the made-up dataset be published as it comes."""
    monkeypatch.setattr("sluice.contracts.prove.proof.transform_of", lambda dataset: lambda trips: trips)


@pytest.fixture
def proven(spark: Any, plain_trips: None) -> Any:
    """Prove the made-up dataset with these rules in its output."""

    def prove_suite(*rules: Suite) -> ProofReport:
        suites = trips_input(), suite_of(*rules)
        assert not [fault for suite in suites for fault in faults_of(suite)]
        input_contract, published = map(contract_of, suites)
        return prove_rules(spark, input_contract, published, TODAY)

    return prove_suite


def load_contracts(dataset: str) -> list[Contract]:
    loaded = [suite_file(LAKE / "expectations" / dataset / f"{stage}.json").contract for stage in SUITE_STAGES]
    return [contract for contract in loaded if contract]


@pytest.mark.long
@pytest.mark.parametrize("dataset", DATASETS)
def test_every_shipped_rule_bites_and_lets_a_valid_day_through(dataset: str, spark: Any) -> None:
    input_contract, published = load_contracts(dataset)
    report = prove_rules(spark, input_contract, published, TODAY)
    assert (report.refused, report.unproven) == ("", [])
    rules = {rule.rule for contract in (input_contract, published) for rule in contract.rules}
    assert {proof.rule for proof in report.proofs if proof.stage != "structure"} == rules
    assert {proof.rule for proof in report.proofs} > {f"{dataset}.structure.text"}
    assert all(proof.fault for proof in report.proofs)
    assert report.all_proven
    assert report.seconds < 90


@pytest.mark.long
@pytest.mark.parametrize(("allowed", "why"), [(0.5, ""), (1, "no copy can trip it")])
def test_of_a_snapshot_a_copy_that_is_cut_off_proves_the_rule_on_rows_that_leave(
    spark: Any, plain_trips: None, allowed: float, why: str
) -> None:
    output = suite_of()
    output["meta"]["load"] = {"kind": "snapshot", "of": "folder", "max_gone": allowed}
    report = prove_rules(spark, contract_of(trips_input()), contract_of(output), TODAY)
    assert report.refused == ""
    [gone] = [proof for proof in report.proofs if proof.rule == "trips.structure.gone"]
    assert (gone.fault, why in gone.why) == ("" if why else CUT_OFF, True)
    assert [proof.rule for proof in report.unproven] == ([gone.rule] if why else [])


OUTSIDE = trips_rule("seats.any", "expect_column_values_to_be_between", column="seats", min_value=-3e9, max_value=3e9)
SEATS = trips_rule("seats.range", "expect_column_values_to_be_between", column="seats", min_value=1, max_value=60)
# Python's `re` knows no such class, so nothing is generated from the pattern.
HIDDEN = r"^Rosebud\p{InGreek}$"


@pytest.fixture(scope="module")
def told_by_command(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any]]:
    """The exit code and the JSON of the command on a suite with rules that nothing generated breaks."""

    @contextmanager
    def shared_session() -> Iterator[Any]:
        yield spark

    kind = "expect_column_values_to_not_match_regex"
    rules = (
        OUTSIDE,
        SEATS,
        trips_rule("one", kind, column="city", regex=HIDDEN),
        trips_rule("two", kind, {"city": "Rosebudλ"}, column="city", regex=HIDDEN),
    )
    folder = tmp_path_factory.mktemp("trips")
    for stage, suite in (("input", trips_input()), ("output", suite_of(*rules))):
        (folder / f"{stage}.json").write_text(json.dumps(suite))
    stdout = io.StringIO()
    with pytest.MonkeyPatch.context() as patched, redirect_stdout(stdout):
        patched.setattr("sluice.contracts.prove.proof.transform_of", lambda dataset: lambda trips: trips)
        patched.setattr("sluice.contracts.prove.session.lake_session", shared_session)
        code = main(["prove", "--json", str(folder)])
    (report,) = json.loads(stdout.getvalue())["datasets"]
    return code, report


def proofs_by_rule(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {proof["rule"]: proof for proof in report["proofs"]}


def test_a_rule_that_nothing_can_break_is_listed_and_ends_with_1(told_by_command: tuple[int, dict[str, Any]]) -> None:
    code, report = told_by_command
    assert (code, report["unproven"]) == (1, ["trips.seats.any", "trips.one"])
    proofs = proofs_by_rule(report)
    assert "meta.counterexample" in proofs["trips.seats.any"]["why"]
    assert proofs["trips.seats.range"]["why"] == ""


def test_the_suites_own_counterexample_shows_what_no_generated_fault_does(
    told_by_command: tuple[int, dict[str, Any]],
) -> None:
    proof = proofs_by_rule(told_by_command[1])["trips.two"]
    assert proof["fault"] == "the suite's own counterexample: city = 'Rosebudλ'"
    assert proof["overlap"] == ["trips.one"]


@pytest.mark.long
def test_rules_of_days_pairs_and_shares_are_shown_with_what_was_done_to_a_valid_day(proven: Any) -> None:
    report = proven(
        SEATS,
        trips_rule("pair", "expect_column_pair_values_a_to_be_greater_than_b", column_A="seats", column_B="stops"),
        trips_rule("mean", "expect_column_mean_to_be_between", column="fare", min_value=1, max_value=50),
        trips_rule("all", "expect_column_distinct_values_to_contain_set", column="city", value_set=["Bern", "Basel"]),
        trips_rule("most", "expect_column_values_to_not_be_null", column="paid", mostly=0.9),
        trips_rule("count", "expect_table_row_count_to_be_between", max_value=24),
    )
    assert (report.refused, report.unproven) == ("", [])
    assert proof_of(report, "trips.most").fault == "only rows with paid = ''"
    assert proof_of(report, "trips.count").fault == "25 rows"
    assert "trips.key" in proof_of(report, "trips.count").overlap


def test_a_day_that_no_row_can_be_of_is_told_with_the_rules_that_refuse_it(proven: Any) -> None:
    report = proven(
        trips_rule("city.a", "expect_column_values_to_be_in_set", column="city", value_set=["Bern"]),
        trips_rule("city.b", "expect_column_values_to_not_be_in_set", column="city", value_set=["Bern"]),
        trips_rule("city.c", "expect_column_values_to_not_be_null", column="city"),
    )
    assert not report.all_proven
    assert "trips.city.a, trips.city.b, trips.city.c" in report.refused


def alter_results(monkeypatch: pytest.MonkeyPatch, alter: Callable[[RuleResult], RuleResult]) -> None:
    """Let every run of the gate take other results than it came to."""

    def record_altered(verdict: Verdict, results: list[RuleResult], verdict_uri: str) -> None:
        contract_failures.record_and_raise(verdict, [alter(rule_result) for rule_result in results], verdict_uri)

    for module in (pipeline, run):
        monkeypatch.setattr(module, "record_and_raise", record_altered)


@pytest.mark.long
def test_a_gate_that_overlooks_a_rule_is_caught(proven: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    alter_results(
        monkeypatch,
        lambda rule_result: (
            replace(rule_result, state=RuleState.HELD, unexpected=0)
            if rule_result.rule == "trips.seats.range"
            else rule_result
        ),
    )
    report = proven(SEATS)
    assert [proof.rule for proof in report.unproven] == ["trips.seats.range"]
    assert "the gate reports 0 of the 1 rows" in report.unproven[0].why


@pytest.mark.parametrize("held", [pytest.param(True, marks=pytest.mark.long), False])
def test_a_gate_that_says_the_same_of_every_day_is_caught(
    proven: Any, held: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    alter_results(
        monkeypatch, lambda rule_result: replace(rule_result, state=RuleState.from_outcome(held), unexpected=1)
    )
    report = proven(SEATS)
    assert not report.all_proven
    if held:
        judged = {proof.rule for proof in report.proofs}
        assert judged == {proof.rule for proof in report.unproven}
    else:
        assert "the gate refuses a file that keeps both contracts" in report.refused


def with_input(*rules: Suite) -> Suite:
    suite = trips_input()
    return {**suite, "expectations": [*suite["expectations"], *rules]}


def only_where(column: str, value: str) -> dict[str, Any]:
    return {"type": "comparison", "column": {"name": column}, "operator": "==", "parameter": value}


KNOWN = trips_rule("city.known", "expect_column_values_to_be_in_set", column="city", value_set=["Bern", "Basel"])
ANYTHING = trips_rule("city.anything", "expect_column_values_to_match_regex", column="city", regex="^.+$")


@pytest.fixture(scope="module")
def guarded(spark: Any) -> ProofReport:
    """The proof of suites in which rules of the input stand before others, of either suite.

    Nothing between commas is null in CSV, and a rule on the rows of a city that is refused judges none.
    """
    not_null = "expect_column_values_to_not_be_null"
    nowhere = trips_rule(
        "seats.of.oslo",
        not_null,
        column="seats",
        row_condition=only_where("city", "Oslo"),
        condition_parser="great_expectations",
    )
    usual = trips_rule("rows.usual", "expect_table_row_count_to_be_between", min_value={"$PARAMETER": "rows_low"})
    suites = (
        with_input(ANYTHING, KNOWN, nowhere, trips_rule("stops.there", not_null, column="stops")),
        suite_of(SEATS, trips_rule("stops.kept", not_null, column="stops"), usual),
    )
    suites[0]["meta"]["arrivals"] = [{"pattern": "trips/*.csv", "manifest": "trips/*.md5"}]
    suites[1]["meta"]["history"] = {"rows_low": LOW}
    assert not [fault for suite in suites for fault in faults_of(suite)]
    input_contract, published = map(contract_of, suites)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sluice.contracts.prove.proof.transform_of", lambda dataset: lambda trips: trips)
        return prove_rules(spark, input_contract, published, TODAY)


@pytest.mark.long
def test_a_rule_that_no_file_can_trip_is_said_to_be_dead_with_the_reason(guarded: ProofReport) -> None:
    assert guarded.refused == ""
    assert [proof.rule for proof in guarded.unproven] == ["trips.city.anything", "trips.seats.of.oslo"]
    assert "no generated csv file breaks it" in proof_of(guarded, "trips.city.anything").why
    reason = proof_of(guarded, "trips.seats.of.oslo").why
    assert "every row that its condition is about breaks trips.city.known" in reason
    assert proof_of(guarded, "trips.seats.range").fault == "seats = '0'"


@pytest.mark.long
def test_a_rule_of_the_output_that_the_input_stands_before_is_said_to_guard_the_transform(guarded: ProofReport) -> None:
    assert proof_of(guarded, "trips.stops.there").no_file == ""
    kept = proof_of(guarded, "trips.stops.kept")
    assert "guards the transform" in kept.no_file
    assert kept.fault == "a transform that makes stops = null"
    assert "trips.stops.kept" in guarded.as_json()["no_file"]


@pytest.mark.long
def test_a_day_with_a_wrong_manifest_is_refused_where_the_contract_names_one(guarded: ProofReport) -> None:
    proof = proof_of(guarded, "trips.structure.manifest")
    assert (proof.fault, proof.why, proof.overlap) == ("a manifest that says one row more", "", ())
    assert proof is guarded.proofs[0]


@pytest.mark.long
def test_a_rule_that_looks_back_is_shown_to_bite_by_results_that_a_run_reads(guarded: ProofReport) -> None:
    proof = proof_of(guarded, "trips.rows.usual")
    assert (proof.why, proof.no_file, proof.overlap) == ("", "", ())
    assert proof.fault == "row_count 4 after 5 earlier runs of 10"


def proof_of(report: ProofReport, rule: str) -> Proof:
    return next(proof for proof in report.proofs if proof.rule == rule)


@pytest.mark.long
def test_the_command_needs_no_aws_settings_and_takes_two_minutes_at_most() -> None:
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    begun = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-m", "sluice", "prove", "trades", "--json"],
        cwd=ROOT,
        env=surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    (report,) = json.loads(ended.stdout)["datasets"]
    assert report["held"]
    assert time.monotonic() - begun < 120
