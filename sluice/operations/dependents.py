"""The datasets that are built from another one's table, directly or through others, in the same stack."""

from dataclasses import dataclass

from etl.wording import join_names
from sluice.operations import status
from sluice.operations.deployed_dataset import DeployedDataset, all_deployed
from sluice.operations.flows import Flow

MAX_NAMES = 10  # datasets named in a sentence


@dataclass(frozen=True)
class DependentRuns:
    """What runs once a dataset has changed: the datasets that are built from it, by name, and their flow; None without any."""

    datasets: tuple[DeployedDataset, ...]
    flow: Flow | None

    @classmethod
    def of_dataset(cls, dataset: DeployedDataset) -> "DependentRuns":
        """Look up what is built from a dataset.

        Raises:
            NoFlow: no state machine runs it.
        """
        dependents = find_dependents(dataset)
        return cls(tuple(dependents), Flow.of_datasets(dependents) if dependents else None)

    @property
    def are_behind(self) -> bool:
        """Whether one of them has not been built since what it is built from changed."""
        return any(True for dataset in self.datasets for _ in status.changed_sources(dataset))

    def describe_runs(self) -> list[str]:
        """Say what will run, as a line; none where nothing does."""
        if self.flow is None:
            return []
        names = join_names([dataset.name for dataset in self.datasets], MAX_NAMES)
        return [f"{self.flow.name} then runs what is built from it: {names}"]


def find_dependents(dataset: DeployedDataset) -> list[DeployedDataset]:
    """Return the datasets of a dataset's stack that are built from its table, or from such a one's, by name."""
    others = [other for other in all_deployed(dataset.account) if other.stack == dataset.stack]
    built, dependents = {dataset.name}, dict[str, DeployedDataset]()
    while newer := [other for other in others if other.name not in built and built & {*other.sources}]:
        dependents |= {other.name: other for other in newer}
        built |= {*dependents}
    return [dependents[name] for name in sorted(dependents)]
