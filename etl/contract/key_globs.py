"""Globs over whole keys of raw: what a glob of a contract says that is written below the dataset's prefix, or from it on."""

import re
from functools import cache

from etl.contract.file_glob import expand_braces, glob_regex

WILDCARD = re.compile(r"[*?\[]")


@cache
def key_globs(glob: str, dataset: str) -> tuple[str, ...]:
    """Return a glob as globs over whole keys, without braces: it may begin with the dataset, or is meant below its prefix.

    One without a slash is about names in any folder below the prefix, as `meta.files` is.
    """
    prefix = f"{dataset}/"
    alternatives = expand_braces(glob)
    return tuple(
        alternative
        if alternative.startswith(prefix)
        else f"{prefix}{alternative}"
        if "/" in alternative
        else f"{prefix}**/{alternative}"
        for alternative in alternatives
    )


@cache
def data_key_globs(files: str, dataset: str) -> tuple[str, ...]:
    """Return `meta.files` as globs over whole keys, without braces: it is always meant below the prefix, and "" takes all."""
    alternatives = expand_braces(files or "**")
    return tuple(
        f"{dataset}/{'' if '/' in alternative or alternative == '**' else '**/'}{alternative}"
        for alternative in alternatives
    )


@cache
def key_pattern(glob: str, dataset: str) -> re.Pattern[str]:
    """Return a glob as a regular expression of whole keys."""
    return re.compile(f"(?s:{'|'.join(map(glob_regex, key_globs(glob, dataset)))})")


def matches_key(key: str, glob: str, dataset: str) -> bool:
    """Say whether a glob takes a key of raw."""
    return key_pattern(glob, dataset).fullmatch(key) is not None


def literal_prefix(glob: str, dataset: str) -> str:
    """Return the longest text that each key begins with that a glob takes: at least the dataset's prefix."""
    literals = [WILDCARD.split(alternative, maxsplit=1)[0] for alternative in key_globs(glob, dataset)]
    shortest, longest = min(literals), max(literals)
    length = next(
        (i for i, pair in enumerate(zip(shortest, longest, strict=False)) if pair[0] != pair[1]), len(shortest)
    )
    return shortest[:length]


def takes_only_hidden_names(glob: str, dataset: str) -> bool:
    """Say whether a glob takes only keys that no run reads: with a name in it that starts with _ or a dot."""
    return all(
        any(name.startswith(("_", ".")) for name in alternative.split("/")[1:])
        for alternative in key_globs(glob, dataset)
    )
