"""What changed decides how far a version must be raised, as semantic versions do."""

import pytest

from sluice.contracts.diff.changes import CONSUMERS, DOCUMENTATION, LOOSENED, PRODUCERS, Change, Label, version_bump


def changes_labelled(*labels: str) -> list[Change]:
    return [Change("x", "", "changed", Label(label)) for label in labels]


@pytest.mark.parametrize(
    ("before", "after", "labels", "step", "least", "enough"),
    [
        ("1.2.3", "1.2.3", [DOCUMENTATION], "patch", "1.2.4", False),
        ("1.2.3", "1.2.4", [DOCUMENTATION], "patch", "1.2.4", True),
        ("1.2.3", "1.2.4", [LOOSENED], "minor", "1.3.0", False),
        ("1.2.3", "1.3.0", [LOOSENED, DOCUMENTATION], "minor", "1.3.0", True),
        ("1.2.3", "1.9.9", [DOCUMENTATION, PRODUCERS], "major", "2.0.0", False),
        ("1.2.3", "2.0.0", [PRODUCERS], "major", "2.0.0", True),
        ("1.2.3", "2.0.0", [CONSUMERS, LOOSENED], "major", "2.0.0", True),
        ("9.0.0", "10.0.0", [CONSUMERS], "major", "10.0.0", True),
        ("1.2.3", "4.0.0", [LOOSENED], "minor", "1.3.0", True),
        ("0.2.3", "0.3.0", [PRODUCERS], "minor", "0.3.0", True),
        ("0.2.3", "0.2.4", [CONSUMERS], "minor", "0.3.0", False),
        ("0.2.3", "0.2.4", [LOOSENED], "patch", "0.2.4", True),
        ("0.2.3", "0.2.4", [DOCUMENTATION], "patch", "0.2.4", True),
        ("1.2.3", "1.2.3", [], None, "1.2.3", True),
        ("1.2.3", "1.2.2", [], None, "1.2.3", False),
    ],
)
def test_a_version_is_raised_by_what_weighs_most(
    before: str, after: str, labels: list[str], step: str | None, least: str, enough: bool
) -> None:
    bump = version_bump(before, after, changes_labelled(*labels))
    assert (bump.step, bump.least, bump.enough) == (step, least, enough)
