"""Keys found by their text alone, where nothing can be read: in broken lines, and in objects of no known form.

A text counts where it stands by itself: no letter or digit continues it. Of a key of several columns each has to be there.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

Texts = tuple[str, ...]


@dataclass(frozen=True)
class TextSearch:
    """What is searched for: keys as the texts of their columns."""

    keys: tuple[Texts, ...]

    @cached_property
    def _indexed_column(self) -> int:
        """The column whose texts tell most keys apart."""
        width = len(self.keys[0])
        return max(range(width), key=lambda place: len({key[place] for key in self.keys}))

    @cached_property
    def _index(self) -> dict[int, dict[str, list[Texts]]]:
        """By length and by how the text may be written, the keys that have it."""
        index: dict[int, dict[str, list[Texts]]] = defaultdict(lambda: defaultdict(list))
        for key in self.keys:
            for form in written_forms(key[self._indexed_column]):
                index[len(form)][form].append(key)
        return {length: dict(texts) for length, texts in index.items()}

    def finds(self, text: str) -> bool:
        """Return whether a text has one of the keys."""
        return any(self._has_others(text, key) for key in self._candidates(text))

    def _candidates(self, text: str) -> Iterator[Texts]:
        starts = [place for place in range(len(text)) if _is_boundary(text, place)]
        for length, texts in self._index.items():
            for start in starts:
                end = start + length
                if end <= len(text) and (keys := texts.get(text[start:end])) and _is_boundary(text, end):
                    yield from keys

    def _has_others(self, text: str, key: Texts) -> bool:
        others = (value for place, value in enumerate(key) if place != self._indexed_column)
        return all(any(_stands_in(form, text) for form in written_forms(other)) for other in others)


def written_forms(text: str) -> Iterable[str]:
    """Return how a text may stand in a file: as it is, as JSON escapes it, and as CSV doubles its quotes."""
    return dict.fromkeys(
        (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], text.replace('"', '""'))
    )


def _stands_in(form: str, text: str) -> bool:
    start = text.find(form)
    while start >= 0:
        if _is_boundary(text, start) and _is_boundary(text, start + len(form)):
            return True
        start = text.find(form, start + 1)
    return False


def _is_boundary(text: str, place: int) -> bool:
    """Return whether no word goes on across a place."""
    return not (0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum())
