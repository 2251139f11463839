"""Lakes of many datasets, as `make bench-scale` makes them: sound ones, within AWS's limits up to a hundred datasets."""

from pathlib import Path

import yaml

from bench import scale
from components.settings.lake_folder import use_lake
from tests.lake import LAKE


def test_each_group_of_datasets_refers_to_its_own(tmp_path: Path) -> None:
    scale.write_lake(LAKE, tmp_path, 6)
    options = yaml.safe_load((tmp_path / "Pulumi.prod.yaml").read_text())["config"]["sluice:datasets"]
    assert [*options] == ["trades000", "buyers000", "goods000", "trades_daily000", "trades001", "buyers001"]
    assert options["trades001"] == {"needs": ["buyers001", "goods001"]}
    suite = (tmp_path / "expectations" / "trades001" / "output.json").read_text()
    assert '"dataset": "buyers001"' in suite
    assert '"buyers"' not in suite


def test_twelve_datasets_are_within_every_limit_and_the_machine_grows_by_their_facts_alone(tmp_path: Path) -> None:
    with use_lake(LAKE):
        few, many = (scale.measure(number, _empty(tmp_path / str(number))) for number in (4, 12))
    assert [limit.what for limit in scale.LIMITS if many.figures[limit.what] > limit.most] == []
    grown = {what: (many.figures[what] - few.figures[what]) / 8 for what in few.figures}
    assert grown["bytes of a state machine"] < 600
    assert grown["rules of an event bus"] == 1
    table = scale.render_table([few, many])
    assert "| rules of an event bus | 8 | 16 | 300 | Amazon EventBridge quotas |" in table


def _empty(folder: Path) -> Path:
    folder.mkdir()
    return folder
