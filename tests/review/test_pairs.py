"""Input, output and transform of a dataset must fit, which is read from the transform without running it."""

from pathlib import Path

import pytest

from review.lint import lint
from review.pairs import adds
from review.suites import ROOT
from tests.etl.mutations import meta_of
from tests.review.conftest import Write


def told(write: Write, transform: str | None) -> list[str]:
    """Return what lint says of the shipped sales contracts beside another transform, None for no file at all."""
    folder = write()
    datasets = folder / "etl/datasets"
    datasets.mkdir(parents=True)
    if transform is not None:
        (datasets / "sales.py").write_text(transform)
    return [one.found for one in lint([str(folder / "expectations")]).findings]


def test_a_column_that_no_transform_makes_is_told(write: Write) -> None:
    assert told(write, "ADDS = ()") == [
        "output column 'total_amount' is made by nobody: "
        "it is neither an input column nor in ADDS of etl/datasets/sales.py"
    ]


def test_a_column_that_is_made_for_nothing_is_told(write: Write) -> None:
    (message,) = told(write, 'ADDS: tuple[str, ...] = ("total_amount", "tax")')
    assert "has 'tax', which the output does not declare" in message


def test_a_column_that_would_be_made_over_is_told(write: Write) -> None:
    (message,) = told(write, 'ADDS = ["total_amount", "region"]')
    assert "has 'region', which is an input column" in message


def test_what_else_a_module_assigns_is_nothing_it_adds(write: Write) -> None:
    assert told(write, "SCALE = 2\nNAMES: dict = {}\nNAMES['x'] = SCALE\nADDS = ('total_amount',)") == []


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        (None, "there is no sales.py in etl/datasets"),
        ("def transform(rows): return rows", "sales.py declares no ADDS"),
        ("ADDS = sorted(NAMES)", "ADDS of sales.py is no tuple of names"),
        ("ADDS = (1,)", "ADDS of sales.py is no tuple of names"),
        ("def (", "sales.py is no Python"),
    ],
)
def test_a_transform_that_does_not_say_what_it_adds_is_told(write: Write, transform: str | None, message: str) -> None:
    (found,) = told(write, transform)
    assert message in found


def test_an_id_in_both_suites_is_told(write: Write) -> None:
    folder = write(meta_of("sales.region.published", rule="sales.region.known"))
    (finding,) = lint([str(folder / "expectations")]).findings
    assert (finding.kind, finding.rule) == ("pair", "sales.region.known")


@pytest.mark.parametrize("transform", sorted((ROOT / "etl/datasets").glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_every_shipped_transform_says_what_it_adds(transform: Path) -> None:
    assert isinstance(adds(transform), tuple)
