"""Names that the contracts of one dataset write of others: those that nothing answers to."""

from collections.abc import Iterable
from pathlib import Path

from components.settings.lake_folder import expectations_folder
from etl.contract.faults import did_you_mean_ending
from etl.contract.validation.cross_dataset import Publications, read_publications, unresolved_dataset_names
from sluice.cli.errors import WrongUse
from sluice.contracts.lint.findings import Finding
from sluice.contracts.suite_files import SuiteFile


def publications_beside(contracts: Path) -> Publications:
    """Return what is published beside a dataset: by its project, or also by this one where its folder is in none."""
    contracts = contracts.resolve()
    published = read_publications(contracts)
    is_a_project = (contracts.parent / "etl" / "datasets").is_dir()
    return published if is_a_project else {**read_publications(expectations_folder()), **published}


def unanswered_names(file: SuiteFile, published: Publications) -> Iterable[Finding]:
    """Yield the names in a suite file that no other dataset answers to."""
    for fault in unresolved_dataset_names(file.suite, published):
        yield Finding("name", fault.problem, fault.remedy)


def unknown_dataset_message(name: str) -> str:
    """Return the sentence for a name that no dataset of this project has."""
    names = sorted(folder.name for folder in expectations_folder().iterdir() if folder.is_dir())
    if not names:
        return f"{name!r} is no dataset with input.json and output.json, and this lake has none yet"
    suggestion = did_you_mean_ending(name, names)
    return f"{name!r} is no dataset with input.json and output.json; name one of {', '.join(names)}{suggestion}"


def refuse_unanswered(folder: Path, files: Iterable[SuiteFile]) -> None:
    """Refuse the contracts of a dataset's folder that name what is not there.

    Raises:
        WrongUse: they do; names the first of the faults.
    """
    published = publications_beside(folder.resolve().parent)
    faults = [fault for file in files for fault in unresolved_dataset_names(file.suite, published)]
    if faults:
        raise WrongUse(f"the contracts of {folder.name} are refused: {faults[0]}; see sluice lint {folder}")
