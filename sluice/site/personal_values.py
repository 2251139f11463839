"""Which values of a dataset may stand on a page: none about a person, by what its contracts call personal today."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from etl.contract.masking import Masking
from etl.contract.model import Contract
from etl.contract.sample_values import MASK
from etl.contract.source_format import SourceFormat
from etl.contract.stage import Stage
from etl.gate.rule_results import is_figure


@dataclass(frozen=True)
class PersonalValues:
    """What is about a person in a dataset.

    Attributes:
        masking: the personal columns.
        columns: what each rule of today's contracts judges, by the rule's id.
        figures: the rules whose observed values tell of many rows and of nobody.
        is_known: whether there are contracts at all; without any, each value may be about a person.
    """

    masking: Masking
    columns: dict[str, tuple[str, ...]]
    figures: frozenset[str] = frozenset()
    is_known: bool = True

    @classmethod
    def from_contracts(cls, contracts: Iterable[Contract]) -> "PersonalValues":
        """Return what a dataset's contracts say."""
        contracts = list(contracts)
        columns = [column for contract in contracts for column in contract.columns]
        masking = Masking.from_columns(columns, _input_format(contracts))
        masked = [replace(contract, masking=masking) for contract in contracts]
        columns_by_rule = {rule.rule: rule.columns for contract in contracts for rule in contract.rules}
        figures = (rule.rule for contract in masked for rule in contract.rules if is_figure(rule, contract))
        return cls(masking, columns_by_rule, frozenset(figures), bool(contracts))

    def mask_value(self, rule: str, value: str | None) -> str | None:
        """Return a value that a rule showed, or the mask; that of a rule that is unknown today may be any column's."""
        if value is None or (self.is_known and not self.masking.applies):
            return value
        if not self.is_known:
            return MASK
        return value if rule in self.figures or self.masking.may_show(value, self._columns_of(rule)) else MASK

    def _columns_of(self, rule: str) -> tuple[str, ...]:
        if rule in self.columns:
            return self.columns[rule]
        _, is_cast, column = rule.partition(".structure.cast.")
        return (column,) if is_cast else (*self.masking.columns,)  # a line may hold each of them


def _input_format(contracts: list[Contract]) -> SourceFormat:
    return next((contract.format for contract in contracts if contract.stage is Stage.INPUT), SourceFormat.CSV)
