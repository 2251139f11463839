"""The machine's regular expressions take just the keys that the contract's globs take."""

from typing import Any

import jsonata
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.orchestration.key_regex import HIDDEN_NAME, MARKER, key_regex
from etl.contract.file_glob import is_data_path, is_file_glob
from etl.contract.key_globs import data_key_globs, key_globs, matches_key

GLOBS = [
    *("*.csv", "trades/*-store17.csv", "in/**/*.csv", "**", "a?c", "*.{csv,csv.gz}", "in/{a,b{c,d}}/*", "x", "**/x/*"),
    *(
        "[abc].csv",
        "[!abc].csv",
        "[a-c]x",
        "[]a]x",
        "[!]a]x",
        "[a-]",
        "[-a]",
        "[--a]",
        "[^a]",
        "[a&&b]",
        "[[]x",
    ),
    *(
        "a b*.csv",
        "ärger-*.csv",
        "a(b)+.csv",
        "a$b^c|d.csv",
        "x'y\"z*.csv",
        "100%*.csv",
        "a#b@c~d`e",
        "{{a}}",
        "😀*",
        "a\tb",
    ),
]
KEYS = [
    *("trades/a.csv", "trades/in/a.csv", "trades/in/x/y/a.csv", "trades/x-store17.csv", "trades/in/x-store17.csv"),
    *(
        "trades/abc",
        "trades/a/c",
        "trades/x",
        "trades/in/x/a",
        "trades/a.csv\n",
        "trades/",
        "trades//x",
        "trades/a.csv.gz",
    ),
    *("trades/in/b/f", "trades/in/bd/f", "trades/in/bc/", "trades/a b 1.csv", "trades/ärger-1.csv", "trades/a(b)+.csv"),
    *("trades/a$b^c|d.csv", "trades/x'y\"z1.csv", "trades/100%1.csv", "trades/a#b@c~d`e", "trades/{a}", "trades/😀1"),
    *(
        "trades/a\tb",
        "trades/]x",
        "trades/ax",
        "trades/-",
        "trades/^",
        "trades/&",
        "trades/[x",
        "trades/dx",
        "tradesX/a.csv",
    ),
    *(
        "trades/\\x",
        "trades/a\u2028b.csv",
        "trades/d.csv",
        "trades/x/_a.csv",
        "trades/.a.csv",
        "trades/a._COPYING_",
        "trades/b_$folder$",
    ),
]


def matches(expression: str, keys: list[str]) -> list[str]:
    answer: Any = jsonata.Jsonata(f"[$filter(keys, function($k) {{ $contains($k, {expression}) }})]").evaluate(
        {"keys": keys}
    )
    return answer


@pytest.mark.parametrize("glob", GLOBS)
def test_a_machine_takes_the_keys_that_the_glob_takes(glob: str) -> None:
    assert is_file_glob(glob)
    assert matches(key_regex(key_globs(glob, "trades")), KEYS) == [
        key for key in KEYS if matches_key(key, glob, "trades")
    ]


def test_each_of_these_globs_takes_a_key() -> None:
    assert [glob for glob in GLOBS if not any(matches_key(key, glob, "trades") for key in KEYS)] == []


@settings(max_examples=200, deadline=None)
@given(st.text("ab/*?[]!-{},.^ü_ '\"", min_size=1, max_size=8), st.text("ab/.-^ü_ '\"]!", max_size=6))
def test_that_holds_for_any_glob_and_key(glob: str, path: str) -> None:
    if is_file_glob(glob):
        key = f"trades/{path}"
        assert (matches(key_regex(key_globs(glob, "trades")), [key]) == [key]) is matches_key(key, glob, "trades")


@pytest.mark.parametrize("files", ["", "*.csv", "in/**/*.csv", "trades/*.csv", "*.{csv,csv.gz}"])
def test_which_objects_are_data_is_what_the_job_takes(files: str) -> None:
    below = [key for key in KEYS if key.startswith("trades/")]
    expected = [key for key in below if is_data_path(key.removeprefix("trades/"), files)]
    assert matches(key_regex(data_key_globs(files, "trades")), below) == expected


def test_names_that_spark_overlooks_and_folders_are_known() -> None:
    hidden = ["trades/x/_a.csv", "trades/.a.csv", "trades/a._COPYING_"]
    assert [key for key in matches(HIDDEN_NAME, KEYS) if key] == hidden
    assert matches(MARKER, KEYS) == ["trades/", "trades/in/bc/", "trades/b_$folder$"]
