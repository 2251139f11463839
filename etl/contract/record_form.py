"""How the records of a JSON file stand in it: `meta.records` of an input."""

import re
from enum import StrEnum
from typing import assert_never

PATH = re.compile(r"(?:\$\.)?[^.\s\"\\]+(?:\.[^.\s\"\\]+)*")
"""The names that lead to a list, with a dot between two; `$.` may stand before, where the first is called as a form is."""


class RecordForm(StrEnum):
    """Where a JSON file's records are.

    Members:
        LINES: one a line.
        OBJECTS: one after the other, each on as many lines as it takes.
        ARRAY: in one array.
        PATH: in a list within one object.
    """

    LINES = "lines"
    OBJECTS = "objects"
    ARRAY = "array"
    PATH = "path"

    @property
    def takes_whole_files(self) -> bool:
        """Whether one task reads a file: a line does not show where a record ends."""
        match self:
            case RecordForm.LINES:
                return False
            case RecordForm.OBJECTS | RecordForm.ARRAY | RecordForm.PATH:
                return True
            case _:
                assert_never(self)

    @property
    def is_held_whole(self) -> bool:
        """Whether a task holds a whole file in memory, so that its size is bounded."""
        match self:
            case RecordForm.LINES | RecordForm.OBJECTS:
                return False
            case RecordForm.ARRAY | RecordForm.PATH:
                return True
            case _:
                assert_never(self)


STATED_FORMS = (RecordForm.LINES, RecordForm.OBJECTS, RecordForm.ARRAY)


def is_record_form(text: str) -> bool:
    """Say whether a text is one that `meta.records` may have."""
    return PATH.fullmatch(text) is not None


def record_form(records: str) -> RecordForm:
    """Return the form that `meta.records` names: a text that is none of the words is a path."""
    return RecordForm(records) if records in STATED_FORMS else RecordForm.PATH


def path_names(records: str) -> tuple[str, ...]:
    """Return the names of a path, the outermost first."""
    return tuple(records.removeprefix("$.").split("."))


def path_text(names: tuple[str, ...]) -> str:
    """Return a path as a suite writes it."""
    text = ".".join(names)
    return f"$.{text}" if text in STATED_FORMS else text
