"""Two dirty days made from a clean one: rows that break the input's rules, and rows that break only the output's.

Each rule that can be broken from outside gets a row of its own; the others (on columns that only the transform makes) are
not tried. A null stands only where no other rule looks, for the libraries differ in what a null is to those.
"""

import csv
import itertools
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, assert_never

from bench.rules import KINDS, PLAIN_ARGUMENTS
from etl.contract.model import Contract, Rule
from etl.contract.stage import Stage
from etl.contract.types import ColumnType, Family

ROWS = 1000
WRONG = "?"

Rows = list[dict[str, str]]


def write_dirty_days(
    clean: Path, contracts: tuple[Contract, Contract], parameters: dict[str, Any], folder: Path
) -> list[Path]:
    """Write a day that breaks input rules and one that breaks output rules; return those that break any."""
    raw, derived = _stage_faults(contracts, parameters)
    written = [
        _write_day(clean, faults, folder / f"{stage}.csv")
        for stage, faults in ((Stage.INPUT, raw), (Stage.OUTPUT, derived))
    ]
    return [path for path in written if path]


def write_single_faults(
    clean: Path, contracts: tuple[Contract, Contract], parameters: dict[str, Any], folder: Path
) -> list[Path]:
    """Write a day for each fault that `write_dirty_days` makes, named by stage, column and number; return them."""
    staged = zip((Stage.INPUT, Stage.OUTPUT), _stage_faults(contracts, parameters), strict=True)
    faults = [(stage, column, text) for stage, listed in staged for column, text in listed]
    written = [
        _write_day(clean, [(column, text)], folder / f"{number:02}-{stage}-{column or 'copy'}.csv")
        for number, (stage, column, text) in enumerate(faults, 1)
    ]
    return [path for path in written if path]


def _stage_faults(
    contracts: tuple[Contract, Contract], parameters: dict[str, Any]
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the columns and texts of rows that break a rule of the input, and of those that break only the output's."""
    input_contract, output_contract = contracts
    typed = {column.name: column.type for column in output_contract.columns if column.name in input_contract.names}
    taken = {name for rule in input_contract.rules for name in rule.columns if _rule_kind(rule) in {"pattern", "set"}}
    raw = [fault for rule in input_contract.rules for fault in _raw_faults(rule, input_contract)]
    derived = [
        fault
        for rule in output_contract.rules
        for fault in _typed_faults(rule, typed, parameters, taken, set(output_contract.key))
    ]
    return raw, derived


def _rule_kind(rule: Rule) -> str:
    return "" if rule.kwargs.keys() - PLAIN_ARGUMENTS else KINDS.get(rule.type, "")


def _raw_faults(rule: Rule, contract: Contract) -> list[tuple[str, str]]:
    if _rule_kind(rule) in {"pattern", "set"}:
        return [(rule.columns[0], WRONG)]
    is_only_rule = (
        _rule_kind(rule) == "present"
        and sum(set(rule.columns) <= set(other_rule.columns) for other_rule in contract.rules) == 1
    )
    return [(rule.columns[0], "")] if is_only_rule else []


def _typed_faults(
    rule: Rule, typed: Mapping[str, ColumnType], parameters: dict[str, Any], taken: set[str], key: set[str]
) -> list[tuple[str, str]]:
    if _rule_kind(rule) == "unique" and set(rule.columns) == key and key <= typed.keys():
        return [("", "")]
    column = rule.columns[0] if rule.columns else ""
    if _rule_kind(rule) == "set" and column in typed and typed[column].is_text and column not in taken:
        return [(column, WRONG)]
    if _rule_kind(rule) != "range" or column not in typed:
        return []
    low, high = (_resolve_bound(rule.kwargs.get(end), parameters) for end in ("min_value", "max_value"))
    return [(column, text)] if (text := _value_outside(typed[column], low, high)) else []


def _resolve_bound(value: Any, parameters: dict[str, Any]) -> Any:
    return parameters[value["$PARAMETER"]] if isinstance(value, dict) else value


def _value_outside(declared: ColumnType, low: Any, high: Any) -> str:
    match declared.family:
        case Family.DATE:
            end, step = (low, -1) if high is None else (high, 1)
            return str(date.fromisoformat(end) + timedelta(days=step))
        case Family.NUMBER:
            step = Decimal(1).scaleb(-declared.scale)
            return "" if low is None else str(Decimal(str(low)).quantize(step) - step)
        case Family.TEXT | Family.BOOLEAN | Family.INSTANT | Family.LOCAL_TIME | Family.BINARY | Family.NESTED:
            return ""
        case _:
            assert_never(declared.family)


def _write_day(clean: Path, faults: Iterable[tuple[str, str]], path: Path) -> Path | None:
    faults = list(faults)
    with clean.open(newline="", encoding="utf-8") as source:
        rows: Rows = list(itertools.islice(csv.DictReader(source), ROWS))
    if not faults or len(rows) <= len(faults):
        return None
    for number, (column, text) in enumerate(faults, 1):
        rows[number] = rows[0] if not column else rows[number] | {column: text}
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
