"""Suite files: where they are, what they hold, and on which line a rule stands."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.settings.lake_folder import expectations_folder
from etl.contract.faults import Fault, did_you_mean_ending
from etl.contract.loading import contract_of, parse_suite
from etl.contract.model import Contract
from etl.contract.stage import SUITE_STAGES
from sluice.cli.errors import WrongUse


@dataclass(frozen=True)
class SuiteFile:
    """One suite file: `contract` is None where strict loading refuses it, for the `faults`."""

    path: Path
    text: str
    suite: Any = field(repr=False)
    faults: list[Fault]
    contract: Contract | None

    def line_of(self, *names: str | None) -> int:
        """Return the first line on which one of the names stands as a JSON string, 1 where none does."""
        lines = self.text.splitlines()
        for name in filter(None, names):
            for number, line in enumerate(lines, 1):
                if f'"{name}"' in line:
                    return number
        return 1


def suite_file(path: Path) -> SuiteFile:
    """Read one suite file; what cannot be read is a fault of it."""
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        return SuiteFile(path, "", None, [Fault(f"it is no UTF-8: {error.reason}", "save it as UTF-8")], None)
    suite, faults = parse_suite(text)
    return SuiteFile(path, text, suite, faults, None if faults else contract_of(suite))


def find_suites(paths: list[str]) -> list[Path]:
    """Return the JSON files of datasets under the paths, each a file, a dataset's folder or the folder of all.

    Without paths they are the lake's own, none while it has no dataset.

    Raises:
        WrongUse: a path does not exist, or holds no suite.
    """
    if not paths:
        return sorted(expectations_folder().glob("*/*.json"))
    return sorted({file for path in paths for file in _suites_under(Path(path))})


def _suites_under(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        neighbours = [folder.as_posix() for folder in path.parent.glob("*") if folder.is_dir()]
        dataset = expectations_folder() / path.name
        suggestion = (
            f"; did you mean '{short_path(dataset)}'?"
            if dataset.is_dir()
            else did_you_mean_ending(path.as_posix(), neighbours)
        )
        raise WrongUse(
            f"{path} does not exist; name a suite file, a dataset's folder or the folder of all contracts{suggestion}"
        )
    folders = [path] if any((path / f"{stage}.json").is_file() for stage in SUITE_STAGES) else sorted(path.iterdir())
    files = [file for folder in folders if folder.is_dir() for file in sorted(folder.glob("*.json"))]
    if not files:
        raise WrongUse(f"{path} holds no suite; expected <dataset>/input.json and <dataset>/output.json")
    return files


def short_path(path: Path) -> str:
    """Return a path as messages name it: from where the command runs, if it is below."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()
