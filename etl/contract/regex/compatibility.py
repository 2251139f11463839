"""Regular expressions as Spark runs them: Java's, judged without a JVM.

A parser of the grammar that `java.util.regex.Pattern` documents. It refuses what no Java takes; in doubt, as for the name of
a block of Unicode, it refuses nothing, and the Java that runs has the last word. A test holds it against Java itself.
"""

import re
from collections.abc import Callable

from etl.contract.regex.characters import PatternReader
from etl.contract.regex.tree import NOTHING, SAMPLE_CHARACTERS, Chars, Node, Repeat, make_choice, make_sequence

LINE_ENDS = frozenset("\n\r\x85\u2028\u2029")
MAX_REPEATS = 0x7FFFFFFF


class UnknownPattern(Exception):
    """Nothing is told of the pattern: it has comments, in which anything may stand."""


def pattern_fault(pattern: str) -> str | None:
    """Return why no Java compiles a pattern, or None where one may."""
    try:
        parse_pattern(pattern)
    except ValueError as error:
        return str(error)
    except (UnknownPattern, RecursionError):
        pass
    return None


def parse_pattern(pattern: str) -> Node:
    """Return a pattern as a tree.

    Raises:
        ValueError: no Java would compile it; says why.
        UnknownPattern: nothing is known of it.
    """
    return _PatternParser(_escape_quoted(pattern)).parse_all()


def parse_exact_pattern(pattern: str) -> Node | None:
    """Return the tree of a pattern that matches just what its tree says; None of one that looks around, or is not known."""
    parser = _PatternParser(_escape_quoted(pattern))
    try:
        node = parser.parse_all()
    except (ValueError, UnknownPattern, RecursionError):
        return None
    return node if parser.exact and not parser.places else None


def _escape_quoted(pattern: str) -> str:
    r"""Return a pattern with what stands between `\Q` and `\E` escaped, as Java itself does before it parses."""

    def escape_match(match: re.Match[str]) -> str:
        quoted = match["quoted"]
        if quoted is None:
            return match[0]
        return "".join(character if character.isalpha() else rf"\x{{{ord(character):x}}}" for character in quoted)

    return re.sub(r"\\Q(?P<quoted>.*?)(?:\\E|\Z)|\\.", escape_match, pattern, flags=re.DOTALL)


class _PatternParser(PatternReader):
    """A pattern that is read from left to right."""

    def parse_all(self) -> Node:
        node = self.parse_choice()
        if self.next_character:
            raise ValueError("a ) closes no group")
        return node

    def parse_choice(self) -> Node:
        branches = [self.parse_sequence()]
        while self.take_if_next("|"):
            branches.append(self.parse_sequence())
        return make_choice(branches)

    def parse_sequence(self) -> Node:
        parts: list[Node] = []
        while self.next_character not in ("", "|", ")"):
            parts.append(self.parse_repeat(self.parse_part()))
        return make_sequence(parts)

    def parse_part(self) -> Node:
        if self.next_character == "{":
            return NOTHING  # Java repeats the empty text
        sign = self.take_character()
        if sign in "*+?":
            raise ValueError(f"{sign} repeats nothing")
        if sign == "(":
            return self.parse_group()
        if sign == "[":
            return Chars(self.read_class(closing=True))
        if sign == "\\":
            return self.read_escape(in_class=False)
        if sign in "^$":
            self.places += 1
            return NOTHING
        return Chars(SAMPLE_CHARACTERS - LINE_ENDS if sign == "." else frozenset(sign))

    def parse_repeat(self, part: Node) -> Node:
        if self.take_if_next("?"):
            low, high = 0, 1
        elif self.next_character and self.next_character in "*+":
            low, high = int(self.take_character() == "+"), None
        elif self.take_if_next("{"):
            low, high = self.parse_counts()
        else:
            return part
        mode = self.take_character() if self.next_character and self.next_character in "?+" else ""
        if not mode and self.next_character == "*":
            raise ValueError("* repeats nothing")
        return Repeat(part, low, high, mode)

    def parse_counts(self) -> tuple[int, int | None]:
        written = re.compile(r"([0-9]+)(,([0-9]*))?\}").match(self.text, self.position)
        if not written:
            raise ValueError("a { begins no count such as {2,3}")
        self.position = written.end()
        low = int(written[1])
        high = low if not written[2] else int(written[3]) if written[3] else None
        if low > MAX_REPEATS or (high is not None and not low <= high <= MAX_REPEATS):
            raise ValueError(f"{{{written[0]} is no range of counts")
        return low, high

    def parse_group(self) -> Node:
        if not self.take_if_next("?"):
            return self.parse_inside(self.parse_choice)
        if self.take_if_next("<"):
            if self.next_character and self.next_character in "=!":
                self.take_character()
                self.places += 1
                self.parse_inside(
                    self.parse_choice
                )  # whether it has a longest match, Java says: it overlooks some that have none
                return NOTHING
            self.read_group_name()
            return self.parse_inside(self.parse_choice)
        if self.next_character and self.next_character in ":>=!":
            sign = self.take_character()
            looks_around = sign in "=!"
            self.places += sign != ":"
            node = self.parse_inside(self.parse_choice)
            return Repeat(node, 0, 1, "?") if looks_around else node  # as what may stand there, or not
        return self.parse_flags()

    def parse_inside(self, parse: Callable[[], Node]) -> Node:
        node = parse()
        self.require_text(")", "a group is not closed")
        return node

    def parse_flags(self) -> Node:
        written = re.compile(r"[imsducU]*x?[imsducUx]*(?:-[imsducUx-]*)?").match(self.text, self.position)
        text = written[0] if written else ""
        self.position += len(text)
        self.exact &= not text
        if "x" in text:
            raise UnknownPattern
        if self.take_if_next(")"):
            if self.next_character and self.next_character in "*+?":
                raise ValueError(f"{self.next_character} repeats nothing")
            return NOTHING
        self.require_text(":", f"Java knows no group (?{text}{self.next_character}")
        return self.parse_inside(self.parse_choice)
