"""A chart is plain SVG that a page's own style applies to, whatever numbers and texts it has."""

from xml.etree import ElementTree

import pytest

from sluice.site.charts import Axis, line_chart, short_number, spark_line
from tests.unit.contracts.test_docs import HOSTILE

AXIS = Axis(400, ((0, "Nov"), (30, "Dec")), ((100, "output 1.1.0"), (110, HOSTILE), (300, "input 2.0.0")))
YEAR = [(day, float(day % 7)) for day in range(400)]


def paths_of(chart: str) -> list[str]:
    return [element.get("d", "") for element in ElementTree.fromstring(chart).iter("path")]


def texts_of(chart: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(chart).iter("text")]


@pytest.mark.parametrize(
    "numbers", [(0, 0), (3, 3), (-5, -7), (1e308, -1e308), (1e300, 1e-300), (1e18, 5), (0.001, 0.002)]
)
@pytest.mark.parametrize("fill", [True, False])
def test_any_two_numbers_are_drawn(numbers: tuple[float, float], fill: bool) -> None:
    points = [*enumerate(map(float, numbers))]
    assert paths_of(line_chart(points, AXIS, "Rows", fill))
    assert paths_of(spark_line(points, AXIS, "Rows"))


def test_a_chart_of_a_year_is_small_and_has_no_script_style_or_title_of_its_own() -> None:
    chart = line_chart(YEAR, AXIS, "Rows <by> day")
    assert len(chart) < 8_000
    assert chart.startswith('<svg class="chart" viewBox="0 0 640 200" role="img" aria-label="Rows &lt;by&gt; day">')
    tags = {element.tag for element in ElementTree.fromstring(chart).iter()}
    assert tags == {"svg", "g", "path", "text"}
    assert " style=" not in chart


def test_versions_are_marked_and_of_two_close_ones_the_later_is_named() -> None:
    texts = texts_of(line_chart(YEAR, AXIS, "Rows"))
    assert "input 2.0.0" in texts
    assert HOSTILE in texts
    assert "output 1.1.0" not in texts
    assert texts_of(spark_line(YEAR, AXIS, "Rows")) == []


def test_points_between_two_of_the_same_height_are_left_out() -> None:
    flat = line_chart([(day, 0.0 if day < 399 else 1.0) for day in range(400)], Axis(400), "Rows")
    assert max(path.count(" ") for path in paths_of(flat)) < 15
    assert len(line_chart(YEAR, Axis(400), "Rows")) > 4 * len(flat)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (950, "950"), (12_000, "12k"), (1_500_000, "1.5M"), (-2e9, "-2G"), (0.25, "0.25")]
)
def test_numbers_of_an_axis_are_short(number: float, text: str) -> None:
    assert short_number(number) == text
