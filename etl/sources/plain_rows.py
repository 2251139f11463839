"""Rows of Parquet and ORC that are plain: one regular expression over a row's texts proves what would take one for each rule.

Where a row is plain, all its texts are text; each is null or matches its column's patterns; and the values that must be there
are. Where it is not, nothing is known, and each rule looks for itself (`etl/gate/onepass/fallback_pass.py`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce
from operator import and_

from pyspark.sql import Column
from pyspark.sql import functions as F

from etl.contract.model import Contract
from etl.sources.csv_syntax import CsvSyntax
from etl.sources.field_alphabet import FieldAlphabet
from etl.sources.line_regex import PRESENT, LineRegex, parse_core

TEXTS = CsvSyntax(delimiter="\x1f", quote="", multi_line=True)
"""How a row's texts stand in one: the delimiter is no text."""
IN_DOUBT = "\x1e"  # which is no text either: for one without a character, as null stands so in the line


def row_regex(contract: Contract, forms: Sequence[tuple[str, str]], patterns: Iterable[tuple[str, str]]) -> LineRegex:
    """Return what a plain row proves: the forms of all texts that are published with a type, and of the patterns those that
    can be looked for; nothing where a form cannot, or where there is no pattern to look for.

    Args:
        contract: an input of Parquet or ORC.
        forms: pairs of a column of text and the form of its values.
        patterns: pairs of a column and what its values must match.
    """
    if contract.folder_columns or any(column.type.is_nested for column in contract.columns):
        return LineRegex()
    required, texts = [*forms, *patterns], _text_columns(contract)
    regex = LineRegex.from_patterns(
        texts, [(name, pattern) for name, pattern in required if name in texts and pattern != PRESENT], TEXTS
    )
    if not regex.pattern or not regex.patterns.issuperset(forms):
        return LineRegex()
    return replace(regex, patterns=regex.patterns | {pair for pair in required if pair[1] == PRESENT})


def is_plain_row(contract: Contract, plain: LineRegex) -> Column:
    """Return where a row of the contract's columns is plain; never null."""
    line = F.concat_ws(TEXTS.delimiter, *(_field(name, plain) for name in _text_columns(contract)))
    present = [F.col(f"`{name}`").isNotNull() for name, pattern in sorted(plain.patterns) if pattern == PRESENT]
    return reduce(and_, [*present, line.rlike(plain.pattern)])


def _text_columns(contract: Contract) -> list[str]:
    return [column.name for column in contract.columns if column.type.is_text]


def _field(name: str, plain: LineRegex) -> Column:
    """Return a text as the line has it, null as one without a character; where a pattern refuses such, it is in doubt."""
    alphabet, text = FieldAlphabet(TEXTS), F.coalesce(F.col(f"`{name}`"), F.lit(""))
    cores = [parse_core(pattern, alphabet) for owner, pattern in plain.patterns if owner == name and pattern != PRESENT]
    if all(core and core.is_nullable for core in cores):
        return text
    return F.when(F.col(f"`{name}`") == "", F.lit(IN_DOUBT)).otherwise(text)
