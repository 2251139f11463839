"""The order in which a flow runs its datasets, from what each needs."""

from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter

from components.settings.stack_settings import Dataset


def execution_stages(needs: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Return the datasets in stages: those of one run side by side, once all of the stages before have ended.

    Raises graphlib.CycleError; the configuration refuses a cycle before.
    """
    order, ordered_stages = TopologicalSorter(needs), list[tuple[str, ...]]()
    order.prepare()
    while order.is_active():
        ready = tuple(sorted(order.get_ready()))
        order.done(*ready)
        ordered_stages.append(ready)
    return ordered_stages


def with_dependents(datasets: Iterable[Dataset], chosen: Iterable[str]) -> list[str]:
    """Return the chosen datasets and all that are built from their tables, in the order of the configuration.

    So what is built from tables has no schedule and no queue of its own: it starts with these.
    """
    sources, requested = {dataset.name: dataset.terms.sources for dataset in datasets}, set(chosen)

    def is_started(name: str) -> bool:
        return name in requested or any(map(is_started, sources[name]))

    return [name for name in sources if is_started(name)]
