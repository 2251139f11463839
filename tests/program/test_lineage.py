"""Where runs tell of themselves: said once for a stack or a dataset, and a job may write there and nowhere else."""

import json

import pytest

from components.settings.config_reader import BadConfiguration
from sluice.program.graph import run_program
from tests.program.deployed import Deployed
from tests.program.test_references import is_permitted, s3_ask
from tests.program.test_settings import make_settings

SERVER = "https://lineage.example.com:5000/api"
PUT_LINEAGE = s3_ask("PUT", "assets", "lineage/{}/jr_1.jsonl")


@pytest.mark.parametrize(
    ("lineage", "argument"),
    [("assets", "s3://sluice-dev-assets-123456789012/lineage/{}/"), (SERVER, SERVER), ("none", None)],
)
def test_a_job_is_told_where_and_may_write_to_its_own_folder_of_assets_only_there(
    lineage: str, argument: str | None
) -> None:
    graph = run_program("dev", changed={"sluice:lineage": lineage, "sluice:datasets": '{"buyers": {}, "goods": {}}'})
    deployed = [Deployed(graph, dataset) for dataset in ("buyers", "goods")]
    assert [job.arguments.get("--lineage") for job in deployed] == [
        argument and argument.format(job.dataset) for job in deployed
    ]
    assert {is_permitted(job, PUT_LINEAGE(job, job.dataset)) for job in deployed} == {lineage == "assets"}
    assert {is_permitted(job, PUT_LINEAGE(job, f"{job.dataset}_vip")) for job in deployed} == {False}


def test_a_dataset_may_have_a_place_of_its_own() -> None:
    entries = {"trades": {"lineage": SERVER}, "buyers": {}}
    places = {
        dataset.name: dataset.lineage
        for dataset in make_settings(datasets=json.dumps(entries), lineage="none").datasets
    }
    assert places == {"trades": SERVER, "buyers": "none"}


@pytest.mark.parametrize(
    "lineage", ["http://lineage.example.com", "https://", "https://a b.com", "s3://mine/", "yes", ""]
)
def test_a_place_that_is_none_is_refused(lineage: str) -> None:
    """Over http a server would be told the names of tables and rules where anyone can read them."""
    with pytest.raises(BadConfiguration) as refused:
        make_settings(lineage=lineage)
    assert f'sluice:lineage is "{lineage}": takes assets, a server\'s https://..., or none' in str(refused.value)
