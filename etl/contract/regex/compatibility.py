"""Regular expressions as Spark runs them: Java's, judged without a JVM.

A parser of the grammar that `java.util.regex.Pattern` documents. It refuses what no Java takes; in doubt, as for the name of
a block of Unicode, it refuses nothing, and the Java that runs has the last word. A test holds it against Java itself.
"""

import re
from collections.abc import Callable

from etl.contract.regex.characters import Reader
from etl.contract.regex.tree import EVERY, NOTHING, Chars, Node, Repeat, choice, sequence

LINE_ENDS = frozenset("\n\r\x85\u2028\u2029")
MOST_TIMES = 0x7FFFFFFF


class Untold(Exception):
    """Nothing is told of the pattern: it has comments, in which anything may stand."""


def why_not(pattern: str) -> str | None:
    """Return why no Java compiles a pattern, or None where one may."""
    try:
        tree(pattern)
    except ValueError as error:
        return str(error)
    except (Untold, RecursionError):
        pass
    return None


def tree(pattern: str) -> Node:
    """Return a pattern as a tree.

    Raises:
        ValueError: no Java would compile it; says why.
        Untold: nothing is known of it.
    """
    return _Parser(_unquoted(pattern)).whole()


def language(pattern: str) -> Node | None:
    """Return the tree of a pattern that matches just what its tree says; None of one that looks around, or is not known."""
    parser = _Parser(_unquoted(pattern))
    try:
        found = parser.whole()
    except (ValueError, Untold, RecursionError):
        return None
    return found if parser.exact and not parser.places else None


def _unquoted(pattern: str) -> str:
    r"""Return a pattern with what stands between `\Q` and `\E` escaped, as Java itself does before it parses."""

    def escaped(found: re.Match[str]) -> str:
        quoted = found["quoted"]
        if quoted is None:
            return found[0]
        return "".join(one if one.isalpha() else rf"\x{{{ord(one):x}}}" for one in quoted)

    return re.sub(r"\\Q(?P<quoted>.*?)(?:\\E|\Z)|\\.", escaped, pattern, flags=re.DOTALL)


class _Parser(Reader):
    """A pattern that is read from left to right."""

    def whole(self) -> Node:
        found = self.choice()
        if self.ahead:
            raise ValueError("a ) closes no group")
        return found

    def choice(self) -> Node:
        branches = [self.sequence()]
        while self.takes("|"):
            branches.append(self.sequence())
        return choice(branches)

    def sequence(self) -> Node:
        parts: list[Node] = []
        while self.ahead not in ("", "|", ")"):
            parts.append(self.repeated(self.part()))
        return sequence(parts)

    def part(self) -> Node:
        if self.ahead == "{":
            return NOTHING  # Java repeats the empty text
        sign = self.take()
        if sign in "*+?":
            raise ValueError(f"{sign} repeats nothing")
        if sign == "(":
            return self.group()
        if sign == "[":
            return Chars(self.characters(closing=True))
        if sign == "\\":
            return self.escape(in_class=False)
        if sign in "^$":
            self.places += 1
            return NOTHING
        return Chars(EVERY - LINE_ENDS if sign == "." else frozenset(sign))

    def repeated(self, part: Node) -> Node:
        if self.takes("?"):
            low, high = 0, 1
        elif self.ahead and self.ahead in "*+":
            low, high = int(self.take() == "+"), None
        elif self.takes("{"):
            low, high = self.times()
        else:
            return part
        mode = self.take() if self.ahead and self.ahead in "?+" else ""
        if not mode and self.ahead == "*":
            raise ValueError("* repeats nothing")
        return Repeat(part, low, high, mode)

    def times(self) -> tuple[int, int | None]:
        written = re.compile(r"([0-9]+)(,([0-9]*))?\}").match(self.text, self.at)
        if not written:
            raise ValueError("a { begins no count such as {2,3}")
        self.at = written.end()
        low = int(written[1])
        high = low if not written[2] else int(written[3]) if written[3] else None
        if low > MOST_TIMES or (high is not None and not low <= high <= MOST_TIMES):
            raise ValueError(f"{{{written[0]} is no range of counts")
        return low, high

    def group(self) -> Node:
        if not self.takes("?"):
            return self.inside(self.choice)
        if self.takes("<"):
            if self.ahead and self.ahead in "=!":
                self.take()
                self.places += 1
                self.inside(self.choice)  # whether it has a longest match, Java says: it overlooks some that have none
                return NOTHING
            self.named()
            return self.inside(self.choice)
        if self.ahead and self.ahead in ":>=!":
            sign = self.take()
            looks = sign in "=!"
            self.places += sign != ":"
            found = self.inside(self.choice)
            return Repeat(found, 0, 1, "?") if looks else found  # as what may stand there, or not
        return self.flags()

    def inside(self, read: Callable[[], Node]) -> Node:
        found = read()
        self.demand(")", "a group is not closed")
        return found

    def flags(self) -> Node:
        written = re.compile(r"[imsducU]*x?[imsducUx]*(?:-[imsducUx-]*)?").match(self.text, self.at)
        text = written[0] if written else ""
        self.at += len(text)
        self.exact &= not text
        if "x" in text:
            raise Untold
        if self.takes(")"):
            if self.ahead and self.ahead in "*+?":
                raise ValueError(f"{self.ahead} repeats nothing")
            return NOTHING
        self.demand(":", f"Java knows no group (?{text}{self.ahead}")
        return self.inside(self.choice)
