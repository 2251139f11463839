"""A YAML or JSON file as plain data of which each part knows its line. Nothing in it can name code, or grow by aliases."""

import bisect
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from json import decoder, scanner
from pathlib import Path
from typing import Any

import yaml

from etl.contract.json_values import is_list, is_object
from sluice.cli.errors import WrongUse
from sluice.contracts.suite_files import short_path

# Parts of Python's decoder and of PyYAML that have no types.
PYTHON_SCANNER: Callable[[json.JSONDecoder], Any] = vars(scanner)["py_make_scanner"]
PARSE_OBJECT: Callable[..., tuple[Any, int]] = vars(decoder)["JSONObject"]
COMPOSE: Callable[..., yaml.Node | None] = vars(yaml)["compose"]
MAX_BYTES = 2_000_000
MAX_VALUES = 100_000
"""Values of a file after its aliases are written out: a few lines of YAML can stand for billions."""
MAX_DEPTH = 40
Lines = dict[tuple[int, str], int]
WHOLE = ""
"""The key under which an object's own line stands."""


@dataclass(frozen=True)
class LocatedFile:
    """A file's content. `lines` are from 1, by the id of an object within `content` and its key."""

    path: Path
    content: Any
    lines: Mapping[tuple[int, str], int] = field(repr=False)

    @property
    def name(self) -> str:
        """The file as messages name it."""
        return short_path(self.path)

    def line_of(self, holder: Any, key: str = WHOLE) -> int:
        """Return the line of a key of an object in the file, else that of the object, else 1."""
        return self.lines.get((id(holder), key)) or self.lines.get((id(holder), WHOLE)) or 1


def read_file(path: Path) -> LocatedFile:
    """Read a file of a contract.

    Raises:
        WrongUse: it cannot be read, is no YAML or JSON of one document, or is too large; the message names the line.
    """
    text = _read_text(path)
    lines: Lines = {}
    is_json = path.suffix.lower() == ".json"
    if is_json or text.lstrip().startswith("{"):
        try:
            return LocatedFile(path, _parse_json(text, lines), lines)
        except json.JSONDecodeError as error:
            if is_json:
                raise WrongUse(
                    f"{short_path(path)}:{error.lineno}: this is no JSON: {error.msg}; mend it there"
                ) from error
        except (ValueError, RecursionError) as error:
            raise WrongUse(f"{short_path(path)}: this is no JSON that a contract can be: {error}") from error
    return LocatedFile(path, _parse_yaml(text, short_path(path), lines), lines)


def parse_fragment(text: str) -> Any:
    """Return a YAML or JSON text that stands within a file as plain data.

    Raises:
        WrongUse: it is none.
    """
    return _parse_yaml(text, "the text", {})


