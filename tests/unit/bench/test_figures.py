"""What the benchmark makes of its measurements."""

import pytest

from bench import chart, page
from bench.figures import Figure, Kept, lines
from bench.process import Told


def told(seconds: float) -> Told:
    return Told(seconds, (), 1, 1, 1, 1, {})


def test_each_repetition_is_held_against_the_ungated_job_of_the_same_repetition():
    found = {"ungated": {1: told(10), 2: told(20), 3: told(10)}, "sluice": {1: told(12), 2: told(22), 3: told(13)}}
    base, ours = lines(found)
    assert (base.ratio.middle, base.ratio.low, base.ratio.high) == (1, 1, 1)
    assert ours.ratio.middle == pytest.approx(1.2)  # the ratio of the medians would be 1.3
    assert (ours.ratio.low, ours.ratio.high) == (pytest.approx(1.1), pytest.approx(1.3))
    assert ours.seconds == Figure(13, 12, 22)


def test_a_series_goes_on_only_where_it_is_about_the_very_same(tmp_path):
    file = tmp_path / "results" / "peers.jsonl"
    first = Kept(file, {"code": "a", "rows": 5}, go_on=True)
    first.put("sluice 1", told(3))
    assert Kept(file, {"code": "a", "rows": 5}, go_on=True).found["sluice 1"].seconds == 3
    assert not Kept(file, {"code": "b", "rows": 5}, go_on=True).found


def test_without_going_on_a_series_begins_anew(tmp_path):
    file = tmp_path / "peers.jsonl"
    Kept(file, {}, go_on=True).put("sluice 1", told(3))
    assert "sluice 1" not in Kept(file, {}, go_on=False)


def test_a_section_takes_the_place_of_the_earlier_one_and_leaves_the_others(tmp_path):
    path = tmp_path / "benchmark.md"
    for section, text in (("growth", "## G"), ("peers", "## old"), ("peers", "## new")):
        page.put(path, section, text)
    said = path.read_text()
    assert said.index("## new") < said.index("## G")
    assert "## old" not in said


def test_a_bar_is_as_long_as_its_ratio():
    found = lines({"ungated": {1: told(10)}, "sluice": {1: told(25)}})
    drawn = chart.bars(found, {"ungated": "ungated", "sluice": "a < b"}, "sluice", "times")
    widths = [float(part.split('"')[0]) for part in drawn.split(' width="')[2:]]
    assert widths[1] == pytest.approx(2.5 * widths[0], rel=0.01)
    assert "a &lt; b" in drawn
