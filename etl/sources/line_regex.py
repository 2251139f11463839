"""Lines of CSV that are plain: one regular expression over the line proves what would take one for each column and rule.

Where a line matches, it has as many fields as there are columns, quoted well or not at all; it is text; each column's value is
null or matches all of the column's patterns; and those that must be there are. Where it does not match nothing is known, and
each rule looks for itself (`etl/gate/onepass/fallback_pass.py`): so only patterns are taken whose every match is a
field's whole text, whatever stands around it, and each is narrowed to printed ASCII without comma and quote.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from etl.contract.regex.automaton import Automaton, Symbol
from etl.sources.text_lines import FURTHER

PRESENT = ""  # stands for a pattern: the value is there
PLAIN = {chr(code) for code in range(0x20, 0x7F)} - {",", '"'}
"""Characters of a field that a pattern is looked for in; on these alone a narrowed pattern matches as the whole one does."""
DIGITS, SPACE = set("0123456789"), {" "}
WORD = {one for one in PLAIN if one.isalnum()} | {"_"}
KINDS = {"d": DIGITS, "w": WORD, "s": SPACE, "D": PLAIN - DIGITS, "W": PLAIN - WORD, "S": PLAIN - SPACE}

QUANTIFIER = r"(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})[+?]?"
ONE = r"(?:\\[^A-Za-z0-9]|[^\\\[\]&^])"
CLASS = rf"\[(?P<not>\^?)(?P<class>(?:{ONE}|\\[dwsDWS])+)\]"
TOKEN = re.compile(
    rf"(?P<literal>[^\\\[\](){{}}|*+?.^$]|\\[^A-Za-z0-9])|\\(?P<kind>[dwsDWS])|{CLASS}|(?P<any>\.)"
    rf"|(?P<open>\((?:\?:)?(?!\?))|(?P<close>\))|(?P<or>\|)|(?P<times>{QUANTIFIER})"
)
ALL_BUT = re.compile(r"\\[DWS]")
MEMBER = re.compile(rf"\\(?P<kind>[dwsDWS])|(?P<low>{ONE})(?:-(?P<high>{ONE}))?")


@dataclass(frozen=True)
class Plain:
    """What proves a line plain: `pattern` one without a quote, `quoted` one that may have some; "" for none.

    `patterns` are what it proves, each of a column.
    """

    pattern: str = ""
    quoted: str = ""
    patterns: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, columns: Sequence[str], patterns: Iterable[tuple[str, str]]) -> "Plain":
        """Return what proves those of the patterns that can be looked for in the line; where none can, nothing."""
        known = {(column, pattern): core for column, pattern in patterns if (core := _core(pattern)) is not None}
        if not known:
            return cls()
        ends = [","] * (len(columns) - 1) + [r"\z"]
        fields = [
            _Field(
                _needed([core for (of, pattern), core in known.items() if of == column and pattern != PRESENT]),
                end,
                (column, PRESENT) in known,
            )
            for column, end in zip(columns, ends, strict=True)
        ]
        bare, quoted = "".join(one.bare for one in fields), "".join(one.either for one in fields)
        return cls(rf"\A{bare}", rf"\A{quoted}", frozenset(known))


def is_plain(pattern: str) -> bool:
    """Say whether all that a pattern matches is plain: then a line is never in doubt for a value that does match.

    A pattern that takes any character, or all but some, matches what a plain line has not: a comma, a quote, an accent.
    """
    core = _core(pattern)
    return core is not None and all(_is_of_few(found) for found in TOKEN.finditer(pattern[1:-1]))


def _is_of_few(token: re.Match[str]) -> bool:
    if token["open"] or token["close"] or token["or"] or token["times"]:
        return True
    of_others = token["any"] or token["not"] or ALL_BUT.search(token[0])
    return not of_others and _characters(token) <= PLAIN


@dataclass(frozen=True)
class _Core:
    """A pattern without its anchors, as `text` and as parts."""

    text: str
    parts: tuple[Symbol, ...]

    @cached_property
    def automaton(self) -> Automaton | None:
        return Automaton.of(self.parts)

    @property
    def is_nullable(self) -> bool | None:
        """Whether it matches a text without a character; None where that is not known."""
        return self.automaton and self.automaton.whole.empty

    @property
    def is_single(self) -> bool:
        """Whether it is known to match in one way at most."""
        return self.automaton is not None and self.automaton.is_single

    def within(self, other: "_Core") -> bool:
        """Whether what it matches is known to match the other."""
        return bool(self.automaton and other.automaton and self.automaton.within(other.automaton))


@dataclass(frozen=True)
class _Field:
    """A field with what must match it, its end, and whether it must be there: matched in one way only.

    So a later field never makes it try another.
    """

    cores: Sequence[_Core]
    end: str
    present: bool

    @property
    def bare(self) -> str:
        """What matches it without quotes."""
        return self._single(self._bare)

    @property
    def either(self) -> str:
        """What matches it with quotes or without."""
        closed = f'"{self.end}'
        inner = self._there(closed) + (self._all('"', self.present) if self.cores else BETWEEN)
        return self._single(f'(?:{self._bare}|"{inner}{closed})')

    @property
    def _bare(self) -> str:
        return self._there(self.end) + (self._all(self.end, self.present) if self.cores else ANY) + self.end

    def _there(self, end: str) -> str:
        """Look that the value does not end where it begins."""
        implied = self.cores and self.cores[-1].is_nullable is False
        return f"(?!{end})" if self.present and not implied else ""

    def _all(self, end: str, present: bool) -> str:
        *others, last = self.cores
        return "".join(f"(?={_optional(one, present)}{end})" for one in others) + _optional(last, present)

    def _single(self, found: str) -> str:
        return found if not self.cores or self.cores[-1].is_single else f"(?>{found})"


def _optional(core: _Core, present: bool) -> str:
    if not present and not core.is_nullable:
        return f"(?:{core.text})?"
    return f"(?:{core.text})" if "|" in core.parts else core.text  # Java takes its time for a group


def _needed(cores: Sequence[_Core]) -> list[_Core]:
    """Leave out what another one of them implies."""
    found: list[_Core] = []
    for core in cores:
        if not any(one.within(core) for one in found):
            found = [*(one for one in found if not core.within(one)), core]
    return found


def _core(pattern: str) -> _Core | None:
    """Return a pattern without its anchors; None where it may look beyond a field, or match what is no plain text."""
    if pattern == PRESENT:
        return _Core("", ())
    if not (pattern.startswith("^") and pattern.endswith("$")) or pattern.endswith(r"\$"):
        return None
    core, parts, at, text = "", list[Symbol](), 1, pattern[:-1]
    while at < len(text):
        found = TOKEN.match(text, at)
        part = found and _part(found)
        if not found or not part:
            return None
        core, at = core + _written(part), found.end()
        parts.append(part)
    return _Core(core, tuple(parts))


def _part(found: re.Match[str]) -> Symbol:
    """Return what stands for the same of plain characters; an empty set where it could match none."""
    if found["open"]:
        return "("
    return frozenset(_characters(found) & PLAIN) if not (found["close"] or found["or"] or found["times"]) else found[0]


def _written(part: Symbol) -> str:
    if not isinstance(part, str):
        return _class(part)
    return "(?:" if part == "(" else part  # what a group caught nobody asks for, and to catch it takes time


def _characters(part: re.Match[str]) -> set[str]:
    if part["kind"]:
        return KINDS[part["kind"]]
    if part["literal"]:
        return {part["literal"][-1]}
    if part["any"]:
        return PLAIN
    found = set[str]().union(*map(_members, MEMBER.finditer(part["class"])))
    return PLAIN - found if part["not"] else found


def _members(member: re.Match[str]) -> set[str]:
    if member["kind"]:
        return KINDS[member["kind"]]
    low, high = member["low"][-1], (member["high"] or member["low"])[-1]
    return {chr(code) for code in range(ord(low), ord(high) + 1)}


def _class(characters: Collection[str]) -> str:
    """Return a class of single characters, which Java keeps as bits; ranges it would try one by one."""
    written = [one if one.isalnum() else rf"\{one}" for one in sorted(characters)]
    return "".join(written) if len(written) < 2 else f"[{''.join(written)}]"


ANY = rf"{_class(PLAIN)}*(?:[{FURTHER}]+{_class(PLAIN)}*)*+"
"""Runs of plain characters, tried first and as a class of bits, and of further text between: one way, whatever the text."""
BETWEEN = rf'{_class(PLAIN | {","})}*(?:(?:""|[{FURTHER}]+){_class(PLAIN | {","})}*)*+'
"""The same between quotes, where commas stand for themselves and two quotes for one."""
