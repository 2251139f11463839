"""Which raw objects are data, by a glob: `meta.files` of an input.

Python's own globs let `*` cross folders, and Hadoop's take some keys for something else; here one definition serves the
job's listing, the operator's and the checks.
"""

import re
from functools import cache

MAX_ALTERNATIVES = 64  # that braces may make of one glob
BRACES = re.compile(r"\{([^{}]*)\}")
WILDCARDS = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]/]*\]|[^*?\[]")


def is_file_glob(text: str) -> bool:
    """Say whether a text is a glob of paths below a prefix."""
    if not text.strip() or text.startswith("/") or text.endswith("/") or "//" in text or "\\" in text:
        return False
    try:
        file_glob_pattern(text)
    except (ValueError, re.error):  # such as [z-a]
        return False
    return True


def is_data_path(path: str, glob: str) -> bool:
    """Say whether a glob takes a path below the dataset's prefix; "" takes each."""
    return not glob or file_glob_pattern(glob).fullmatch(path) is not None


@cache
def file_glob_pattern(glob: str) -> re.Pattern[str]:
    """Return a glob as a regular expression of whole paths.

    Raises:
        ValueError: a bracket or a brace does not close, or braces make more than `MAX_ALTERNATIVES` of it.
    """
    alternatives = expand_braces(glob)
    parts = [_translate(alternative) for alternative in alternatives]
    return re.compile(f"(?s:{'|'.join(parts)})")


def expand_braces(glob: str) -> list[str]:
    """Return the globs without braces that a glob stands for, in the order in which it names them.

    Raises:
        ValueError: braces make more than `MAX_ALTERNATIVES` of it.
    """
    braces = BRACES.search(glob)
    if braces is None:
        return [glob]
    globs: list[str] = []
    for choice in braces[1].split(","):
        globs += expand_braces(glob[: braces.start()] + choice + glob[braces.end() :])
        if len(globs) > MAX_ALTERNATIVES:
            raise ValueError(f"{glob!r} has more than {MAX_ALTERNATIVES} alternatives")
    return globs


def _translate(glob: str) -> str:
    """Return the regular expression of paths below a prefix of a glob without braces."""
    folders = "" if "/" in glob else "(?:[^/]+/)*"
    return folders + glob_regex(glob)


def glob_regex(glob: str) -> str:
    """Return the regular expression of whole texts of a glob without braces.

    Raises:
        ValueError: a bracket or a brace does not close.
    """
    tokens: list[str] = []
    end = 0
    while end < len(glob):
        token = TOKEN.match(glob, end)
        if token is None or token[0] in "{}":
            raise ValueError(f"{glob!r} has a bracket or a brace that does not close")
        tokens.append(_translate_token(token[0]))
        end = token.end()
    return "".join(tokens)


def _translate_token(token: str) -> str:
    if token in WILDCARDS:
        return WILDCARDS[token]
    if not token.startswith("["):
        return re.escape(token)
    negated = token[1] == "!"
    members = re.sub(r"([\\^\[&~|])", r"\\\1", token[2 if negated else 1 : -1])
    return f"(?!/)[{'^' if negated else ''}{members}]"
