"""Every stack as plain data, run once; and programs with one thing changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sluice.program.graph import STACKS, Graph, run_program
from tests.program.deployed import DEPLOYED, Deployed
from tests.program.deployment import ALL_OPTIONS
from tests.program.mutants import Change, run_mutated


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("filterwarnings", "ignore:.* deprecated in favor of:DeprecationWarning")  # pulumi_aws' own


@pytest.fixture(scope="session")
def graphs() -> dict[str, Graph]:
    return {stack: run_program(stack) for stack in STACKS}


@pytest.fixture(scope="session")
def arriving() -> Graph:
    """A stack whose datasets are started by their files."""
    return run_program("prod", changed={"sluice:start": "arrival"})


@pytest.fixture(scope="session")
def resting() -> Graph:
    """Such a stack that is not active, and would look every minute."""
    return run_program("dev", changed={"sluice:start": "arrival", "sluice:window": "1"})


@pytest.fixture(scope="session")
def optional() -> Graph:
    """A stack with every option, which declares a resource of each type."""
    return run_program("prod", changed=ALL_OPTIONS)


@pytest.fixture(params=STACKS)
def graph(request: pytest.FixtureRequest, graphs: dict[str, Graph]) -> Graph:
    """Each stack in turn."""
    return graphs[request.param]


@pytest.fixture(params=DEPLOYED, ids="-".join)
def deployed(request: pytest.FixtureRequest, graphs: dict[str, Graph]) -> Deployed:
    """Each dataset of each stack in turn."""
    stack, dataset = request.param
    return Deployed(graphs[stack], dataset)


@pytest.fixture
def mutant(tmp_path: Path) -> Callable[..., Graph]:
    """Run the program with texts of its files replaced."""

    def make_mutant(*changes: Change, stack: str = "dev", **config: str) -> Graph:
        return run_mutated(
            tmp_path / "program", changes, stack, {f"sluice:{key}": value for key, value in config.items()}
        )

    return make_mutant
