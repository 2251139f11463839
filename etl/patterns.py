"""Regular expressions as Spark runs them: Java's, judged without a JVM.

A pattern is rewritten from Java's form to Python's, and Python compiles it; what Python would take and Java would not is
refused here. A test holds this against `java.util.regex.Pattern`, whose documentation is the source of the rules.
"""

import re
import warnings
from collections.abc import Iterator

QUOTE = r"(?P<quote>\\Q.*?(?:\\E|$))"
ESCAPE = r"(?P<escape>\\(?:[pP](?:\{[^}]*\}|.)|x\{[0-9A-Fa-f]+\}|N\{[^}]*\}|k<[A-Za-z]\w*>|c.|0[0-7]{1,3}|.))"
FLAGS = r"\(\?(?=[a-zA-Z-])[idmsuxU]*(?:-[idmsuxU]+)?(?P<flags>[:)])"
GROUP = r"\(\?<(?P<name>[A-Za-z][A-Za-z0-9]*)>|(?P<group>\(\?(?:[:=!>]|<[=!]))"
COUNT = r"(?P<count>\{[0-9]+(?:,[0-9]*)?\})"
OPEN = r"\[(?P<open>\^?\]?)"
OUTSIDE = re.compile(rf"{QUOTE}|{ESCAPE}|{FLAGS}|{GROUP}|{COUNT}|(?P<odd>\(\?.?|\{{)|{OPEN}|(?P<any>.)", re.DOTALL)
INSIDE = re.compile(rf"{QUOTE}|{ESCAPE}|{OPEN}|(?P<close>\])|(?P<also>&&)|(?P<any>.)", re.DOTALL)
LETTERS = set("tnrfaexucdDsSwWhHvVRXbBAGZzNpPkQ")
SAME = set("tnrfaudDsSwWvbBAZ")
CLASS = re.compile(r"(?:Is|In|java)\w+|\w+=\w+|[LMNPZSC][a-zA-Z]?|(?:all|ASCII|L1)|[A-Z][a-z]{3,5}|XDigit")


def why_not(pattern: str) -> str | None:
    """Return why a pattern does not compile as a Java regular expression, or None where it does."""
    try:
        rewritten = "".join(_rewritten(pattern))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(rewritten)
    except (ValueError, re.error, OverflowError, RecursionError) as error:
        # Java takes a look-behind of any bounded width.
        return None if "look-behind requires fixed-width" in str(error) else str(error)
    return None


def _rewritten(pattern: str) -> Iterator[str]:
    """Yield the pattern in Python's form, nested classes flattened.

    Raises:
        ValueError: Java would not compile it.
    """
    depth, at = 0, 0
    while at < len(pattern):
        found = (INSIDE if depth else OUTSIDE).match(pattern, at)
        assert found is not None  # noqa: S101  the last alternative takes any character
        kind, text = str(found.lastgroup), found[found.lastgroup or 0]
        at = found.end()
        if kind == "open":
            yield ("" if depth else "[" + text[:1].replace("]", "")) + (r"\]" if text.endswith("]") else "")
            depth += 1
        elif kind == "close":
            depth -= 1
            yield "" if depth else "]"
        else:
            yield _python(kind, text)
    if depth:
        raise ValueError("a character class is not closed")


def _python(kind: str, text: str) -> str:
    if kind == "odd":
        raise ValueError(f"Java does not know {text!r} here")
    if kind == "escape":
        return _escape(text)
    rewritten = {
        "quote": re.escape(text.removeprefix(r"\Q").removesuffix(r"\E")),
        "flags": "(?:" if text == ":" else "",
        "name": f"(?P<{text}>",
        "also": "",
    }
    return rewritten.get(kind, text)


def _escape(text: str) -> str:
    letter = text[1]
    if letter.isascii() and letter.isalpha() and letter not in LETTERS:
        raise ValueError(f"Java knows no escape {text!r}")
    if letter in "pP" and not CLASS.fullmatch(text[2:].strip("{}")):
        raise ValueError(f"Java knows no class {text!r}")
    if letter == "k":
        return f"(?P={text[3:-1]})" if len(text) > 3 else text
    if letter in SAME or not letter.isalnum() or (letter == "x" and len(text) == 2) or letter in "123456789":
        return text
    return r"\Z" if letter in "zG" else "a"
