"""The names in a header, held against the declared ones: what is missing, renamed, moved or surplus, and the line to write.

What stands in the file is named only where it is a header and of no person (`etl/contract/masking.py`).
"""

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from etl.contract.dialect import HeaderMatch
from etl.contract.input_column import file_source
from etl.contract.model import Contract
from etl.contract.sample_values import MAX_SAMPLE_LENGTH
from etl.wording import count_noun, join_names, shorten_text

MAX_NAMES_SHOWN = 10  # of columns in a message
MAX_COMPARED = 50
"""Missing names, each of which is compared with all others: a file without a header may have hundreds."""
MIN_LIKENESS = 0.8
"""Of difflib's ratio: `customer` and `custmer`, not `city` and `country`."""


@dataclass(frozen=True)
class HeaderNames:
    """The names in a header beside those that a contract declares."""

    fields: Sequence[str]
    contract: Contract

    @cached_property
    def columns(self) -> dict[str, str]:
        """By what the file should have, what the contract calls the column."""
        return {str(file_source(column)): column.name for column in self.contract.columns}

    @cached_property
    def missing(self) -> list[str]:
        """The declared names that are not there."""
        fields = {*map(self._form, self.fields)}
        return [name for name in self.columns if self._form(name) not in fields]

    @cached_property
    def others(self) -> list[str]:
        """The names that no suite declares."""
        declared = {*map(self._form, self.columns)}
        return [field for field in self.fields if self._form(field) not in declared]

    @cached_property
    def renamed(self) -> dict[str, str]:
        """By a missing name what stands there in its place; nothing where that may be a person's value."""
        if self.contract.masking.applies:
            return {}
        renamed = _likely_names(self.missing, self.others)
        may_be_values = 2 * (len(self.missing) - len(renamed)) > len(self.columns)
        lost, new = _without(self.missing, renamed), _without(self.others, renamed.values())
        if not may_be_values and len(lost) == len(new) == 1 and self._stand_alike(lost[0], new[0]):
            renamed |= {lost[0]: new[0]}
        return renamed

    @cached_property
    def surplus(self) -> list[str]:
        """The names that no suite declares, without those that are renamed; none where they may be a person's values."""
        still_missing = len(self.missing) - len(self.renamed)
        if self.contract.masking.applies or 2 * still_missing > len(self.columns):
            return []
        return _without(self.others, self.renamed.values())

    @cached_property
    def moved(self) -> list[str]:
        """The fewest names that stand in another order than the declared one, as the contract has them."""
        forms = {self._form(name): name for name in self.columns}
        names = dict.fromkeys(forms[form] for field in self.fields if (form := self._form(field)) in forms)
        places = {name: place for place, name in enumerate(self.columns)}
        ordered = {*_longest_rise([places[name] for name in names])}
        return [name for name in names if places[name] not in ordered]

    @property
    def fault(self) -> str:
        """What is wrong."""
        counts = Counter(map(self._form, self.fields))
        twice = [name for name in self.columns if counts[self._form(name)] > 1]
        is_ordered = self.contract.header_match.is_ordered
        faults = [
            *(
                [f"missing {join_names([*map(self._missing_words, self.missing)], MAX_NAMES_SHOWN)}"]
                if self.missing
                else []
            ),
            *([f"twice {_quote_names(twice)}"] if twice else []),
            *([f"moved {self._moved_words()}"] if is_ordered and self.moved else []),
        ]
        if self.contract.extra_columns.are_ignored:
            return "; ".join(faults)
        if self.surplus:
            faults.append(f"not declared {_quote_names(self.surplus)}")
        elif len(self.others) > len(self.renamed):
            faults.append(f"{count_noun(len(self.fields), 'field')} where {len(self.columns)} are declared")
        return "; ".join(faults)

    @property
    def hint(self) -> str:
        """What to write in the contract where the file is as it should be; "" where no line of it would do."""
        return self._hint_of_keys() or self.source_hint

    def _hint_of_keys(self) -> str:
        forms = Counter(map(self._form, self.fields))
        folded = Counter(map(str.casefold, self.fields))
        keys: list[str] = []
        if not self.missing and max(forms.values(), default=0) == 1:
            keys += ['"header_match": "by_name"'] if self.contract.header_match.is_ordered and self.moved else []
        elif {*map(str.casefold, self.columns)} <= {*folded} and max(folded.values(), default=0) == 1:
            keys.append(f'"header_match": "{HeaderMatch.BY_NAME_IGNORE_CASE}"')
        else:
            return ""
        if len(self.fields) > len(self.columns) and not self.contract.extra_columns.are_ignored:
            keys.append('"extra_columns": "ignore"')
        return f"write {' and '.join(keys)} in the meta of the input" if keys else ""

    @property
    def source_hint(self) -> str:
        """The sources to write for names that stand there under another one; "" for none."""
        words = [
            f'"source": {json.dumps(other, ensure_ascii=False)} for {self.columns[name]}'
            for name, other in self.renamed.items()
        ]
        return f"write {join_names(words, MAX_NAMES_SHOWN)} in the columns of the input" if words else ""

    def _form(self, name: str) -> str:
        return self.contract.header_match.form(name)

    def _stand_alike(self, name: str, other: str) -> bool:
        """Say whether a name stands where another is declared."""
        return [*self.columns].index(name) == [*self.fields].index(other)

    def _missing_words(self, name: str) -> str:
        column = self.columns[name]
        source = "" if column == name else f" ({_quote_names([name])} in the file)"
        renamed = f" (now {_quote_names([self.renamed[name]])}?)" if name in self.renamed else ""
        return f"{_quote_names([column])}{source}{renamed}"

    def _moved_words(self) -> str:
        """Return the names that moved, each with where it stands and where it is declared."""
        forms, declared = [*map(self._form, self.fields)], [*self.columns]
        words = [
            f"{_quote_names([self.columns[name]])} (field {forms.index(self._form(name)) + 1}, "
            f"declared {declared.index(name) + 1})"
            for name in self.moved[:MAX_NAMES_SHOWN]
        ]
        return join_names(words, MAX_NAMES_SHOWN, number=len(self.moved))


def _without(names: Sequence[str], others: Container[str]) -> list[str]:
    return [name for name in names if name not in others]


def _likely_names(missing: Sequence[str], others: Sequence[str]) -> dict[str, str]:
    """Return by a missing name the one that is like it, each once."""
    plain: Mapping[str, str] = {_plain_name(other): other for other in reversed(others) if _plain_name(other)}
    likely: dict[str, str] = {}
    for name in missing[:MAX_COMPARED]:
        alike = get_close_matches(_plain_name(name), [*plain], n=1, cutoff=MIN_LIKENESS)
        if alike and plain[alike[0]] not in likely.values():
            likely[name] = plain[alike[0]]
    return likely


def _plain_name(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _quote_names(names: Sequence[str]) -> str:
    return join_names([repr(shorten_text(name, MAX_SAMPLE_LENGTH)) for name in names], MAX_NAMES_SHOWN)


def _longest_rise(numbers: Sequence[int]) -> list[int]:
    """Return the longest rising part of distinct numbers (patience sorting)."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        place = bisect_left(tails, number)
        before[number] = tails[place - 1] if place else None
        tails[place : place + 1] = [number]
    rise: list[int] = []
    number = tails[-1] if tails else None
    while number is not None:
        rise.append(number)
        number = before[number]
    return rise
