"""The contracts that are held against each other: a dataset's pair as published, and as it would be."""

from dataclasses import dataclass
from pathlib import Path

from etl.contract.model import Contract, contract_of, paired, read
from sluice.contracts.diff.git_history import FOLDER, at
from sluice.contracts.suite_files import STAGES, WrongUse, suite_file


@dataclass(frozen=True)
class Pair:
    """Both contracts of a dataset at one time; `twin`, the other stage's, is None where there is none."""

    contract: Contract
    twin: Contract | None

    @property
    def given(self) -> Contract:
        """The input's contract."""
        return self._of("input")

    @property
    def published(self) -> Contract:
        """The output's contract."""
        return self._of("output")

    def _of(self, stage: str) -> Contract:
        found = self.contract if self.contract.stage == stage else self.twin
        if found is None:
            raise ValueError(f"{self.contract.dataset} has no {stage} contract here")
        return found


def changed(path: Path) -> Pair:
    """Return the pair of a suite file, as the working tree has it.

    Raises:
        WrongUse: it is no suite, or one of both does not load.
    """
    if not path.is_file():
        raise WrongUse(f"{path} is no suite file; name one such as {FOLDER}/sales/output.json")
    found = _strictly(path)
    beside = path.parent / f"{_other(found.stage)}.json"
    return _pair(found, _strictly(beside) if beside.is_file() else None)


def _pair(found: Contract, twin: Contract | None) -> Pair:
    """Return both, each with what is personal in either."""
    if twin is None:
        return Pair(found, None)
    both = {one.stage: one for one in paired(*sorted((found, twin), key=lambda one: STAGES.index(one.stage)))}
    return Pair(both[found.stage], both[twin.stage])


def _strictly(path: Path) -> Contract:
    found = suite_file(path).contract
    if found is None:
        raise WrongUse(f"strict loading refuses {path}: see python -m review lint {path.parent}")
    return found


def published(of: Contract, commit: str) -> Pair | None:
    """Return a contract and its twin at a commit; None where its suite was not there, or strict loading refuses it now."""
    texts = at(commit)
    found, twin = (_loaded(texts.get(f"{FOLDER}/{of.dataset}/{stage}.json")) for stage in (of.stage, _other(of.stage)))
    return _pair(found, twin) if found else None


def _loaded(text: str | None) -> Contract | None:
    if text is None:
        return None
    suite, faults = read(text)
    return None if faults else contract_of(suite)


def _other(stage: str) -> str:
    return STAGES[stage == STAGES[0]]
