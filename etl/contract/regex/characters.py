"""The characters of a regular expression as Java reads them: escapes, classes, and the names of its groups."""

import re
import string
from dataclasses import dataclass

from etl.contract.regex.tree import NO_CHARACTERS, NOTHING, SAMPLE_CHARACTERS, Chars, Node

KINDS: dict[str, frozenset[str]] = {
    "d": frozenset(string.digits),
    "w": frozenset(string.ascii_letters + string.digits + "_"),
    "s": frozenset(" \t\n\x0b\f\r"),
    "h": frozenset(" \t\xa0"),
    "v": frozenset("\n\x0b\f\r"),
}
CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
ZERO_WIDTH_ESCAPES = set("AbBGzZ")  # match no character, and stand in no class
HEX = "0123456789abcdefABCDEF"
LETTERS = string.ascii_letters
PROPERTY = re.compile(
    r"(?:is|in|java).+|.+=.+|c[ncfosd]?|l[ultmocd1]?|m[nec]?|n[dlo]?|z[slp]?|p[dsecoif]?|s[mcko]?|all|ascii"
    r"|alnum|alpha|blank|cntrl|digit|graph|lower|print|punct|space|upper|xdigit",
    re.IGNORECASE | re.DOTALL,
)


@dataclass
class PatternReader:
    """A pattern, and how far it is read.

    Attributes:
        names: those of its groups so far.
        places: parts that look at what stands around them, or at what was matched: a tree is silent about these.
        exact: whether the tree's sets are all that the pattern's characters and flags say.
    """

    text: str
    position: int = 0
    names: tuple[str, ...] = ()
    places: int = 0
    exact: bool = True

    @property
    def next_character(self) -> str:
        """The character that is read next; "" at the end."""
        return self.text[self.position : self.position + 1]

    def take_character(self) -> str:
        """Read one character; "" at the end."""
        self.position += 1
        return self.text[self.position - 1 : self.position]

    def take_if_next(self, text: str) -> bool:
        """Read a text where it comes next; return whether it did."""
        is_next = self.text.startswith(text, self.position)
        self.position += len(text) * is_next
        return is_next

    def require_text(self, text: str, fault: str) -> None:
        """Read a text that has to come next; raises ValueError with `fault` where it does not."""
        if not self.take_if_next(text):
            raise ValueError(fault)

    def read_group_name(self) -> None:
        """Read the name of a group; raises ValueError where another has it."""
        name = self.parse_name()
        if name in self.names:
            raise ValueError(f"two groups are called {name}")
        self.names += (name,)

    def parse_name(self) -> str:
        """Read a name and the `>` behind it; raises ValueError where Java takes no such name."""
        match = re.compile(r"([a-zA-Z][a-zA-Z0-9]*)>", re.ASCII).match(self.text, self.position)
        if not match:
            raise ValueError("a group's name is Latin letters and digits, and ends with >")
        self.position = match.end()
        return match[1]

    def read_class(self, *, closing: bool) -> frozenset[str]:
        """Read a class from behind its `[`; without `closing`, the right side of `&&`, whose `]` is left."""
        negated = closing and self.take_if_next("^")
        members: frozenset[str] | None = None
        while True:
            if not self.next_character:
                raise ValueError("a class is not closed")
            if self.next_character == "]" and members is not None:
                self.position += closing
                return SAMPLE_CHARACTERS - members if negated else members
            if self.take_if_next("["):
                members = (members or NO_CHARACTERS) | self.read_class(closing=True)
            elif self.take_if_next("&&"):
                members = self.read_intersection(members)
            else:
                members = (members or NO_CHARACTERS) | self.read_range()

    def read_intersection(self, left: frozenset[str] | None) -> frozenset[str]:
        """Read what follows `&&` in a class; return what both sides name. Raises ValueError where both are empty."""
        right: frozenset[str] | None = None
        while self.next_character and self.next_character not in "]&":
            nested = self.take_if_next("[")
            right = (right or NO_CHARACTERS) | self.read_class(closing=nested)
        if left is None and right is None:
            raise ValueError("&& stands between no two classes")
        if left is None or right is None:
            return left or right or NO_CHARACTERS
        return left & right

    def read_range(self) -> frozenset[str]:
        """Read a character of a class, or a range such as `a-z`; return its characters."""
        low = self.read_class_member()
        if not isinstance(low, str):
            return low
        behind = self.text[self.position + 1 : self.position + 2]
        if self.next_character != "-" or not behind or behind in "[]":
            return frozenset(low)
        self.take_character()
        high = self.read_class_member(ends=True)
        if not isinstance(high, str) or high < low:
            raise ValueError(f"{low}-{high if isinstance(high, str) else ''} is no range of characters")
        return frozenset(character for character in SAMPLE_CHARACTERS if low <= character <= high) | {low, high}

    def read_class_member(self, *, ends: bool = False) -> str | frozenset[str]:
        """Read a character or a class of them; `ends` says that it ends a range."""
        sign = self.take_character()
        if sign != "\\":
            return sign
        if self.next_character == "v" and (ends or self.text[self.position + 1 : self.position + 2] == "-"):
            self.take_character()
            return "\x0b"  # of a range it is one character, and else any that ends a line
        start = self.position
        escaped = self.read_escape(in_class=True)
        if not isinstance(escaped, Chars):
            raise ValueError(f"\\{self.text[start : self.position]} stands in no class")
        single = len(escaped.any) == 1 and self.text[start] not in "pPdDwWsShHvV"
        return next(iter(escaped.any)) if single else escaped.any

    def read_escape(self, *, in_class: bool) -> Node:
        """Read what follows a backslash; raises ValueError for an escape that Java does not know."""
        sign = self.take_character()
        if sign == "":
            raise ValueError("a \\ escapes nothing")
        if sign.lower() in KINDS:
            kind = KINDS[sign.lower()]
            self.exact &= sign.lower() in "dws"
            return Chars(kind if sign.islower() else SAMPLE_CHARACTERS - kind)
        if sign in "pP":
            return self.read_property()
        if sign in CONTROLS:
            return Chars(frozenset(CONTROLS[sign]))
        if sign in "0xucN":
            return Chars(frozenset(self.read_coded_character(sign)))
        if not in_class and (sign in ZERO_WIDTH_ESCAPES or sign in "RXk123456789"):
            return self.read_reference(sign)
        if sign in LETTERS or (in_class and sign in "123456789"):
            raise ValueError(f"Java knows no escape \\{sign}" + (" in a class" if in_class else ""))
        return Chars(frozenset(sign))

    def read_property(self) -> Node:
        """Read a family of characters such as `{L}`; raises ValueError for one that Java does not know."""
        name = self.take_character()
        if name == "{":
            end = self.text.find("}", self.position)
            name, self.position = self.text[self.position : end], end + 1
            if end < 0:
                raise ValueError("a family of characters is not closed")
        if not PROPERTY.fullmatch(name):
            raise ValueError(f"Java knows no family of characters {name!r}")
        self.exact = False
        return Chars(SAMPLE_CHARACTERS)

    def read_coded_character(self, sign: str) -> str:
        """Read the code of a character, such as `41` after `x`; raises ValueError for a malformed one."""
        forms = {
            "0": r"([0-3][0-7]{2}|[0-7]{1,2})",
            "x": rf"([{HEX}]{{2}}|\{{[{HEX}]+\}})",
            "u": rf"([{HEX}]{{4}})",
            "c": r"(.)",
            "N": r"(\{[A-Za-z0-9 ()_-]+\})",
        }
        code_match = re.compile(forms[sign], re.DOTALL).match(self.text, self.position)
        if not code_match:
            raise ValueError(f"\\{sign} is not followed by what says which character it is")
        self.position = code_match.end()
        if sign == "N":
            self.exact = False
            return "\N{BULLET}"
        if sign == "c":
            return chr(ord(code_match[1]) ^ 64)
        code = int(code_match[1].strip("{}"), 8 if sign == "0" else 16)
        if code > 0x10FFFF:
            raise ValueError(f"\\{sign}{code_match[1]} is beyond the last character")
        return chr(code)

    def read_reference(self, sign: str) -> Node:
        """Read a reference to a group, or a line break; raises ValueError where there is no such group."""
        if sign == "k":
            self.require_text("<", "\\k is not followed by <")
            name = self.parse_name()
            if name not in self.names:
                raise ValueError(f"no group is called {name}")
        if sign in "RX":
            self.exact = False
            return Chars(frozenset("\n"))
        if sign == "b":
            self.take_if_next("{g}")
        self.places += 1
        return NOTHING
