"""Trades by day, built by its own job in the deployed lake, on its own role, and seen by an operator."""

import json
from pathlib import Path
from typing import Any

import pytest

from sluice.cli.errors import WrongUse
from sluice.program import iam, request_permissions
from sluice.sandbox import published_rows
from sluice.sandbox.demo import saved_queries
from sluice.sandbox.emulator import recorder
from sluice.sandbox.emulator.emulator import ACCOUNT
from sluice.sandbox.jobs.spark import REGION
from sluice.sandbox.lake import Dataset, Run, deployed_datasets
from sluice.sandbox.try_day import check_files
from tests.lake import catalogue
from tests.sandbox.conftest import Lake, run_operator
from tests.sandbox.test_privilege import granted_actions, without_action

pytestmark = pytest.mark.long

SOURCES = {("FindSources", "glue:GetTable"), ("ReadSources", "s3:GetObject")}


@pytest.fixture(scope="module")
def daily(lake: Lake) -> Dataset:
    return deployed_datasets(lake.emulator)["trades_daily"]


@pytest.fixture(scope="module")
def built(lake: Lake, daily: Dataset, good: Run) -> Run:
    """The first run, after the catalogue was published."""
    goods = deployed_datasets(lake.emulator)["goods"]
    goods.upload_object(catalogue.catalogue_parquet(), "2025-01-19.parquet")
    assert goods.run().state == "SUCCEEDED"
    return daily.run()


def test_it_adds_up_to_the_published_trades(lake: Lake, daily: Dataset, built: Run) -> None:
    assert built.state == "SUCCEEDED", built.message
    cents = [round(100 * float(row["total_amount"])) for row in published_rows.published_rows(lake.trades, 1000)]
    daily_rows = published_rows.published_rows(daily, 1000)
    assert len(cents) >= len(daily_rows) > 1
    assert sum(round(100 * float(row["revenue"])) for row in daily_rows) == sum(cents)
    assert sum(int(row["orders"]) for row in daily_rows) == len(cents)


def test_the_saved_question_is_answered_from_it(daily: Dataset, built: Run) -> None:
    answer = saved_queries.run_saved_query("revenue", daily, catalogue.LAST_DAY)
    first = {"region": "US-EAST", "day": "2025-01-15", "orders": "1", "units": "2", "revenue": "59.98"}
    assert first in answer


def test_its_role_allows_all_that_its_run_asks_for_and_reads_nothing_in_vain(
    lake: Lake, daily: Dataset, built: Run
) -> None:
    document = _role_document(lake, daily)
    asks = [
        ask
        for sent in recorder.recorded_requests(lake.emulator, built.id)
        for ask in request_permissions.required_permissions(sent, REGION, ACCOUNT)
    ]
    assert {ask.action for ask in asks} >= {"s3:GetObject", "s3:PutObject", "glue:GetTable", "glue:UpdateTable"}
    assert [ask for ask in asks if not iam.allowing_sids(document, ask)] == []
    assert granted_actions(document) >= SOURCES
    for sid, action in SOURCES:
        poorer = without_action(document, sid, action)
        assert not all(iam.allowing_sids(poorer, ask) for ask in asks if ask.action == action), sid


def test_an_operator_sees_what_changed_since_it_was_built(lake: Lake, built: Run) -> None:
    code, out = run_operator(lake, "status", "trades_daily", "--json")
    [state] = json.loads(out)
    nothing = {"unread": [], "superseded": [], "waiting": [], "broken_manifests": [], "skipped": [], "deleted": []}
    nothing |= {"passed_over": [], "objects_passed_over": 0}
    assert (code, state["unseen"], state["objects"]) == (0, {}, nothing)
    assert (state["readers"]["run"], state["verdict"]["state"]) == (built.id, "SUCCEEDED")


def test_its_days_are_no_objects_to_skip(lake: Lake, built: Run, capsys: pytest.CaptureFixture[str]) -> None:
    code, _ = run_operator(lake, "skip", "trades_daily", "2025-01-15", "--why", "wrong", "--yes")
    assert code == 2
    assert (
        "trades_daily is built from tables and has no objects: skip those of trades, goods" in capsys.readouterr().err
    )


def test_a_file_of_what_is_built_from_tables_is_wrong_use() -> None:
    with pytest.raises(WrongUse, match=r"trades_daily is built from tables and takes no file: .* --with trades=FILE"):
        check_files("trades_daily", [Path("day.csv")])
    with pytest.raises(WrongUse, match="trades is built from files: name at least one"):
        check_files("trades", [])


def _role_document(lake: Lake, dataset: Dataset) -> dict[str, Any]:
    role = lake.emulator.client("glue").get_job(JobName=dataset.job)["Job"]["Role"].rsplit("/", 1)[-1]
    iam_api = lake.emulator.client("iam")
    [name] = iam_api.list_role_policies(RoleName=role)["PolicyNames"]
    return iam_api.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
