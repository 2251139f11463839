"""Columns that a seed draws: their texts, as CSV has them, their types, and rules that hold on them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from bench.readings import joined, padded, pc, picked
from etl.contract.stage import Stage
from etl.contract.type_kinds import TypeKind

ALPHABETS = {
    "plain": ["river", "stone", "north", "lamp", "cedar", "market", "amber", "violin", "harbour", "thimble"],
    "accents": ["Köln", "Málaga", "Łódź", "Ærø", "Orléans", "naïve", "façade", "Żak", "Ångström", "Noël"],
    "Greek": ["ποταμός", "λίθος", "βορράς", "αγορά", "βιολί", "λιμάνι", "κέδρος"],
}
SEPARATORS = {" ": "", ", ": '"', ' ""x"" ': '"'}
"""What stands between words, and the quotes that CSV then puts around the value."""
FIRST_DAY, FIRST_SECOND = np.datetime64("2025-11-01"), np.datetime64("2025-11-01T00:00:00")
NULL_SHARES = (0.0, 0.0, 0.02, 0.4)
Texts = Callable[[np.random.Generator, np.ndarray], pa.Array]
Drawn = tuple[Stage, str, dict[str, Any]]
"""A rule: where it is judged, its type without `expect_`, its arguments but for the column."""


@dataclass(frozen=True)
class DrawnColumn:
    """A column of a drawn day.

    Attributes:
        name, type: what it is called, and published as.
        texts: returns its texts for rows of these numbers.
        rules: that hold on it.
        null_share: how many of its values are missing.
    """

    name: str
    type: str
    texts: Texts
    rules: list[Drawn] = field(default_factory=list)
    null_share: float = 0.0

    def draw_texts(self, random: np.random.Generator, numbers: np.ndarray) -> pa.Array:
        """Return its texts for rows of these numbers, "" where there is none."""
        texts = self.texts(random, numbers)
        return pc.if_else(random.random(len(numbers)) < self.null_share, "", texts) if self.null_share else texts


def draw_column(random: np.random.Generator, name: str) -> DrawnColumn:
    """Draw a column of any kind."""
    draw = KINDS[int(random.integers(len(KINDS)))]
    null_share = float(random.choice(NULL_SHARES))
    column = draw(random, name)
    rules = [*column.rules, (Stage.OUTPUT, "column_proportion_of_non_null_values_to_be_between", {"min_value": 0.5})]
    if not null_share:
        rules += [(stage, "column_values_to_not_be_null", {}) for stage in (Stage.INPUT, Stage.OUTPUT)]
    return DrawnColumn(name, column.type, column.texts, rules, null_share)


def key_column(random: np.random.Generator, name: str) -> DrawnColumn:
    """Draw the key: codes, or numbers, each once."""
    if random.random() < 0.3:
        return DrawnColumn(name, TypeKind.BIGINT, lambda _, numbers: padded(numbers + 10**9))
    prefix, width = str(random.choice(["K", "ORD-", "tx_"])), int(random.integers(8, 14))
    rules: list[Drawn] = [
        (stage, "column_values_to_match_regex", {"regex": f"^{prefix}[0-9]{{{width}}}$"})
        for stage in (Stage.INPUT, Stage.OUTPUT)
    ]
    return DrawnColumn(name, TypeKind.STRING, lambda _, numbers: joined(prefix, padded(numbers, width)), rules)


def _code(random: np.random.Generator, name: str) -> DrawnColumn:
    prefix, width, most = f"{name[:2].upper()}-", int(random.integers(3, 9)), int(10 ** random.integers(2, 6))
    rules: list[Drawn] = [
        (Stage.INPUT, "column_values_to_match_regex", {"regex": f"^{prefix}[0-9]{{{width},}}$"}),
        (Stage.INPUT, "column_value_lengths_to_be_between", {"min_value": 3, "max_value": 20}),
        (Stage.OUTPUT, "column_values_to_not_match_regex", {"regex": "^(test|dummy)"}),
        (Stage.OUTPUT, "column_values_to_not_be_in_set", {"value_set": [f"{prefix}none", "0"]}),
        (Stage.OUTPUT, "column_unique_value_count_to_be_between", {"min_value": 1, "max_value": most}),
        (Stage.OUTPUT, "column_proportion_of_unique_values_to_be_between", {"max_value": 1}),
    ]
    return DrawnColumn(
        name,
        TypeKind.STRING,
        lambda generator, rows: joined(prefix, padded(generator.integers(0, most, len(rows)), width)),
        rules,
    )


def _category(random: np.random.Generator, name: str) -> DrawnColumn:
    words = ALPHABETS[str(random.choice([*ALPHABETS]))]
    values = [f"{word}{number}" for number in range(int(random.integers(1, 4))) for word in words]
    rules: list[Drawn] = [
        (Stage.INPUT, "column_values_to_be_in_set", {"value_set": values}),
        (Stage.OUTPUT, "column_values_to_be_in_set", {"value_set": [*values, "other"]}),
        (Stage.OUTPUT, "column_distinct_values_to_be_in_set", {"value_set": values}),
        (Stage.OUTPUT, "column_distinct_values_to_contain_set", {"value_set": values[:2]}),
        (Stage.OUTPUT, "column_most_common_value_to_be_in_set", {"value_set": values, "ties_okay": True}),
        (Stage.INPUT, "column_values_to_not_be_in_set", {"value_set": ["N/A", "?"]}),
    ]
    return DrawnColumn(name, TypeKind.STRING, lambda generator, rows: picked(generator, values, len(rows)), rules)


def _words(random: np.random.Generator, name: str) -> DrawnColumn:
    words, separator = ALPHABETS[str(random.choice([*ALPHABETS]))], str(random.choice([*SEPARATORS]))
    quote, share = SEPARATORS[separator], float(random.choice([0.05, 0.5, 1.0]))
    most = int(random.integers(2, 6))

    def texts(generator: np.random.Generator, rows: np.ndarray) -> pa.Array:
        single = picked(generator, words, len(rows))
        parts = [part for _ in range(most) for part in (separator, picked(generator, words, len(rows)))]
        return pc.if_else(generator.random(len(rows)) < share, joined(quote, single, *parts, quote), single)

    rules: list[Drawn] = [
        (Stage.INPUT, "column_value_lengths_to_be_between", {"min_value": 1, "max_value": 200}),
        (Stage.OUTPUT, "column_value_lengths_to_be_between", {"min_value": 2, "max_value": 300}),
        (Stage.INPUT, "column_values_to_not_match_regex", {"regex": "[<>]"}),
        (Stage.OUTPUT, "column_values_to_not_match_regex_list", {"regex_list": ["^ ", "\\t"]}),
    ]
    return DrawnColumn(name, TypeKind.STRING, texts, rules)


def _address(_: np.random.Generator, name: str) -> DrawnColumn:
    rules: list[Drawn] = [
        (Stage.INPUT, "column_values_to_match_regex", {"regex": "^[a-z0-9.]+@[a-z0-9.]+$"}),
        (Stage.OUTPUT, "column_values_to_match_regex_list", {"regex_list": ["@example", "@test"]}),
    ]
    return DrawnColumn(
        name,
        TypeKind.STRING,
        lambda generator, rows: joined("p", padded(generator.integers(0, 9**6, len(rows))), "@example.org"),
        rules,
    )


def _whole(random: np.random.Generator, name: str) -> DrawnColumn:
    least, most = int(random.integers(-50, 10)), int(10 ** random.integers(2, 6))
    ends = {"min_value": least, "max_value": most}
    rules: list[Drawn] = [
        (Stage.OUTPUT, "column_values_to_be_between", ends),
        (Stage.OUTPUT, "column_mean_to_be_between", ends),
        (Stage.OUTPUT, "column_min_to_be_between", ends),
        (Stage.OUTPUT, "column_max_to_be_between", {**ends, "max_value": most + 1}),
        (Stage.OUTPUT, "column_stdev_to_be_between", {"min_value": 0}),
        (Stage.OUTPUT, "column_sum_to_be_between", {"min_value": -(10**12), "max_value": 10**14}),
        (Stage.OUTPUT, "column_median_to_be_between", ends),
        (Stage.INPUT, "column_values_to_match_regex", {"regex": "^-?[0-9]+$"}),
        (Stage.INPUT, "column_values_to_be_json_parseable", {}),
    ]
    return DrawnColumn(
        name,
        str(random.choice([TypeKind.INT, TypeKind.BIGINT])),
        lambda generator, rows: pa.array(generator.integers(least, most, len(rows))).cast("string"),
        rules,
    )


def _amount(random: np.random.Generator, name: str) -> DrawnColumn:
    most = int(10 ** random.integers(3, 8))
    ends = {"min_value": 0, "max_value": most}

    def texts(generator: np.random.Generator, rows: np.ndarray) -> pa.Array:
        cents = generator.integers(0, most, len(rows))
        return joined(padded(cents // 100), ".", padded(cents % 100, 2))

    rules: list[Drawn] = [
        (Stage.OUTPUT, "column_values_to_be_between", ends),
        (Stage.OUTPUT, "column_sum_to_be_between", {"min_value": 0}),
        (Stage.OUTPUT, "column_mean_to_be_between", ends),
        (Stage.OUTPUT, "column_max_to_be_between", ends),
        (Stage.INPUT, "column_value_lengths_to_be_between", {"min_value": 3, "max_value": 12}),
    ]
    return DrawnColumn(name, "decimal(12,2)", texts, rules)


def _day(random: np.random.Generator, name: str) -> DrawnColumn:
    days, ends = int(random.integers(1, 90)), {"min_value": "2025-11-01", "max_value": "2026-02-01"}
    rules: list[Drawn] = [
        (Stage.OUTPUT, "column_values_to_be_between", ends),
        (Stage.OUTPUT, "column_min_to_be_between", ends),
        (Stage.INPUT, "column_values_to_match_strftime_format", {"strftime_format": "%Y-%m-%d"}),
    ]
    return DrawnColumn(
        name,
        TypeKind.DATE,
        lambda generator, rows: pa.array(FIRST_DAY + generator.integers(0, days, len(rows))).cast("string"),
        rules,
    )


def _moment(_: np.random.Generator, name: str) -> DrawnColumn:
    def texts(generator: np.random.Generator, rows: np.ndarray) -> pa.Array:
        return joined(pa.array(np.datetime_as_string(FIRST_SECOND + generator.integers(0, 10**6, len(rows)))), "Z")

    rules: list[Drawn] = [
        (Stage.OUTPUT, "column_values_to_be_between", {"min_value": "2025-10-31 00:00:00"}),
        (Stage.INPUT, "column_value_lengths_to_equal", {"value": 20}),
    ]
    return DrawnColumn(name, TypeKind.TIMESTAMP, texts, rules)


def _flag(_: np.random.Generator, name: str) -> DrawnColumn:
    rules: list[Drawn] = [(Stage.INPUT, "column_values_to_be_in_set", {"value_set": ["true", "false"]})]
    return DrawnColumn(
        name, TypeKind.BOOLEAN, lambda generator, rows: picked(generator, ["true", "false"], len(rows)), rules
    )


def _float(_: np.random.Generator, name: str) -> DrawnColumn:
    rules: list[Drawn] = [
        (Stage.OUTPUT, "column_values_to_be_between", {"min_value": 0, "max_value": 1000}),
        (
            Stage.OUTPUT,
            "column_quantile_values_to_be_between",
            {"quantile_ranges": {"quantiles": [0.5], "value_ranges": [[0, 1000]]}},
        ),
    ]
    return DrawnColumn(
        name,
        TypeKind.DOUBLE,
        lambda generator, rows: joined(
            padded(generator.integers(0, 1000, len(rows))), ".", padded(generator.integers(1, 999, len(rows)))
        ),
        rules,
    )


KINDS = (
    _code,
    _category,
    _category,
    _words,
    _words,
    _address,
    _whole,
    _whole,
    _amount,
    _amount,
    _day,
    _moment,
    _flag,
    _float,
)
