"""A suite held against the model: its errors, and what of it has the right JSON types.

A wrong field takes itself away and no other: cross-checks look at all the rest, so what that breaks is found in the same run.
"""

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from etl.contract.column_paths import types_within
from etl.contract.suite_model import SUITE_NAME, Suite, suite_adapter, suite_class
from etl.contract.validation.suite_paths import value_at

UNKNOWN_KEY = "unexpected_keyword_argument"
NO_OBJECT = "dataclass_type"


@dataclass(frozen=True)
class SoundSuite:
    """What of a suite can be read.

    Attributes:
        dataset: whose suite it is; `<dataset>` where its name does not say it.
        stage: input or output, "" where its name says neither.
        meta: the values of its meta that have the right JSON type, by key.
        rules: its expectations likewise; {} stands for what is no object.
    """

    dataset: str
    stage: str
    meta: dict[str, Any]
    rules: list[dict[str, Any]]

    @cached_property
    def columns(self) -> dict[str, str]:
        """The declared types by column name, "" where there is none."""
        declared = self.entries("columns")
        return {column["name"]: column.get("type", "") for column in declared if "name" in column}

    @cached_property
    def helpers(self) -> dict[str, str]:
        """The types of the references' helper columns by name."""
        return {
            reference["name"]: self.columns[reference["column"]]
            for reference in self.entries("references")
            if "name" in reference and reference.get("column") in self.columns
        }

    @cached_property
    def judged_columns(self) -> dict[str, str]:
        """The types of all that a rule can judge, by name or path: of a column, of what is within it, of a helper column."""
        return {**self.columns, **types_within(self.columns), **self.helpers}

    def entries(self, key: str) -> list[dict[str, Any]]:
        """Return the objects that a key of the meta lists."""
        return self.meta.get(key, [])


@dataclass(frozen=True)
class CheckedSuite:
    """A suite (parsed JSON), the model's class for it, the errors of its fields, and what is sound of it."""

    suite: dict[str, Any]
    shape: type[Suite]
    errors: Sequence[ErrorDetails]
    sound: SoundSuite

    @classmethod
    def from_json(cls, suite: dict[str, Any]) -> "CheckedSuite":
        """Hold a parsed suite against the model."""
        name = str(suite.get("name"))
        dataset, _, stage = name.partition(".") if re.fullmatch(SUITE_NAME, name) else ("<dataset>", "", "")
        shape = suite_class(suite, stage)
        errors = _field_errors(suite, shape)
        sound = _sound_part(suite, errors)
        return cls(
            suite, shape, errors, SoundSuite(dataset, stage, sound.get("meta", {}), sound.get("expectations", []))
        )


def _field_errors(suite: dict[str, Any], shape: type[Suite]) -> list[ErrorDetails]:
    """Return every error of a suite's fields, unknown keys by name."""
    try:
        suite_adapter(shape).validate_python(suite)
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_input=False)
        return sorted(errors, key=lambda error: str(error["loc"][-1]) if error["type"] == UNKNOWN_KEY else "")
    return []


def _sound_part(suite: dict[str, Any], errors: Sequence[ErrorDetails]) -> dict[str, Any]:
    """Return a suite without unknown keys and without the values whose JSON type is not the model's."""
    wrong = [error for error in errors if error["type"].endswith("_type") or error["type"] == UNKNOWN_KEY]
    sound = copy.deepcopy(suite) if wrong else suite
    for error in reversed(wrong):  # from the end of each list, so that indexes stay
        *path, key = error["loc"]
        holder = value_at(sound, tuple(path))
        if error["type"] == NO_OBJECT and isinstance(key, int):
            holder[key] = {}
        else:
            del holder[key]
    return sound
