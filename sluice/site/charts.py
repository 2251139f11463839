"""Charts as SVG within a page: drawn by pygal, freed of its script and style, so that the site's own style applies."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import pygal
from markupsafe import Markup

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"-?\d+\.\d+")
PLAIN = {"js": (), "css": (), "no_prefix": True, "show_legend": False, "show_dots": False, "margin": 0, "spacing": 0}
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 200, 40, 30, 12, 8
"""Units of the drawing; a page scales it. pygal adds to the margins what its labels take."""
SPARK_WIDTH, SPARK_HEIGHT = 160, 32
DROPPED_TAGS, DROPPED_ENDS = ("defs", "title", "rect"), ("overlay", "titles")
DROPPED_ATTRIBUTES = ("width", "height", "id", "style")
LARGEST = 1e15  # beyond it pygal finds no scale; a larger number is drawn as this
MARK_GAP = 60  # units between the texts of two marks, so that none is written over another


@dataclass(frozen=True)
class Axis:
    """What stands along a chart: `length` in days, months as (day, text), versions as (day, text)."""

    length: int
    ticks: tuple[tuple[int, str], ...] = ()
    marks: tuple[tuple[int, str], ...] = ()


def line_chart(points: Sequence[tuple[int, float]], axis: Axis, title: str, fill: bool = True) -> Markup:
    """Return a chart of numbers by day, filled down to zero or a bare line, with months below and versions marked.

    Args:
        points: (day, number), the day counted from the axis' first.
        title: what it shows, for who hears the page.
    """
    chart = _chart(axis, points, fill, width=WIDTH, height=HEIGHT, margin_left=LEFT, margin_top=TOP, margin_right=RIGHT)
    chart.config(
        margin_bottom=BOTTOM, min_scale=2, max_scale=4, order_min=0 if fill else None, value_formatter=short_number
    )
    chart.x_labels = [{"value": day, "label": text} for day, text in axis.ticks]
    return _as_markup(chart, title, "chart", axis)


def spark_line(points: Sequence[tuple[int, float]], axis: Axis, title: str) -> Markup:
    """Return a small chart without texts, for a cell of a table."""
    chart = _chart(axis, points, True, width=SPARK_WIDTH, height=SPARK_HEIGHT)
    chart.config(show_x_labels=False, show_y_labels=False, show_y_guides=False)
    return _as_markup(chart, title, "spark", Axis(axis.length, (), tuple((day, "") for day, _ in axis.marks)))


def short_number(number: float) -> str:
    """Return a number with at most three digits and a letter: 950, 12k, 1.5M."""
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= limit:
            return f"{number / limit:.3g}{letter}"
    return f"{number:.3g}"


def _chart(axis: Axis, points: Sequence[tuple[int, float]], fill: bool, **sizes: int) -> Any:
    chart: Any = pygal.XY(**PLAIN, **sizes, xrange=(0, max(axis.length - 1, 1)), include_x_axis=fill)
    points = [(day, min(max(number, -LARGEST), LARGEST)) for day, number in points]
    chart.add("", _corners(points), fill=fill)
    heights = [number for _, number in points] or [0]
    low, high = (0 if fill else min(heights)), max(heights)
    for day, _ in axis.marks:
        chart.add("", [(day, low), (day, high or 1)], fill=False)
    return chart


def _corners(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Leave out points between two of the same height: the line is the same, and mostly that is most of a page."""
    heights = [number for _, number in points]
    last = len(points) - 1
    return [
        point
        for place, point in enumerate(points)
        if place in (0, last) or not heights[place - 1] == heights[place] == heights[place + 1]
    ]


def _as_markup(chart: Any, title: str, name: str, axis: Axis) -> Markup:
    root: ElementTree.Element = chart.render_tree()
    _drop_needless(root)
    root.attrib = {"class": name, "viewBox": root.attrib["viewBox"], "role": "img", "aria-label": title}
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
        _tidy(element)
    _write_marks(root, axis)
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704  every text in it is escaped by the tree


def _drop_needless(parent: ElementTree.Element) -> None:
    for child in list(parent):
        if (
            child.tag is ElementTree.Comment
            or child.tag.removeprefix(SVG) in DROPPED_TAGS
            or child.get("class", "").endswith(DROPPED_ENDS)
        ):
            parent.remove(child)
        else:
            _drop_needless(child)


def _tidy(element: ElementTree.Element) -> None:
    """Round what is finer than a tenth of a unit, and drop what the site's style does not use."""
    for name, value in list(element.attrib.items()):
        if name in ("d", "x", "y", "transform"):
            element.set(name, NUMBER.sub(lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), value))
        elif name in DROPPED_ATTRIBUTES or not value:
            del element.attrib[name]


def _write_marks(root: ElementTree.Element, axis: Axis) -> None:
    """Write each version above its line; of two that stand close the later one only."""
    next_x = float("inf")
    series = [group for group in root.iter("g") if group.get("class", "").startswith("series")][1:]
    for group, (_, text) in reversed([*zip(series, axis.marks, strict=False)]):
        line = group.find("path")
        if line is None:
            continue
        group.set("class", "mark")
        x = float(line.get("d", "M0 ")[1:].split(" ")[0])
        if text and next_x - x >= MARK_GAP:
            ElementTree.SubElement(group, "text", {"x": f"{x:g}", "y": "-8"}).text = text
            next_x = x
