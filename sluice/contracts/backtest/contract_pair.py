"""The contracts that are held against each other: a dataset's pair as published, and as it would be."""

from dataclasses import dataclass
from pathlib import Path

from etl.contract.loading import contract_of, parse_suite, with_shared_masking
from etl.contract.model import Contract
from etl.contract.stage import SUITE_STAGES, Stage, SuiteStage, other_suite
from sluice.cli.errors import WrongUse
from sluice.contracts.diff.git_history import FOLDER, suites_at
from sluice.contracts.suite_files import suite_file


@dataclass(frozen=True)
class ContractPair:
    """Both contracts of a dataset at one time; `twin`, the other stage's, is None where there is none."""

    contract: Contract
    twin: Contract | None

    @property
    def input_contract(self) -> Contract:
        """The input's contract."""
        return self._contract_of_stage(Stage.INPUT)

    @property
    def output_contract(self) -> Contract:
        """The output's contract."""
        return self._contract_of_stage(Stage.OUTPUT)

    def _contract_of_stage(self, stage: SuiteStage) -> Contract:
        contract = self.contract if self.contract.stage is stage else self.twin
        if contract is None:
            raise ValueError(f"{self.contract.dataset} has no {stage} contract here")
        return contract


def load_changed(path: Path) -> ContractPair:
    """Return the pair of a suite file, as the working tree has it.

    Raises:
        WrongUse: it is no suite, or one of both does not load.
    """
    if not path.is_file():
        raise WrongUse(f"{path} is no suite file; name one such as {FOLDER}/orders/output.json")
    contract = _load_strictly(path)
    twin_path = path.parent / f"{other_suite(contract.stage)}.json"
    return _pair_contracts(contract, _load_strictly(twin_path) if twin_path.is_file() else None)


def _pair_contracts(contract: Contract, twin: Contract | None) -> ContractPair:
    """Return both, each with what is personal in either."""
    if twin is None:
        return ContractPair(contract, None)
    by_stage = {
        paired_contract.stage: paired_contract
        for paired_contract in with_shared_masking(
            *sorted((contract, twin), key=lambda paired_contract: SUITE_STAGES.index(paired_contract.stage))
        )
    }
    return ContractPair(by_stage[contract.stage], by_stage[twin.stage])


def _load_strictly(path: Path) -> Contract:
    contract = suite_file(path).contract
    if contract is None:
        raise WrongUse(f"strict loading refuses {path}: see sluice lint {path.parent}")
    return contract


def load_published(contract: Contract, commit: str) -> ContractPair | None:
    """Return a contract and its twin at a commit; None where its suite was not there, or strict loading refuses it now."""
    texts = suites_at(commit)
    published_contract, twin = (
        _parse_contract(texts.get(f"{FOLDER}/{contract.dataset}/{stage}.json"))
        for stage in (contract.stage, other_suite(contract.stage))
    )
    return _pair_contracts(published_contract, twin) if published_contract else None


def _parse_contract(text: str | None) -> Contract | None:
    if text is None:
        return None
    suite, faults = parse_suite(text)
    return None if faults else contract_of(suite)
