"""What each dataset needs before it: named in the configuration, or read by its contract."""

import json
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from components.settings.config_reader import StackConfig
from etl.contract.faults import did_you_mean_ending

Needs = Mapping[str, tuple[str, ...]]


def check_needs(config: StackConfig, needs: Needs, sources: Needs) -> None:
    """Keep a fault for each name that no dataset has, and one for a cycle; `sources` are what contracts read."""
    path, deployed = f"{config.path}datasets", ", ".join(needs)
    for name, needed in needs.items():
        for missing in (need for need in needed if need not in needs):
            hint = did_you_mean_ending(missing, needs)
            if missing in sources[name]:
                config.faults.append(
                    f"{path}.{name}: takes its sources too, and {path} lacks {missing}, which "
                    f"expectations/{name}/input.json reads; it has {deployed}: add {missing}{hint}"
                )
            else:
                config.faults.append(
                    f"{path}.{name}.needs is {json.dumps([*needed])}: takes names of {path}, which lacks {missing}; "
                    f"it has {deployed}: add {missing}, or drop the name{hint}"
                )
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        # Each name of the cycle is needed by the one after it (graphlib).
        first, *followers = reversed(error.args[1])
        cycle = f"{first} needs {', which needs '.join(followers)}"
        config.faults.append(f"{path}: takes needs that end somewhere, and {cycle}: drop one of them")


def active_datasets(switched: Mapping[str, bool], sources: Needs) -> dict[str, bool]:
    """Return which datasets are started: what is built from tables is where one of its sources is, whatever it says itself.

    `switched` is what each says; `sources` must have no cycle.
    """

    def is_started(name: str) -> bool:
        return any(map(is_started, sources[name])) if sources[name] else switched[name]

    return {name: is_started(name) for name in switched}
