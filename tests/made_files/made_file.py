"""A made-up file: its bytes, the contracts that fit it, and the rows that it means."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

Declared = dict[str, Any]
DATASET = "made"
WIDER = {"smallint": "int", "tinyint": "int"}
"""What a table has of types that an input alone may declare."""
ABOUT = {"version": "1.0.0", "owner": "o", "description": "d"}


def table_type(declared: str) -> str:
    """Return the type that a table has of a column of the input."""
    return WIDER.get(declared, declared)


@dataclass(frozen=True)
class MadeFile:
    """A file with its contracts.

    Attributes:
        name: of the file.
        content: its bytes.
        columns: those of the input suite; all have a name and a type.
        rows: the values that are published, in the order of `columns`.
        meta: what else the meta of the input says.
        published: the types of the output by column, where they are others than the input's.
        has_key: whether the first column is the key.
        refused_by: the last parts of the ids of rules of which one must refuse the file; none where it must be published.
        recipe: what it was made of, to be shown where it fails.
    """

    name: str
    content: bytes
    columns: list[Declared]
    rows: list[tuple[Any, ...]]
    meta: dict[str, Any] = field(default_factory=dict)
    published: dict[str, str] = field(default_factory=dict)
    has_key: bool = True
    refused_by: frozenset[str] = frozenset()
    recipe: str = ""

    def damaged(self, content: bytes, recipe: str, *rules: str) -> "MadeFile":
        """Return it with other bytes, which one of the rules must refuse."""
        return replace(self, content=content, refused_by=frozenset(rules), recipe=recipe)

    @property
    def suites(self) -> dict[str, Any]:
        """Both suites, by stage."""
        columns = [{"description": "d", **column} for column in self.columns]
        published = [
            {
                "name": column["name"],
                "type": self.published.get(column["name"], column["type"]),
                "description": "d",
                **({"non_finite": True} if "non_finite" in column else {}),
            }
            for column in columns
        ]
        key = [columns[0]["name"]] if self.has_key else []
        unique = [_rule("column_values_to_be_unique", "key", column=key[0])] if key else []
        return {
            "input": _suite("input", {**ABOUT, "columns": columns, **self.meta}, []),
            "output": _suite("output", {**ABOUT, "columns": published, "key": key, "freshness_hours": 24}, unique),
        }

    def write(self, folder: Path) -> Path:
        """Write the suites into a folder of contracts, and the file beside them; return the file."""
        contracts = folder / "contracts" / DATASET
        contracts.mkdir(parents=True)
        for stage, suite in self.suites.items():
            (contracts / f"{stage}.json").write_text(json.dumps(suite))
        path = folder / self.name
        path.write_bytes(self.content)
        return path


def _suite(stage: str, meta: dict[str, Any], rules: list[Any]) -> dict[str, Any]:
    rows = _rule("table_row_count_to_be_between", f"{stage}.rows", min_value=1)
    return {"name": f"{DATASET}.{stage}", "meta": meta, "expectations": [rows, *rules]}


def _rule(kind: str, name: str, **kwargs: Any) -> dict[str, Any]:
    return {
        "type": f"expect_{kind}",
        "kwargs": kwargs,
        "severity": "critical",
        "meta": {"rule": f"{DATASET}.{name}", "why": "It is so."},
    }
