"""Show how things stand: what readers see and how old it is, the last runs and the last verdict, what is unread, skipped and
aside, and which branches are left. Of one dataset, or of all.

It changes nothing. Exit code: 0, or 3 where something could not be looked at.
"""

import argparse
import json
from collections.abc import Sequence

from sluice.operations import status, status_report
from sluice.operations.deployed_dataset import DeployedDataset
from sluice.operations.output import DONE, OTHER_FAULT


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes: nothing of its own."""


def run(deployed: Sequence[DeployedDataset], options: argparse.Namespace) -> int:
    """Show the state of these datasets; return the exit code."""
    dataset_states = status.collect_states(deployed)
    if options.json:
        print(json.dumps([state.as_json() for state in dataset_states]))
    else:
        status_report.print_states(dataset_states)
    return OTHER_FAULT if any(state.is_unreachable for state in dataset_states) else DONE