def objects_of(holder: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the objects of a list that a key of an object holds, none where it holds no list."""
    listed: Any = holder.get(key)
    return [entry for entry in listed if is_object(entry)] if is_list(listed) else []


def object_of(holder: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the object that a key of an object holds, an empty one where it holds none."""
    value: Any = holder.get(key)
    return value if is_object(value) else {}


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WrongUse(f"{short_path(path)} cannot be read: {error.strerror}; name a file") from error
    if len(content) > MAX_BYTES:
        raise WrongUse(f"{short_path(path)} has {len(content):,} bytes, and a contract at most {MAX_BYTES:,}; split it")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongUse(f"{short_path(path)} is no UTF-8: {error.reason}; save it as UTF-8") from error


class _LineDecoder(json.JSONDecoder):
    """Python's decoder, which notes where each object begins."""

    def __init__(self, text: str, lines: Lines) -> None:
        super().__init__(object_pairs_hook=_unique_keys, parse_constant=_refuse_constant)
        self._ends = [place for place, character in enumerate(text) if character == "\n"]
        self._lines = lines
        self.parse_object: Any = self._located_object
        # The scanner in C would not call it.
        self.scan_once: Any = PYTHON_SCANNER(self)

    def _located_object(self, text_and_start: tuple[str, int], *arguments: Any) -> tuple[Any, int]:
        content, end = PARSE_OBJECT(text_and_start, *arguments)
        self._lines[id(content), WHOLE] = bisect.bisect_left(self._ends, text_and_start[1]) + 1
        return content, end


def _parse_json(text: str, lines: Lines) -> Any:
    content = _LineDecoder(text, lines).decode(text)
    if _depth_exceeds(content, MAX_DEPTH):
        raise ValueError(f"it is nested more than {MAX_DEPTH} levels deep")
    return content


def _depth_exceeds(content: Any, depth: int) -> bool:
    level = [content]
    for _ in range(depth):
        level = [part for value in level for part in _parts(value)]
    return bool(level)


def _parts(value: Any) -> list[Any]:
    return list(value.values()) if is_object(value) else value if is_list(value) else []


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(
            f"the key {next(name for name in names if names.count(name) > 1)!r} stands twice in one object"
        )
    return entries


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


class _ShallowLoader(yaml.SafeLoader):
    """Stops at the first node that is too deep: what PyYAML takes for a whole file grows with the square of its depth."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Return the next node; raises RecursionError where it is too deep."""
        if self.depth > MAX_DEPTH:
            raise RecursionError
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def _parse_yaml(text: str, name: str, lines: Lines) -> Any:
    try:
        node = COMPOSE(text, Loader=_ShallowLoader)
        return _NodeReader(name, lines).read(node) if node else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise WrongUse(f"{name}:{line}: this is no YAML of one document: {error.problem}; mend it there") from error
    except yaml.YAMLError as error:
        raise WrongUse(f"{name}: this is no YAML: {' '.join(str(error).split())}; save it as UTF-8 text") from error
    except RecursionError as error:
        raise WrongUse(f"{name}: it is nested too deep; a contract needs at most {MAX_DEPTH} levels") from error


class _NodeReader:
    """Turns YAML's nodes into plain data: scalars as YAML 1.1 reads them, days as text, no tag that names a class."""

    def __init__(self, name: str, lines: Lines) -> None:
        self._name, self._lines, self._values = name, lines, 0
        self._read_value: Callable[[yaml.Node], Any] = vars(yaml.constructor.BaseConstructor)[
            "construct_object"
        ].__get__(yaml.SafeLoader(""))

    def read(self, node: yaml.Node, depth: int = 0) -> Any:
        """Return a node as plain data."""
        self._values += 1
        line = node.start_mark.line + 1
        if self._values > MAX_VALUES:
            self._refuse(line, f"its aliases unpack to more than {MAX_VALUES:,} values", "write out what is meant")
        if depth > MAX_DEPTH:
            self._refuse(line, f"it is nested more than {MAX_DEPTH} levels deep", "write it flatter")
        if isinstance(node, yaml.MappingNode):
            return self._read_object(node, depth)
        if isinstance(node, yaml.SequenceNode):
            entries: list[Any] = [self.read(entry, depth + 1) for entry in node.value]
            self._lines[id(entries), WHOLE] = line
            return entries
        return self._read_scalar(node)

    def _read_object(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        self._lines[id(entries), WHOLE] = node.start_mark.line + 1
        for key, value in node.value:
            line: int = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
                self._refuse(line, "a key is no plain text", "write out what is merged")
            if key.value in entries:
                self._refuse(line, f"the key {key.value!r} stands twice in one object", "keep one of them")
            self._lines[id(entries), key.value] = line
            entries[key.value] = self.read(value, depth + 1)
        return entries

    def _read_scalar(self, node: yaml.Node) -> Any:
        if node.tag == "tag:yaml.org,2002:timestamp":
            return node.value
        value: Any = self._read_value(node)
        is_plain = (
            value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value))
        )
        return value if is_plain else node.value

    def _refuse(self, line: int, problem: str, remedy: str) -> None:
        raise WrongUse(f"{self._name}:{line}: {problem}; {remedy}")
