"""A file of results as its readers have it: lines of JSON, each of them a model."""

import json
from collections.abc import Iterable
from typing import Any, TypeVar, assert_never

from pydantic import TypeAdapter, ValidationError

from etl.contract.results_layout import ResultKind
from etl.errors import ResultsUnreadable
from etl.results.rule_line import rule_line_adapter
from etl.results.run_line import run_line_adapter

CONTENT_TYPE = "application/jsonl"
Line = TypeVar("Line")


def line_adapter(kind: ResultKind) -> TypeAdapter[Any]:
    """Return what reads and writes the lines of a kind."""
    match kind:
        case ResultKind.RUNS:
            return run_line_adapter()
        case ResultKind.RULES:
            return rule_line_adapter()
        case _:
            assert_never(kind)


def render_lines(adapter: TypeAdapter[Line], lines: Iterable[Line]) -> bytes:
    """Return lines as a file's bytes; a character that UTF-8 has no form for becomes a question mark."""
    contents = (adapter.dump_python(line, mode="json", warnings="none") for line in lines)
    return "".join(f"{json.dumps(content, ensure_ascii=False)}\n" for content in contents).encode(errors="replace")


def parse_lines(adapter: TypeAdapter[Line], body: bytes) -> list[Line]:
    """Read a file's bytes.

    Raises:
        ResultsUnreadable: they are no lines of version 1, or there are none; no value is quoted.
    """
    try:
        contents: list[Any] = [json.loads(line) for line in body.decode().split("\n") if line.strip()]
        if not contents:
            raise ResultsUnreadable("it is empty")
        return [adapter.validate_python(content) for content in contents]
    except ValidationError as error:
        fault = error.errors(include_input=False)[0]
        raise ResultsUnreadable(f"no lines of version 1: {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None
    except (ValueError, RecursionError):
        raise ResultsUnreadable("it is not JSON") from None
