"""A pattern is judged as Spark would: by Java's rules, though no JVM runs."""

from typing import Any

import pytest

from etl.patterns import why_not

COMPILES = [
    "",
    "^TXN[0-9]+$",
    r"^-?[0-9]+(\.[0-9]{1,2})?$",
    r"\p{Lu}\P{Alpha}\pL",
    r"[\p{L}&&[^x]]+",
    r"[a[bc]]",
    r"[]a]",
    r"[^]a]",
    r"(?<zone>EU|US)-\k<zone>",
    r"(?i)eu(?-i:West)",
    r"a(?i)b",
    r"(?>a+)b++",
    r"(?<=a{1,3})b",
    r"\Q(not a group\E+",
    r"\x{1F600}\u0041\x41\012\cA\e",
    r"\h\R\z",
    "}",
    "]",
]
DOES_NOT = [
    "(",
    ")",
    "[",
    "*a",
    "a**",
    "a{,3}",
    "a{2,1}",
    "{",
    "[[a]",
    "[z-a]",
    "\\",
    r"\y",
    r"\E",
    r"\p{Nothing here}",
    "(?P<zone>EU)",
    "(?#comment)",
    "(a)(?(1)b)",
    r"\k<nowhere>",
]


@pytest.mark.parametrize("pattern", COMPILES)
def test_what_java_compiles_is_taken(pattern: str) -> None:
    assert why_not(pattern) is None


@pytest.mark.parametrize("pattern", DOES_NOT)
def test_what_java_does_not_compile_is_refused_with_a_reason(pattern: str) -> None:
    assert why_not(pattern)


def test_java_agrees(spark: Any) -> None:
    from pyspark.errors.exceptions.base import IllegalArgumentException  # noqa: PLC0415  the others need no Spark

    java = spark._jvm.java.util.regex.Pattern

    def compiles(pattern: str) -> bool:
        try:
            java.compile(pattern)
        except IllegalArgumentException:  # which a PatternSyntaxException is
            return False
        return True

    assert [pattern for pattern in COMPILES if not compiles(pattern)] == []
    assert [pattern for pattern in DOES_NOT if compiles(pattern)] == []
