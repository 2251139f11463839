"""What follows from the rows that a run sets aside: the results of warnings, and that no row was lost on the way."""

from collections.abc import Callable
from dataclasses import dataclass

from etl.contract.model import Contract
from etl.errors import RowsLost, StillBroken
from etl.gate.lines_aside import warning_results
from etl.gate.quarantine_routing import QuarantineSummary, warning_rules
from etl.results.contract_failures import not_evaluated_note
from etl.results.rule_result import RuleResult, describe_results
from etl.results.verdict import Verdict
from etl.runtime.arguments import JobArguments
from etl.sources.line_faults import LineFaults
from etl.wording import count_noun


@dataclass(frozen=True)
class QuarantineOutcome:
    """What one run set aside beside what it staged.

    Attributes:
        arguments, verdict: the run's.
        source_contract: what its lines were read by.
        input, output: its contracts.
        rows_staged: how many rows it staged.
        quarantined: what it set aside.
        deletes: how many deletes it read, of a load of changes: these are staged nowhere.
    """

    arguments: JobArguments
    verdict: Verdict
    source_contract: Contract
    input: Contract
    output: Contract
    rows_staged: int
    quarantined: QuarantineSummary
    deletes: int = 0

    def results(self) -> list[RuleResult]:
        """Return what the warnings say: a replay may leave rows aside, but not all of them.

        Raises:
            StillBroken: no row of a replay is better than it was.
        """
        contracts = (self.input, self.output)
        rows_read = self.verdict.rows_read
        rows = rows_read - self.quarantined.count_lines(self.arguments.dataset)
        structure = warning_results(LineFaults(self.source_contract, self.output), self.quarantined)
        content = [result for contract in contracts for result in self.quarantined.warning_results(contract)]
        results = [*(result.judging(rows_read) for result in structure), *(result.judging(rows) for result in content)]
        if not self.arguments.replay:
            return [*results, *self._share_results()]
        if not self.rows_staged and not self.deletes:
            broken = describe_results([result for result in results if result.broken])
            verdict = self.arguments.verdicts.uri(self.arguments.verdict_key)
            raise StillBroken(
                f"{self.arguments.dataset}: verdict {verdict}: every row of the replay is set aside as before: {broken}"
                f"{not_evaluated_note(self.verdict)}"
            )
        return results

    def _share_results(self) -> list[RuleResult]:
        """Return of each contract that may set rows aside whether it set too many aside."""
        return [
            self.quarantined.share_result(contract, self.verdict.rows_read)
            for contract in (self.input, self.output)
            if warning_rules(contract) or contract.structure.warnings
        ]

    def reconcile_counts(self, assert_unchanged: Callable[[], None]) -> None:
        """Hold the rows that were staged and set aside against those that were read.

        Args:
            assert_unchanged: raises where the source is no longer what it was.

        Raises:
            ObjectChanged: they differ, since the pass over the rows set aside read another version of an object.
            RowsLost: they differ; the transform drops or doubles rows.
        """
        self.verdict.rows_quarantined = sum(self.quarantined.combinations.values())
        if self.rows_staged + self.deletes + self.verdict.rows_quarantined != self.verdict.rows_read:
            assert_unchanged()
            deletes = f", {self.deletes} deletes" if self.deletes else ""
            were = "was" if self.verdict.rows_read == 1 else "were"
            raise RowsLost(
                f"{self.arguments.dataset}: {count_noun(self.verdict.rows_read, 'row')} {were} read, "
                f"{self.rows_staged} staged{deletes} and "
                f"{self.verdict.rows_quarantined} set aside; "
                f"a transform keeps one row per row: mend etl/datasets/{self.output.transform_module}.py"
            )
