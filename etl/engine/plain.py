"""Lines of CSV that are plain: one regular expression over the line proves what would take one for each column and rule.

Where a line matches, it has as many fields as there are columns, none of them quoted; it is text; each column's value is
null or matches all of the column's patterns; and those that must be there are. Where it does not match nothing is known, and
each rule looks for itself: so only patterns are taken whose every match is a field's whole text, whatever stands around it, and
each is narrowed to printed ASCII without comma and quote.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PRESENT = ""  # stands for a pattern: the value is there
# By ranges of one kind each: Java looks a run of ASCII up in one comparison a character, a joint class in dozens.
FURTHER = "\t\u00a0-\u2027\u202a-\ufefe\uff00-\ufffc\ufffe-\U0010ffff"
TEXT = rf"\A(?:[ -~]++|[{FURTHER}\n\r]++)*+\z"
"""Text: no control characters but tab and line ends, no separators of lines, no byte-order mark, no replacement character."""
ANY = rf"(?:[ !#-+\--~]++|[{FURTHER}]++)*+"
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
MEMBER = re.compile(rf"\\(?P<kind>[dwsDWS])|(?P<low>{ONE})(?:-(?P<high>{ONE}))?")


@dataclass(frozen=True)
class Plain:
    """What proves a line plain: `pattern`, "" for none, and the `patterns` that it proves, each of a column."""

    pattern: str
    patterns: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, columns: Sequence[str], patterns: Iterable[tuple[str, str]]) -> "Plain":
        """Return what proves those of the patterns that can be looked for in the line; where none can, nothing."""
        known = {(column, pattern): core for column, pattern in patterns if (core := _core(pattern)) is not None}
        if not known:
            return cls("", frozenset())
        ends = [","] * (len(columns) - 1) + [r"\z"]
        fields = [
            _field(
                [core for (of, pattern), core in known.items() if of == column and pattern != PRESENT],
                end,
                (column, PRESENT) in known,
            )
            for column, end in zip(columns, ends, strict=True)
        ]
        return cls(rf"\A{''.join(fields)}", frozenset(known))


def _field(cores: Sequence[str], end: str, present: bool) -> str:
    """Return what matches a field and its end, in one way only, so that a later field never makes it try another."""
    there = f"(?!{end})" if present else ""
    if not cores:
        return f"{there}{ANY}{end}"
    *others, last = (f"(?:{core})" if present else f"(?:{core})?" for core in cores)
    ahead = "".join(f"(?={core}{end})" for core in others)
    return f"(?>{there}{ahead}{last}{end})"


def _core(pattern: str) -> str | None:
    """Return a pattern without its anchors; None where it may look beyond a field, or match what is no plain text."""
    if pattern == PRESENT:
        return ""
    if not (pattern.startswith("^") and pattern.endswith("$")) or pattern.endswith(r"\$"):
        return None
    core, at, text = "", 1, pattern[:-1]
    while at < len(text):
        found = TOKEN.match(text, at)
        part = found and _narrowed(found)
        if not found or not part:
            return None
        core, at = core + part, found.end()
    return core


def _narrowed(token: re.Match[str]) -> str:
    """Return what matches the same of plain characters; "" where it could match none."""
    if token["open"]:
        return "(?:"  # what a group caught nobody asks for, and to catch it takes time
    if token["close"] or token["or"] or token["times"]:
        return token[0]
    return _class(_characters(token) & PLAIN)


def _characters(token: re.Match[str]) -> set[str]:
    if token["kind"]:
        return KINDS[token["kind"]]
    if token["literal"]:
        return {token["literal"][-1]}
    if token["any"]:
        return PLAIN
    found = set[str]().union(*map(_members, MEMBER.finditer(token["class"])))
    return PLAIN - found if token["not"] else found


def _members(member: re.Match[str]) -> set[str]:
    if member["kind"]:
        return KINDS[member["kind"]]
    low, high = member["low"][-1], (member["high"] or member["low"])[-1]
    return {chr(code) for code in range(ord(low), ord(high) + 1)}


def _class(characters: set[str]) -> str:
    """Return a class of single characters, which Java keeps as bits; ranges it would try one by one."""
    written = [one if one.isalnum() else rf"\{one}" for one in sorted(characters)]
    return "".join(written) if len(written) < 2 else f"[{''.join(written)}]"
