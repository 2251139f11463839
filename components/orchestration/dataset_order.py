"""The order in which a flow runs its datasets, from what each needs."""

from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter

from components.settings.stack_settings import Dataset


def stages(needs: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Return the datasets in stages: those of one run side by side, once all of the stages before have ended.

    Raises graphlib.CycleError; the configuration refuses a cycle before.
    """
    order, found = TopologicalSorter(needs), list[tuple[str, ...]]()
    order.prepare()
    while order.is_active():
        ready = tuple(sorted(order.get_ready()))
        order.done(*ready)
        found.append(ready)
    return found


def with_built(datasets: Iterable[Dataset], chosen: Iterable[str]) -> list[str]:
    """Return the chosen datasets and all that are built from their tables, in the order of the configuration.

    So what is built from tables has no schedule and no queue of its own: it starts with these.
    """
    sources, wanted = {one.name: one.terms.sources for one in datasets}, set(chosen)

    def starts(name: str) -> bool:
        return name in wanted or any(map(starts, sources[name]))

    return [name for name in sources if starts(name)]
