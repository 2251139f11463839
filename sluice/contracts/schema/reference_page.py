"""docs/contract.md: every key of a suite, and every expectation with its arguments, from the model and the vocabulary."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from components.settings.lake_folder import ROOT
from etl.contract.column_paths import ELEMENT_TYPES
from etl.contract.vocabulary import REFUSED, UNIQUE_TYPES, VOCABULARY
from sluice.contracts.schema.arguments import ELEMENT_WORDS, FIELD_WORDS, Schema, argument_schema
from sluice.contracts.schema.library_models import first_sentence
from sluice.contracts.schema.model_schema import model_definitions, suite_keys
from sluice.contracts.schema.type_words import type_in_words

PAGE = ROOT / "docs/contract.md"
SECTIONS = {
    "file_input": "The meta of an input of files",
    "table_input": "The meta of an input of tables (`format` is `tables`)",
    "output": "The meta of an output",
    "dialect": "The dialect of a csv",
    "structure": "What a line does that breaks a rule on its structure",
    "input_column": "A column of an input of files",
    "column": "A column of another suite",
    "history": "A bound from earlier runs",
    "arrival": "An arrival that is due",
    "load": "How a day's rows come in",
    "unique_within": "How far back a key is looked for",
    "keep_days": "How long rows stay",
    "reference": "A reference",
    "source": "A source",
    "reconciliation": "A reconciliation",
    "expectation": "An expectation",
    "expectation_meta": "The meta of an expectation",
}
HEAD = """# A contract, key by key

Generated from the contract's model by `make schema`; a test holds it fresh. Change `etl/contract/`, not this page.

A dataset has two suites, `expectations/<dataset>/input.json` for what arrives and `output.json` for what is published.
"""


def render_page() -> str:
    """Return the page as the file has it."""
    definitions = {"": suite_keys(), **model_definitions()}
    sections = [HEAD]
    for name in ("", *SECTIONS):
        schema = definitions[name]
        sections.append(f"## {SECTIONS.get(name, 'A suite')}\n\n{_table(KEY_HEAD, _key_rows(schema, definitions))}")
    sections.append(f"## Expectations\n\n{_table(EXPECTATION_HEAD, _expectation_rows())}")
    sections.append(f"## Arguments\n\n{_table(('argument', 'may be'), _argument_rows())}")
    sections.append(f"## What is refused\n\n{_table(('expectation', 'why', 'instead'), _refused_rows())}")
    return "\n".join(sections)


KEY_HEAD = ("key", "type", "default", "meaning", "example")
EXPECTATION_HEAD = ("expectation", "judges", "needs", "may have", "meaning")


def _key_rows(schema: Schema, definitions: Mapping[str, Schema]) -> Iterator[tuple[str, ...]]:
    for key, field in schema["properties"].items():
        default = "required" if key in schema.get("required", ()) else _code(field.get("default", {}))
        meaning = field.get("description", "").replace("<", "&lt;")
        yield f"`{key}`", type_in_words(field), default, meaning, _code(_example(field, definitions))


def _example(field: Schema, definitions: Mapping[str, Schema]) -> Any:
    """Return an example of a key: its own, or one of the keys that its object needs."""
    if examples := field.get("examples") or field.get("enum"):
        return examples[0]
    if "items" in field:
        return [_example(field["items"], definitions)]
    reference = field.get("$ref") or field["allOf"][0]["$ref"]
    schema = definitions[reference.rpartition("/")[2]]
    return {key: _example(schema["properties"][key], definitions) for key in schema.get("required", ())}


def _expectation_rows() -> Iterator[tuple[str, ...]]:
    for kind, expectation in VOCABULARY.items():
        needed = (*expectation.columns, *expectation.column_lists, *expectation.required)
        yield (
            f"`{kind}`",
            "each row" if expectation.judges.is_row else "the whole frame",
            _names(needed),
            _names(expectation.optional),
            first_sentence(kind),
        )


def _argument_rows() -> Iterator[tuple[str, ...]]:
    phrases: dict[str, list[str]] = {}
    for expectation in VOCABULARY.values():
        for argument in sorted(expectation.arguments):
            phrase = type_in_words(argument_schema(argument, expectation))
            if phrase not in phrases.setdefault(argument, []):
                phrases[argument].append(phrase)
    for argument in sorted(phrases):
        paths = f": {_path_words()}" if argument == "column" else ""
        yield f"`{argument}`", "; ".join(phrases[argument]) + paths


def _path_words() -> str:
    """Say which expectations take which paths into a column."""
    element_types = _names(kind for kind in VOCABULARY if kind in ELEMENT_TYPES)
    unique_types = _names(kind for kind in VOCABULARY if kind in UNIQUE_TYPES)
    return (
        f"a column; where each row is judged, except by {unique_types}, also {FIELD_WORDS}, as `column_A`, `column_B` and "
        f"`column_list` may be; of {element_types} {ELEMENT_WORDS}"
    )


def _refused_rows() -> Iterator[tuple[str, ...]]:
    for kind, (reason, remedy) in REFUSED.items():
        yield f"`{kind}`", reason, remedy


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _code(value: object) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
