"""What the benchmark makes of its measurements."""

import pytest

from bench import chart, page
from bench.figures import Figure, SavedResults, result_lines
from bench.process import Measurement


def make_measurement(seconds: float) -> Measurement:
    return Measurement(seconds, (), 1, 1, 1, 1, {})


def test_each_repetition_is_held_against_the_ungated_job_of_the_same_repetition():
    runs = {
        "ungated": {1: make_measurement(10), 2: make_measurement(20), 3: make_measurement(10)},
        "sluice": {1: make_measurement(12), 2: make_measurement(22), 3: make_measurement(13)},
    }
    base, ours = result_lines(runs)
    assert (base.ratio.middle, base.ratio.low, base.ratio.high) == (1, 1, 1)
    assert ours.ratio.middle == pytest.approx(1.2)  # the ratio of the medians would be 1.3
    assert (ours.ratio.low, ours.ratio.high) == (pytest.approx(1.1), pytest.approx(1.3))
    assert ours.seconds == Figure(13, 12, 22)


def test_a_series_goes_on_only_where_it_is_about_the_very_same(tmp_path):
    file = tmp_path / "results" / "peers.jsonl"
    first = SavedResults(file, {"code": "a", "rows": 5}, go_on=True)
    first.save_measurement("sluice 1", make_measurement(3))
    assert SavedResults(file, {"code": "a", "rows": 5}, go_on=True).measurements["sluice 1"].seconds == 3
    assert not SavedResults(file, {"code": "b", "rows": 5}, go_on=True).measurements


def test_without_going_on_a_series_begins_anew(tmp_path):
    file = tmp_path / "peers.jsonl"
    SavedResults(file, {}, go_on=True).save_measurement("sluice 1", make_measurement(3))
    assert "sluice 1" not in SavedResults(file, {}, go_on=False)


def test_a_section_takes_the_place_of_the_earlier_one_and_leaves_the_others(tmp_path):
    path = tmp_path / "benchmark.md"
    for section, text in (("growth", "## G"), ("peers", "## old"), ("peers", "## new")):
        page.replace_section(path, section, text)
    page_text = path.read_text()
    assert page_text.index("## new") < page_text.index("## G")
    assert "## old" not in page_text


def test_a_bar_is_as_long_as_its_ratio():
    bar_lines = result_lines({"ungated": {1: make_measurement(10)}, "sluice": {1: make_measurement(25)}})
    drawn = chart.draw_bars(bar_lines, {"ungated": "ungated", "sluice": "a < b"}, "sluice", "times")
    widths = [float(part.split('"')[0]) for part in drawn.split(' width="')[2:]]
    assert widths[1] == pytest.approx(2.5 * widths[0], rel=0.01)
    assert "a &lt; b" in drawn
