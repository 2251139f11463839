"""Where runs tell of themselves: said once for a stack or a dataset, and a job may write there and nowhere else."""

import json

import pytest

from components.settings.config_reader import BadConfiguration
from sluice.program.graph import run
from tests.program.deployed import Deployed, datasets
from tests.program.test_references import permits, s3
from tests.program.test_settings import of

SERVER = "https://lineage.example.com:5000/api"
TELL = s3("PUT", "assets", "lineage/{}/jr_1.jsonl")


@pytest.mark.parametrize(
    ("said", "argument"),
    [("assets", "s3://sluice-dev-assets-123456789012/lineage/{}/"), (SERVER, SERVER), ("none", None)],
)
def test_a_job_is_told_where_and_may_write_to_its_own_folder_of_assets_only_there(
    said: str, argument: str | None
) -> None:
    graph = run("dev", changed={"sluice:lineage": said})
    deployed = [Deployed(graph, dataset) for dataset in datasets("dev")]
    assert [one.arguments.get("--lineage") for one in deployed] == [
        argument and argument.format(one.dataset) for one in deployed
    ]
    assert {permits(one, TELL(one, one.dataset)) for one in deployed} == {said == "assets"}
    assert {permits(one, TELL(one, f"{one.dataset}_vip")) for one in deployed} == {False}


def test_a_dataset_may_have_a_place_of_its_own() -> None:
    entries = {"sales": {"lineage": SERVER}, "customers": {}}
    places = {one.name: one.lineage for one in of(datasets=json.dumps(entries), lineage="none").datasets}
    assert places == {"sales": SERVER, "customers": "none"}


@pytest.mark.parametrize("said", ["http://lineage.example.com", "https://", "https://a b.com", "s3://mine/", "yes", ""])
def test_a_place_that_is_none_is_refused(said: str) -> None:
    """Over http a server would be told the names of tables and rules where anyone can read them."""
    with pytest.raises(BadConfiguration) as refused:
        of(lineage=said)
    assert f'sluice:lineage is "{said}": takes assets, a server\'s https://..., or none' in str(refused.value)
