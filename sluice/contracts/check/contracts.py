"""What is checked: a dataset's contracts and its transform, found and read before anything is started."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.settings.lake_folder import transforms_folder
from etl.contract.faults import did_you_mean_ending
from etl.contract.model import Contract
from etl.contract.stage import SUITE_STAGES, Stage, SuiteStage
from etl.contract.validation.pair import find_disagreements
from sluice.cli.errors import WrongUse
from sluice.contracts.suite_files import SuiteFile, short_path, suite_file

FilesByDataset = Mapping[str, Sequence[Path]]


class ContractFaults(Exception):
    """Contracts that no run would start with; `faults` is a line for each fault, with file, line, rule and remedy."""

    def __init__(self, dataset: str, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.dataset, self.faults = dataset, faults


@dataclass(frozen=True)
class CheckedDataset:
    """A dataset whose suites load."""

    name: str
    suites: Mapping[SuiteStage, SuiteFile]

    @property
    def contracts(self) -> list[Contract]:
        """The input's and the output's contract."""
        return [file.contract for file in self.suites.values() if file.contract]

    @property
    def output(self) -> Contract:
        """The output's contract."""
        return self.contracts[-1]

    @property
    def personal_columns(self) -> frozenset[str]:
        """The columns that either suite marks as about a person."""
        return frozenset[str]().union(*(contract.pii for contract in self.contracts))

    @property
    def sources(self) -> list[str]:
        """The datasets whose tables it is built from; none for a dataset of files."""
        return [source.dataset for source in self.contracts[0].sources]

    @property
    def is_draft(self) -> bool:
        """Whether a tool drafted a suite that nobody has finished yet."""
        return any(contract.draft for contract in self.contracts)

    @property
    def has_transform(self) -> bool:
        """Whether the lake has the transform, or the contract names another dataset's."""
        module = self.output.transform_module
        return module != self.name or (transforms_folder() / f"{module}.py").is_file()


def load_datasets(contracts_folder: Path, names: Iterable[str]) -> dict[str, CheckedDataset]:
    """Load datasets by name, in this order.

    Raises:
        WrongUse: there is no such dataset, or one of its suites is missing.
        ContractFaults: suites have faults; all of them are told.
    """
    return {name: _load_dataset(contracts_folder, name) for name in names}


def days_to_publish(
    contracts_folder: Path, name: str, files: Sequence[Path], first: FilesByDataset
) -> list[tuple[CheckedDataset, Sequence[Path]]]:
    """Return each dataset with its files, in the order in which they are published; the one that is checked is the last.

    Raises:
        WrongUse: a file or a dataset is missing, or is not what it has to be.
        ContractFaults: suites have faults.
    """
    if name in first:
        raise WrongUse(f"--with {name}=... names the dataset that is checked; --with takes other datasets")
    _require_files([*files, *(file for more in first.values() for file in more)])
    datasets = load_datasets(contracts_folder, [name, *first])
    for dataset in [*datasets.values()]:
        _add_sources(contracts_folder, dataset, datasets)
    leaves = [dataset for dataset in datasets.values() if not dataset.sources and dataset.name != name]
    if missing := [dataset.name for dataset in leaves if dataset.name not in first]:
        options = " ".join(f"--with {dataset.name}=FILE" for dataset in leaves)
        raise WrongUse(f"{name} is built from tables, and of {', '.join(missing)} no file is given: add {options}")
    days = {name: files, **first}
    for dataset in datasets.values():
        _require_kind(dataset, days.get(dataset.name, ()))
    ordered = [*leaves, *_sorted_derived(datasets, name), datasets[name]]
    return [(dataset, days.get(dataset.name, ())) for dataset in ordered]


def _add_sources(contracts_folder: Path, dataset: CheckedDataset, datasets: dict[str, CheckedDataset]) -> None:
    for source in dataset.sources:
        if source not in datasets:
            datasets[source] = _load_dataset(contracts_folder, source)
            _add_sources(contracts_folder, datasets[source], datasets)


def _sorted_derived(datasets: Mapping[str, CheckedDataset], name: str) -> list[CheckedDataset]:
    """Return the datasets of tables but the one that is checked, each behind its sources."""
    ordered: list[CheckedDataset] = []

    def visit(dataset: CheckedDataset, above: tuple[str, ...]) -> None:
        for source in dataset.sources:
            if source not in above:
                visit(datasets[source], (*above, source))
        if dataset.sources and dataset.name != name and dataset not in ordered:
            ordered.append(dataset)

    for dataset in datasets.values():
        visit(dataset, (dataset.name,))
    return ordered


def _require_kind(dataset: CheckedDataset, files: Sequence[Path]) -> None:
    if dataset.sources and files:
        options = " ".join(f"--with {source}=FILE" for source in dataset.sources)
        raise WrongUse(f"{dataset.name} is built from tables and takes no file: sluice check {dataset.name} {options}")
    if not dataset.sources and not files:
        raise WrongUse(f"{dataset.name} is built from files: name at least one")


def _require_files(files: Iterable[Path]) -> None:
    """Refuse what is no file that can be read; an empty file is one, and the gate says so.

    Raises:
        WrongUse: naming the first.
    """
    for file in files:
        if file.is_dir():
            raise WrongUse(f"{file} is a folder; name the files in it, such as {file}/*")
        if not file.is_file():
            neighbours = [path.as_posix() for path in file.parent.glob("*")] if file.parent.is_dir() else []
            raise WrongUse(f"{file} is no file{did_you_mean_ending(file.as_posix(), neighbours)}")
        try:
            file.open("rb").close()
        except OSError as error:
            raise WrongUse(f"{file} cannot be read: {error.strerror}") from error


def _load_dataset(contracts_folder: Path, name: str) -> CheckedDataset:
    folder = contracts_folder / name
    paths: dict[SuiteStage, Path] = {stage: folder / f"{stage}.json" for stage in SUITE_STAGES}
    present = [path for path in paths.values() if path.is_file()]
    if not present:
        names = sorted({path.parent.name for path in contracts_folder.glob("*/*.json")})
        raise WrongUse(
            f"there is no dataset {name!r} under {short_path(contracts_folder)}/; there are: "
            f"{', '.join(names) or 'none'}{did_you_mean_ending(name, names)}"
        )
    faults = [
        f"{short_path(path)} is missing: a dataset has both suites" for path in paths.values() if path not in present
    ]
    suites: dict[SuiteStage, SuiteFile] = {stage: suite_file(path) for stage, path in paths.items() if path in present}
    for suite in suites.values():
        faults += _suite_faults(suite, name)
    loaded = [suite.contract for suite in suites.values() if suite.contract]
    if len(loaded) == len(paths):
        output = suites[Stage.OUTPUT]
        faults += [f"{short_path(output.path)}: {fault}" for fault in find_disagreements(loaded[0], loaded[1])]
    if faults:
        raise ContractFaults(name, faults)
    return CheckedDataset(name, suites)


def _suite_faults(suite: SuiteFile, name: str) -> list[str]:
    where = short_path(suite.path)
    faults = [f"{where}:{suite.line_of(fault.rule)}: {fault}" for fault in suite.faults]
    contract, stage = suite.contract, suite.path.stem
    if contract and (contract.dataset, contract.stage) != (name, stage):
        actual_name = f"{contract.dataset}.{contract.stage}"
        faults.append(
            f"{where}: its name is {actual_name}, where {name}.{stage} is expected: mend the name, or move the file"
        )
    return faults
