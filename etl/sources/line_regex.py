"""Lines of CSV that are plain: one regular expression over the line proves what would take one for each column and rule.

Where a line matches, it has as many fields as there are columns, quoted well or not at all; it is text; each column's value is
null or matches all of the column's patterns; and those that must be there are. Where it does not match nothing is known, and
each rule looks for itself (`etl/gate/onepass/fallback_pass.py`): so only patterns are taken whose every match is a
field's whole text, whatever stands around it, and each is narrowed to printed ASCII without comma and quote.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from etl.contract.regex.automaton import Automaton, Symbol
from etl.sources.csv_syntax import COMMAS, CsvSyntax
from etl.sources.field_alphabet import FieldAlphabet, character_class

PRESENT = ""  # stands for a pattern: the value is there
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
class LineRegex:
    """What proves a line plain: `pattern` one without a quote, `quoted` one that may have some; "" for none.

    Attributes:
        patterns: what it proves, each of a column.
        syntax: how fields are written.
        null_values: the texts that stand for null.
    """

    pattern: str = ""
    quoted: str = ""
    patterns: frozenset[tuple[str, str]] = frozenset()
    syntax: CsvSyntax = COMMAS
    null_values: tuple[str, ...] = ()

    @classmethod
    def from_patterns(
        cls,
        columns: Sequence[str | None],
        patterns: Iterable[tuple[str, str]],
        syntax: CsvSyntax = COMMAS,
        null_values: tuple[str, ...] = (),
    ) -> "LineRegex":
        """Return what proves those of the patterns that can be looked for in the line; where none can, nothing.

        Args:
            columns: of each field of a line, in order; None for one that no column takes.
            patterns: pairs of column and pattern.
            syntax: how fields are written, RFC 4180 by default.
            null_values: the texts that stand for null.
        """
        alphabet = FieldAlphabet(syntax, null_values)
        cores = {
            (column, pattern): core
            for column, pattern in patterns
            if (core := parse_core(pattern, alphabet)) is not None
        }
        if not cores:
            return cls()
        ends = [re.escape(alphabet.syntax.delimiter)] * (len(columns) - 1) + [r"\z"]
        fields = [
            _LineField(
                minimal_cores(
                    [core for (owner, pattern), core in cores.items() if owner == column and pattern != PRESENT]
                ),
                end,
                (column, PRESENT) in cores,
                alphabet,
            )
            for column, end in zip(columns, ends, strict=True)
        ]
        bare = "".join(line_field.unquoted_regex for line_field in fields)
        quoted = "".join(line_field.field_regex for line_field in fields) if alphabet.syntax.quote else ""
        return cls(rf"\A{bare}", quoted and rf"\A{quoted}", frozenset(cores), syntax, null_values)

    def for_layout(self, columns: Sequence[str | None]) -> "LineRegex":
        """Return what proves the same of lines whose fields stand in another order, or beside others."""
        return LineRegex.from_patterns(columns, sorted(self.patterns), self.syntax, self.null_values)


def is_plain(pattern: str, syntax: CsvSyntax = COMMAS) -> bool:
    """Say whether all that a pattern matches is plain: then a line is never in doubt for a value that does match.

    A pattern that takes any character, or all but some, matches what a plain line has not: a comma, a quote, an accent.
    """
    alphabet = FieldAlphabet(syntax)
    core = parse_core(pattern, alphabet)
    return core is not None and all(_is_plain_token(token, alphabet) for token in TOKEN.finditer(pattern[1:-1]))


def _is_plain_token(token: re.Match[str], alphabet: FieldAlphabet) -> bool:
    if token["open"] or token["close"] or token["or"] or token["times"]:
        return True
    takes_others = token["any"] or token["not"] or ALL_BUT.search(token[0])
    return not takes_others and _token_characters(token, alphabet) <= alphabet.plain


@dataclass(frozen=True)
class _PatternCore:
    """A pattern without its anchors, as `text` and as parts."""

    text: str
    parts: tuple[Symbol, ...]

    @cached_property
    def automaton(self) -> Automaton | None:
        return Automaton.from_symbols(self.parts)

    @property
    def is_nullable(self) -> bool | None:
        """Whether it matches a text without a character; None where that is not known."""
        return self.automaton and self.automaton.whole.empty

    @property
    def is_single(self) -> bool:
        """Whether it is known to match in one way at most."""
        return self.automaton is not None and self.automaton.is_single

    def is_contained_in(self, container: "_PatternCore") -> bool:
        """Whether what it matches is known to match the other."""
        return bool(self.automaton and container.automaton and self.automaton.is_contained_in(container.automaton))


@dataclass(frozen=True)
class _LineField:
    """A field with what must match it, its end, and whether it must be there: matched in one way only.

    So a later field never makes it try another.
    """

    cores: Sequence[_PatternCore]
    end: str
    present: bool
    alphabet: FieldAlphabet

    @property
    def unquoted_regex(self) -> str:
        """What matches it without quotes."""
        return self._as_atomic(self._bare_regex)

    @property
    def field_regex(self) -> str:
        """What matches it with quotes or without."""
        quote = re.escape(self.alphabet.syntax.quote)
        closed = f"{quote}{self.end}"
        quoted = self._match_all(quote, self.present) if self.cores else self.alphabet.any_quoted
        inner = self._presence_lookahead(closed) + quoted
        return self._as_atomic(f"(?:{self._bare_regex}|{quote}{inner}{closed})")

    @property
    def _bare_regex(self) -> str:
        matched = self._match_all(self.end, self.present) if self.cores else self.alphabet.any_field
        return self._presence_lookahead(self.end) + matched + self.end

    def _presence_lookahead(self, end: str) -> str:
        """Look that the value does not end where it begins."""
        if nulls := self.alphabet.nulls:
            return f"(?!(?:{nulls})?{end})" if self.present else ""
        implied = self.cores and self.cores[-1].is_nullable is False
        return f"(?!{end})" if self.present and not implied else ""

    def _match_all(self, end: str, present: bool) -> str:
        nulls = "" if present else self.alphabet.nulls
        *lookaheads, last = (_optional_core(core, present, nulls) for core in self.cores)
        return "".join(f"(?={core}{end})" for core in lookaheads) + last

    def _as_atomic(self, regex: str) -> str:
        is_single = not self.cores or (self.cores[-1].is_single and not self.alphabet.nulls)
        return regex if is_single else f"(?>{regex})"


def _optional_core(core: _PatternCore, present: bool, nulls: str) -> str:
    if nulls:
        return f"(?:{core.text}|{nulls})?"
    if not present and not core.is_nullable:
        return f"(?:{core.text})?"
    return f"(?:{core.text})" if "|" in core.parts else core.text  # Java takes its time for a group


def minimal_cores(cores: Sequence[_PatternCore]) -> list[_PatternCore]:
    """Leave out what another one of them implies."""
    minimal: list[_PatternCore] = []
    for core in cores:
        if not any(needed.is_contained_in(core) for needed in minimal):
            minimal = [*(needed for needed in minimal if not core.is_contained_in(needed)), core]
    return minimal


def minimal_patterns(patterns: Iterable[str]) -> list[str]:
    """Return those patterns that a value has to be held against: what they match, the others are known to match too."""
    minimal: dict[str, _PatternCore | None] = {}
    for pattern in dict.fromkeys(patterns):
        core = parse_core(pattern, FieldAlphabet())
        if core is None or not any(_implies(needed, minimal[needed], core) for needed in minimal):
            implied = [other for other in minimal if _implies(pattern, core, minimal[other])]
            minimal = {needed: minimal[needed] for needed in minimal if needed not in implied} | {pattern: core}
    return [*minimal]


def _implies(pattern: str, core: _PatternCore | None, other: _PatternCore | None) -> bool:
    """Say whether all that a pattern matches is known to match another: its core is all that it matches, and plain."""
    if core is None or other is None or "|" in core.parts or not is_plain(pattern):
        return False
    return core.is_contained_in(other)


def parse_core(pattern: str, alphabet: FieldAlphabet) -> _PatternCore | None:
    """Return a pattern without its anchors; None where it may look beyond a field, or match what is no plain text."""
    if pattern == PRESENT:
        return _PatternCore("", ())
    if not (pattern.startswith("^") and pattern.endswith("$")) or pattern.endswith(r"\$"):
        return None
    core, parts, position, text = "", list[Symbol](), 1, pattern[:-1]
    while position < len(text):
        token = TOKEN.match(text, position)
        part = token and _token_symbol(token, alphabet)
        if not token or not part:
            return None
        core, position = core + _symbol_regex(part), token.end()
        parts.append(part)
    return _PatternCore(core, tuple(parts))


def _token_symbol(token: re.Match[str], alphabet: FieldAlphabet) -> Symbol:
    """Return what stands for the same of plain characters; an empty set where it could match none."""
    if token["open"]:
        return "("
    return (
        _token_characters(token, alphabet) & alphabet.plain
        if not (token["close"] or token["or"] or token["times"])
        else token[0]
    )


def _symbol_regex(part: Symbol) -> str:
    if not isinstance(part, str):
        return character_class(part)
    return "(?:" if part == "(" else part  # what a group caught nobody asks for, and to catch it takes time


def _token_characters(token: re.Match[str], alphabet: FieldAlphabet) -> frozenset[str]:
    if token["kind"]:
        return alphabet.of_kind(token["kind"])
    if token["literal"]:
        return frozenset(token["literal"][-1])
    if token["any"]:
        return alphabet.plain
    members = frozenset[str]().union(
        *(_member_characters(member, alphabet) for member in MEMBER.finditer(token["class"]))
    )
    return alphabet.plain - members if token["not"] else members


def _member_characters(member: re.Match[str], alphabet: FieldAlphabet) -> frozenset[str]:
    if member["kind"]:
        return alphabet.of_kind(member["kind"])
    low, high = member["low"][-1], (member["high"] or member["low"])[-1]
    return frozenset(chr(code) for code in range(ord(low), ord(high) + 1))
