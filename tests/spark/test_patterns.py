"""A pattern is judged as Spark would: by Java's rules, though no JVM runs. `patterns.json` has Java's own verdicts."""

import json
from pathlib import Path
from typing import Any

import pytest

from etl.contract.regex.compatibility import pattern_fault

CORPUS: list[dict[str, str | None]] = json.loads(Path(__file__).with_name("patterns.json").read_text())
COMPILES = [str(entry["pattern"]) for entry in CORPUS if entry["java"] is None]
DOES_NOT = [str(entry["pattern"]) for entry in CORPUS if entry["java"] is not None]
# What depends on the Java: its Unicode, and what it overlooks within a look-behind.
LEFT_TO_JAVA = {
    r"\p{IsNoSuchThing}",
    r"\p{javaNoSuch}",
    r"\p{alpha}",
    r"\N{NO SUCH NAME}",
    r"(?<=(?:ab)*)c",
    r"(?<=\1)(a)",
}


def test_the_corpus_is_large_enough_to_tell() -> None:
    assert len(COMPILES) > 100
    assert len(DOES_NOT) > 80
    assert {*DOES_NOT} > LEFT_TO_JAVA


@pytest.mark.parametrize("pattern", COMPILES)
def test_what_java_compiles_is_taken(pattern: str) -> None:
    assert pattern_fault(pattern) is None


@pytest.mark.parametrize("pattern", sorted({*DOES_NOT} - LEFT_TO_JAVA))
def test_what_java_does_not_compile_is_refused_with_a_reason(pattern: str) -> None:
    assert pattern_fault(pattern)


@pytest.mark.parametrize("pattern", sorted(LEFT_TO_JAVA))
def test_what_another_java_may_compile_is_taken(pattern: str) -> None:
    assert pattern_fault(pattern) is None


@pytest.mark.parametrize(
    "pattern", ["(" * 5000, "[" * 5000, "(?:" * 5000 + ")" * 5000, "a" * 100_000, "\ud800", "(?x)("]
)
def test_no_pattern_ends_in_a_traceback(pattern: str) -> None:
    assert isinstance(pattern_fault(pattern), str | None)


def test_java_agrees(spark: Any) -> None:
    from pyspark.errors.exceptions.base import IllegalArgumentException  # noqa: PLC0415  the others need no Spark

    java = spark._jvm.java.util.regex.Pattern

    def java_compiles(pattern: str) -> bool:
        try:
            java.compile(pattern)
        except IllegalArgumentException:  # which a PatternSyntaxException is
            return False
        return True

    assert [pattern for pattern in COMPILES if not java_compiles(pattern)] == []
    assert [pattern for pattern in DOES_NOT if java_compiles(pattern)] == []
