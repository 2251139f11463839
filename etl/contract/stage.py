"""Where a rule is judged: on raw objects as such, on rows as they came, on rows as they are published."""

from enum import StrEnum
from typing import Literal, assert_never


class Stage(StrEnum):
    """Where a rule is judged.

    Members:
        STRUCTURE: on objects and lines, by rules that no suite states.
        INPUT: on rows as they came, by the input suite.
        OUTPUT: on rows as they are published, by the output suite.
    """

    STRUCTURE = "structure"
    INPUT = "input"
    OUTPUT = "output"


SuiteStage = Literal[Stage.INPUT, Stage.OUTPUT]
SUITE_STAGES: tuple[SuiteStage, SuiteStage] = (Stage.INPUT, Stage.OUTPUT)
"""The stages that a suite file of a dataset is for."""


def suite_stage(name: str) -> SuiteStage:
    """Return the stage that a suite's name or its file's stem says.

    Raises:
        ValueError: no suite is of it.
    """
    for stage in SUITE_STAGES:
        if stage == name:
            return stage
    raise ValueError(f"{name!r} is no stage of a suite; write {' or '.join(SUITE_STAGES)}")


def other_suite(stage: SuiteStage) -> SuiteStage:
    """Return the stage of a dataset's other suite."""
    match stage:
        case Stage.INPUT:
            return Stage.OUTPUT
        case Stage.OUTPUT:
            return Stage.INPUT
        case _:
            assert_never(stage)
