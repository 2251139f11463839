"""How a value stands in a message: as JSON, never cut within, and never with a password."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from components.settings.json_values import parse_json
from etl.contract.json_values import is_list, is_object

LONGEST_QUOTED = 80
"""Characters of a value that a message holds."""
HIDDEN_VALUE = "a secret"
"""What a message shows of a value that the stack's file keeps encrypted."""
SHORTEST_SECRET = 4
"""Characters: a shorter text stands in too many words."""
USER_PASSWORD = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]*(?=@)")


def describe_kind(value: Any) -> str:
    """Return what a value is where something of another kind was wanted: a list, a mapping, or a plain value itself."""
    if not (is_object(value) or is_list(value)):
        return quote_value(value)
    return f"{'a' if value else 'an empty'} {'mapping' if is_object(value) else 'list'}"


def quote_value(value: Any) -> str:
    """Return a value as JSON, without a URL's name and password.

    One that is too long for a message is described by its size and its beginning.
    """
    text = USER_PASSWORD.sub("***", json.dumps(value, ensure_ascii=False, default=str))
    if len(text) <= LONGEST_QUOTED:
        return text
    if isinstance(value, str):
        beginning = USER_PASSWORD.sub("***", value)[:40]
        return f"a text of {len(value)} characters that begins with {json.dumps(beginning, ensure_ascii=False)}"
    return f"a list of {len(value)}" if is_list(value) else f"a mapping of {len(value)}"


def without_secrets(message: str, secrets: Iterable[Any]) -> str:
    """Return a message in which the texts of secret values are replaced, at any depth of these."""
    texts = {text for secret in secrets for text in _texts(secret) if len(text) >= SHORTEST_SECRET}
    for text in sorted(texts, key=len, reverse=True):
        message = message.replace(text, HIDDEN_VALUE)
    return message


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts of a value; one that is JSON by the texts within, since its keys are names and no secrets."""
    inner = parse_json(value)
    if is_object(inner):
        inner = list(inner.values())
    if is_list(inner):
        for item in inner:
            yield from _texts(item)
    elif value is not None:
        yield str(value)
