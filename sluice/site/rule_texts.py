"""A contract's rules as a page lists them: by column, in words, each with its id, severity and why."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from etl.contract.model import ColumnSpec, Contract, Rule
from etl.contract.severity import Severity
from etl.contract.structure_rules import StructureRule
from sluice.contracts.rule_words import in_words
from sluice.site import derived_rules


@dataclass(frozen=True)
class RuleText:
    """One rule; `by_itself` says that no suite states it."""

    id: str
    words: str
    severity: Severity
    why: str
    by_itself: bool = False


@dataclass(frozen=True)
class RuleGroup:
    """Rules on the same thing: a column, or what `title` says."""

    title: str
    column: ColumnSpec | None = None
    lines: list[RuleText] = field(default_factory=list)


def group_rules(contract: Contract, input_contract: Contract, published: Contract) -> list[RuleGroup]:
    """Return a contract's rules: on the whole, column by column, on several columns, and on each file that arrives.

    `input_contract` and `published` are both contracts of the dataset: from them follow the rules that no suite states.
    """
    column_groups = {column.name: RuleGroup(column.name, column) for column in contract.columns}
    day_group, multi_column_group = RuleGroup("the day as a whole"), RuleGroup("several columns together")
    for rule in contract.rules:
        columns = _own_columns(contract, rule)
        group = column_groups[columns[0]] if len(columns) == 1 else multi_column_group if columns else day_group
        group.lines.append(RuleText(rule.rule, in_words(rule), rule.severity, rule.why))
    day_group.lines.extend(_share_lines(contract))
    files = RuleGroup("each table that it is built from" if input_contract.sources else "each file")
    if contract is input_contract:
        files.lines.extend(_file_lines(input_contract, published))
        for name, line in _type_lines(input_contract, published):
            column_groups[name].lines.append(line)
    else:
        for name, sums in derived_rules.sum_rules(published).items():
            column_groups[name].lines.append(_implicit_line(published, f"reconciles.{name}", *sums))
    return [group for group in (day_group, *column_groups.values(), multi_column_group, files) if group.lines]


def _own_columns(contract: Contract, rule: Rule) -> list[str]:
    """Return the columns that a rule judges, without the helpers of references."""
    helpers = {reference.name for reference in contract.references}
    return list(dict.fromkeys(name for name in rule.roots if name not in helpers))


def _file_lines(input_contract: Contract, published: Contract) -> Iterator[RuleText]:
    for name, (words, why) in derived_rules.file_rules(input_contract, published).items():
        yield _implicit_line(input_contract, name, words, why)


def _type_lines(input_contract: Contract, published: Contract) -> Iterator[tuple[str, RuleText]]:
    for name, (words, why) in derived_rules.type_rules(input_contract, published).items():
        yield name, _implicit_line(input_contract, f"{StructureRule.CAST}.{name}", words, why)


def _share_lines(contract: Contract) -> Iterator[RuleText]:
    if share := derived_rules.share_rule(contract):
        yield _implicit_line(contract, f"quarantined.{contract.stage}", *share)


def _implicit_line(contract: Contract, name: str, words: str, why: str) -> RuleText:
    severity = contract.structure.severity_of(name)
    return RuleText(f"{contract.dataset}.structure.{name}", words, severity, why, by_itself=True)
