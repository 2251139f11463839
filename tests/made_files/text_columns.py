"""A column of text: its declaration, with texts that are values of it and the values that these are."""

from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from tests.made_files.made_file import Declared, table_type

Pair = tuple[str, Any]
"""A text, and the value that it is."""


@dataclass(frozen=True)
class TextColumn:
    """A kind of column.

    Attributes:
        type: as it is declared.
        pairs: makes texts with their values.
        options: how the text is read.
        wrong: texts that are no value of it.
        non_finite: whether NaN and the infinities are values.
    """

    type: str
    pairs: st.SearchStrategy[Pair]
    options: dict[str, Any] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()
    non_finite: bool = False

    @property
    def nulls(self) -> tuple[str, ...]:
        """The texts that stand for no value in this column alone."""
        return tuple(self.options.get("null_values", ()))

    def with_nulls(self) -> "TextColumn":
        """Return it with texts that stand for no value."""
        return replace(self, options={**self.options, "null_values": ["NA", "k.A."]})

    @property
    def is_nested(self) -> bool:
        """Whether its values are lists or objects, whose texts are JSON."""
        return self.type.startswith(("array", "struct"))

    @property
    def may_be_typed_by_output(self) -> bool:
        """Whether the input may have it as text."""
        return not (self.options or self.non_finite or self.is_nested)


def declared_columns(draw: st.DrawFn, kinds: list[TextColumn]) -> tuple[list[Declared], dict[str, str]]:
    """Return the columns of the input, and the types of the output where these are others."""
    columns: list[Declared] = []
    published: dict[str, str] = {}
    for number, kind in enumerate(kinds):
        column: Declared = {"name": f"c{number}", "type": kind.type, **kind.options}
        if kind.non_finite:
            column["non_finite"] = True
        target = table_type(kind.type)
        if kind.may_be_typed_by_output and kind.type == target and draw(st.booleans()):
            column["type"] = "string"
        if column["type"] != target:
            published[column["name"]] = target
        columns.append(column)
    return columns, published
