"""Random sequences against one session: `python -m tests.faults.explore LOAD,... COUNT SEED... STEP...`, without such steps.

A sequence that fails is gone through again with one step left out after the other, until none can be: what is left is told.
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from unittest import mock

from botocore.retries.standard import ExponentialBackoff

from sluice.sandbox.emulator import emulator
from tests.faults import proxy
from tests.faults.lake import FaultyLake, direct_clients, run_clients
from tests.faults.soak import start_session
from tests.faults.trades import Load
from tests.faults.walk import Walk, draw_steps
from tests.keys import KEYS

Make = Callable[[], FaultyLake]


def fault_of(make: Make, seed: int, steps: list[str]) -> str:
    """Go through steps; say what was against the model, nothing where all was well."""
    begun = time.monotonic()
    walk = Walk.of_seed(make(), seed)
    try:
        happened = walk.run_steps(steps)
    except Exception as error:
        return f"{'' if isinstance(error, AssertionError) else type(error).__name__} {error}"
    print(f"  well in {time.monotonic() - begun:.0f} s; {dict(happened)}", flush=True)
    return ""


def shrink(make: Make, seed: int, steps: list[str]) -> str:
    """Leave steps out while the sequence fails; return what is left, and what it says."""
    fault = ""
    for number in reversed(range(len(steps))):
        fewer = [*steps[:number], "", *steps[number + 1 :]]
        if steps[number] and (less := fault_of(make, seed, fewer)):
            steps, fault = fewer, less
    return f"{steps}\n{fault}"


def explore(loads: list[Load], count: int, seeds: list[int], without: tuple[str, ...]) -> bool:
    """Go through a sequence of so many steps for each seed and load; return whether all was well."""
    well = True
    with emulator.running_emulator(keys=KEYS) as running, proxy.running_proxy(running.endpoint) as between:
        spark = start_session(running.endpoint)
        direct, through = direct_clients(running.endpoint), run_clients(between.endpoint)

        def make(load: Load) -> FaultyLake:
            between.plan = between.after = None
            return FaultyLake(direct, spark, between, through, load)

        for seed, load in product(seeds, loads):
            print(f"{load}, seed {seed}", flush=True)
            steps = draw_steps(seed, count, without)
            if fault := fault_of(partial(make, load), seed, steps):
                well = False
                print(f"AGAINST THE MODEL {steps}\n{fault}", flush=True)
                print(f"smallest {shrink(partial(make, load), seed, steps)}", flush=True)
        spark.stop()
    return well


if __name__ == "__main__":
    names, count, *rest = sys.argv[1:]
    seeds = [int(word) for word in rest if word.isdigit()]
    without = tuple(word for word in rest if not word.isdigit())
    with mock.patch.object(ExponentialBackoff, "delay_amount", return_value=0.01):
        sys.exit(not explore([Load[name] for name in names.split(",")], int(count), seeds, without))
