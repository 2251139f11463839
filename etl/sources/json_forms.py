"""In which form the records of a JSON file stand, by its first bytes: for a file that is not what its contract declares."""

import io
import json
import re
from collections import Counter, deque
from typing import assert_never

from etl.contract.model import Contract
from etl.contract.record_form import RecordForm, path_text
from etl.sources.json_records import BrokenRecords, first_value_end, iterate_json_records

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\]:]', re.DOTALL)
WORDS = {
    RecordForm.LINES: "JSON objects, one a line",
    RecordForm.OBJECTS: "JSON objects on several lines",
    RecordForm.ARRAY: "an array of JSON",
    RecordForm.PATH: "one JSON object with a list",
}


def describe_other_form(head: str, is_whole: bool, contract: Contract) -> str:
    """Say that a file's records stand in another form than declared, with what to write; "" where they may stand in that.

    Args:
        head: the file's first characters.
        is_whole: whether they are all of it.
        contract: says the form that is read, and the columns: a list that is one of them is a value.
    """
    declared = contract.record_form
    stated = likely_form(head, is_whole, [*contract.file_names.values()])
    if stated is None or (is_readable_as(stated, declared) and not _leads_elsewhere(head, is_whole, stated, contract)):
        return ""
    words, line = form_words(stated, contract)
    return f"{words}, where the contract has {WORDS[declared]}; write {line} in the meta of the input"


def form_words(stated: tuple[RecordForm, str], contract: Contract) -> tuple[str, str]:
    """Return what a form is in words, and the key to write for it; of a file about persons no name within it is told."""
    form, records = stated
    if form is RecordForm.PATH and contract.masking.applies:
        return WORDS[form], '"records": "<the names that lead to the list>"'
    words = f'one JSON object whose "{records}" is the list' if form is RecordForm.PATH else WORDS[form]
    return words, f'"records": "{records}"'


def is_readable_as(stated: tuple[RecordForm, str], declared: RecordForm) -> bool:
    """Say whether a file of a form can be read as one of another."""
    form, _ = stated
    match declared:
        case RecordForm.LINES | RecordForm.ARRAY:
            return form is declared
        case RecordForm.OBJECTS:
            return form in (RecordForm.LINES, RecordForm.OBJECTS)
        case RecordForm.PATH:  # which list, the contract says
            return form is not RecordForm.ARRAY
        case _:
            assert_never(declared)


def _leads_elsewhere(head: str, is_whole: bool, stated: tuple[RecordForm, str], contract: Contract) -> bool:
    """Say whether the declared path leads to no list of a file that may have one."""
    if contract.record_form is not RecordForm.PATH:
        return False
    form, records = stated
    end = first_value_end(head)
    if form is not RecordForm.PATH:
        return end is not None and bool(head[end:].strip())
    if not is_whole or records == contract.records:
        return False
    try:
        deque(iterate_json_records(io.BytesIO(head.encode(errors="replace")), contract.records), maxlen=0)
    except BrokenRecords:
        return True
    return False


def likely_form(head: str, is_whole: bool, columns: list[str]) -> tuple[RecordForm, str] | None:
    """Return the form of a file's records and what `meta.records` has to be; None where its beginning is no JSON of these."""
    text = head.strip()
    if text.startswith("["):
        return RecordForm.ARRAY, RecordForm.ARRAY
    end = first_value_end(text)
    if not text.startswith("{") or (end is None and is_whole):
        return None
    first_line = text.partition("\n")[0].rstrip()
    is_line = first_value_end(first_line) == len(first_line)
    if (end is None or end == len(text)) and (path := _longest_list(text, columns)):
        return RecordForm.PATH, path
    if end is None and (first_line == text or first_line[-1] not in "{[,:"):
        return None
    return (RecordForm.LINES, RecordForm.LINES) if is_line else (RecordForm.OBJECTS, RecordForm.OBJECTS)


def _longest_list(text: str, columns: list[str]) -> str:
    """Return the path of the list of objects with the most entries within an object that may be cut off; "" for none.

    A list under the name of a column is that column's value.
    """
    counts: Counter[tuple[str, ...]] = Counter()
    signs: list[str] = []
    names: list[str] = []
    literal = ""
    for mark in TOKEN.findall(text):
        if mark[0] == '"':
            literal = mark
        elif mark == ":":
            names[-1:] = [literal]
        elif mark in "{[":
            if mark == "{" and signs[-1:] == ["["] and "[" not in signs[:-1]:
                counts[tuple(names[: len(signs) - 1])] += 1
            signs.append(mark)
            names.append("")
        elif signs:
            signs.pop()
            names.pop()
    paths = {tuple(map(_read_text, path)): count for path, count in counts.items()}
    paths = {path: count for path, count in paths.items() if path[0] not in columns and "." not in "".join(path)}
    return path_text(max(paths, key=lambda path: paths[path])) if paths else ""


def _read_text(literal: str) -> str:
    try:
        return json.loads(literal, strict=False)
    except ValueError:
        return literal
