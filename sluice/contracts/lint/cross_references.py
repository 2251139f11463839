"""Names that the contracts of one dataset write of others: those that nothing answers to."""

from collections.abc import Iterable
from pathlib import Path

from etl.contract.faults import likely
from etl.contract.validation.cross_dataset import Publications, publications, unresolved
from sluice.contracts.lint.findings import Finding
from sluice.contracts.suite_files import ROOT, SuiteFile, WrongUse

EXPECTATIONS = ROOT / "expectations"


def others_of(contracts: Path) -> Publications:
    """Return what is published beside a dataset: by its project, or also by this one where its folder is in none."""
    contracts = contracts.resolve()
    published = publications(contracts)
    is_a_project = (contracts.parent / "etl" / "datasets").is_dir()
    return published if is_a_project else {**publications(EXPECTATIONS), **published}


def unanswered(file: SuiteFile, others: Publications) -> Iterable[Finding]:
    """Yield the names in a suite file that no other dataset answers to."""
    for fault in unresolved(file.suite, others):
        yield Finding("name", fault.found, fault.remedy)


def no_dataset(name: str) -> str:
    """Return the sentence for a name that no dataset of this project has."""
    names = sorted(folder.name for folder in EXPECTATIONS.iterdir() if folder.is_dir())
    alike = likely(name, names)
    return f"{name!r} is no dataset with input.json and output.json; name one of {', '.join(names)}{alike}"


def refuse_unanswered(folder: Path, files: Iterable[SuiteFile]) -> None:
    """Refuse the contracts of a dataset's folder that name what is not there.

    Raises:
        WrongUse: they do; names the first of the faults.
    """
    others = others_of(folder.resolve().parent)
    faults = [fault for file in files for fault in unresolved(file.suite, others)]
    if faults:
        raise WrongUse(f"the contracts of {folder.name} are refused: {faults[0]}; see python -m review lint {folder}")
