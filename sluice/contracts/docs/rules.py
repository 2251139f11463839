"""A contract's rules as a page lists them: by column, in words, each with its id, severity and why."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from etl.contract.model import ColumnSpec, Contract, Rule
from sluice.contracts.docs import derived_rules
from sluice.contracts.rule_words import in_words


@dataclass(frozen=True)
class Line:
    """One rule; `by_itself` says that no suite states it."""

    id: str
    words: str
    severity: str
    why: str
    by_itself: bool = False


@dataclass(frozen=True)
class Group:
    """Rules on the same thing: a column, or what `title` says."""

    title: str
    column: ColumnSpec | None = None
    lines: list[Line] = field(default_factory=list)


def groups(contract: Contract, given: Contract, published: Contract) -> list[Group]:
    """Return a contract's rules: on the whole, column by column, on several columns, and on each file that arrives.

    `given` and `published` are both contracts of the dataset: from them follow the rules that no suite states.
    """
    found = {column.name: Group(column.name, column) for column in contract.columns}
    whole, several = Group("the day as a whole"), Group("several columns together")
    for rule in contract.rules:
        columns = _own(contract, rule)
        group = found[columns[0]] if len(columns) == 1 else several if columns else whole
        group.lines.append(Line(rule.rule, in_words(rule), rule.severity, rule.why))
    whole.lines.extend(_share(contract))
    files = Group("each table that it is built from" if given.sources else "each file")
    if contract is given:
        files.lines.extend(_of_file(given))
        for name, line in _of_types(given, published):
            found[name].lines.append(line)
    else:
        for name, sums in derived_rules.of_sums(published).items():
            found[name].lines.append(_by_itself(published, f"reconciles.{name}", *sums))
    return [group for group in (whole, *found.values(), several, files) if group.lines]


def _own(contract: Contract, rule: Rule) -> list[str]:
    """Return the columns that a rule judges, without the helpers of references."""
    helpers = {reference.name for reference in contract.references}
    return list(dict.fromkeys(name for name in rule.columns if name not in helpers))


def _of_file(given: Contract) -> Iterator[Line]:
    for what, (words, why) in derived_rules.of_file(given).items():
        yield _by_itself(given, what, words, why)


def _of_types(given: Contract, published: Contract) -> Iterator[tuple[str, Line]]:
    for name, (words, why) in derived_rules.of_types(given, published).items():
        yield name, _by_itself(given, f"cast.{name}", words, why)


def _share(contract: Contract) -> Iterator[Line]:
    if share := derived_rules.of_share(contract):
        yield _by_itself(contract, f"quarantined.{contract.stage}", *share)


def _by_itself(contract: Contract, what: str, words: str, why: str) -> Line:
    return Line(f"{contract.dataset}.structure.{what}", words, "critical", why, by_itself=True)
