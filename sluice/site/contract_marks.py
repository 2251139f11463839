"""When a dataset's contracts changed, by the versions that its runs were judged by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from etl.results.run_line import RunLine


@dataclass(frozen=True)
class ContractMark:
    """The first day of a version: of the input, the output or both."""

    date: date
    words: str


def contract_marks(runs: Iterable[RunLine]) -> list[ContractMark]:
    """Return each change of a version between two runs; `runs` are by their start. Repairs judge old days and mark none."""
    marks: list[ContractMark] = []
    versions: dict[str, str] = {}
    for run in runs:
        if run.kind.is_repair:
            continue
        changed = {
            stage: version for stage, version in run.contracts.items() if versions.get(stage, version) != version
        }
        versions |= run.contracts
        if changed:
            marks.append(ContractMark(run.run_date, ", ".join(f"{stage} {text}" for stage, text in changed.items())))
    return marks
