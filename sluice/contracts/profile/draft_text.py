"""A draft as the texts of both suite files, which load strictly."""

from etl.contract.loading import parse_suite
from etl.contract.stage import SUITE_STAGES, SuiteStage
from sluice.cli.errors import WrongUse
from sluice.contracts.profile.column import ColumnProfile, profile_columns
from sluice.contracts.profile.draft import draft_suites
from sluice.contracts.profile.sample import Sample
from sluice.contracts.profile.suite_layout import render_suite


def draft_texts(dataset: str, sample: Sample) -> tuple[dict[SuiteStage, str], list[ColumnProfile]]:
    """Return the text of each suite by stage, and what the sample shows of each column.

    Raises:
        WrongUse: the sample has what no contract can declare.
    """
    columns = profile_columns(sample)
    suites = draft_suites(dataset, sample, columns)
    texts: dict[SuiteStage, str] = {stage: render_suite(suites[stage]) for stage in SUITE_STAGES}
    for text in texts.values():
        _, faults = parse_suite(text)
        if faults:
            raise WrongUse(f"{sample.file} cannot be a dataset as it is: {faults[0]}")
    return texts, columns
