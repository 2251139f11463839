"""Hundreds of runs of small days under faults: `python -m tests.faults.soak [SEED...]`, a lake for each seed.

A seed's lake has one of five loads, in turn. It ends with a line of figures for each load, and one of all; with exit code 1
where a row was lost or doubled, a reader saw half a state, a plain rerun did not reach the reference, an operator's act was
against the model, a day was published that its history refuses, or all lakes together had too few runs or kills.
"""

import os
import random
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path
from unittest import mock

from botocore.retries.standard import ExponentialBackoff
from pyspark.sql import SparkSession

from sluice.sandbox.emulator import emulator
from sluice.sandbox.jobs.spark import REGION, secrets_in_file, set_runtime_environment
from tests.faults import proxy
from tests.faults.arrivals import Arrivals
from tests.faults.figures import LEAST_KILLS, LEAST_RUNS, Figures
from tests.faults.fresh import FreshProcess, session_properties
from tests.faults.history import KNOWING_LOADS, declare_history
from tests.faults.lake import FaultyLake, direct_clients, run_clients
from tests.faults.mishaps import Mishaps
from tests.faults.season import KILLED, Season
from tests.faults.steps import STEPS
from tests.faults.trades import Load
from tests.faults.walk import Walk
from tests.keys import KEYS

LOADS = (*Load,)
ACTS = ("reruns", "replays", "withdrawals", "rollbacks", "maintenances")  # of an operator
SEEDS = range(1, 2 * len(LOADS) + 1)
STEP_KILLS_PER_LAKE = list(KILLED.values()).count("step")  # steps at which processes of a lake are killed


def run_soak(seeds: list[int], folder: Path) -> dict[Load, Figures]:
    """Go through a lake for each seed, one load after the other; return the figures of each load."""
    figures = {load_of(seed): Figures() for seed in seeds}
    with emulator.running_emulator(keys=KEYS) as running, proxy.running_proxy(running.endpoint) as between:
        spark = start_session(running.endpoint)
        direct, through = direct_clients(running.endpoint), run_clients(between.endpoint)
        for seed in seeds:
            load = load_of(seed)
            print(f"seed {seed}: {load}", flush=True)
            lake = FaultyLake(direct, spark, between, through, load)
            if load in KNOWING_LOADS:
                declare_history(lake)
            run_season(seed, lake, FreshProcess(between.endpoint, folder), figures[load])
            figures[load].injected.update({fault.value: times for fault, times in between.met.items()})
            between.met.clear()
            print(f"  so far: {figures[load]}", flush=True)
        spark.stop()
    return figures


def load_of(seed: int) -> Load:
    """Return how the lake of a seed loads its files."""
    return LOADS[(seed - 1) % len(LOADS)]


def run_season(seed: int, lake: FaultyLake, fresh: FreshProcess, figures: Figures) -> None:
    """Go through the days of a lake; over all lakes processes are killed at every step."""
    draw = random.Random(seed)
    names = sorted(STEPS)
    crashes = cycle(draw.sample(names, len(names)))
    arrivals = Arrivals(lake, draw)
    mishaps, walk = Mishaps(lake, fresh, arrivals, draw, crashes), Walk(lake, seed, arrivals)
    kills = iter(
        [list(STEPS)[(STEP_KILLS_PER_LAKE * (seed - 1) + number) % len(STEPS)] for number in range(STEP_KILLS_PER_LAKE)]
    )
    Season(mishaps, walk, figures, lambda line: print(line, flush=True)).run_days(lambda: next(kills))
    figures.runs += mishaps.runs + walk.runs
    figures.acts.update({act: walk.happened[act] for act in ACTS})
    figures.kills += mishaps.kills
    figures.injected.update(mishaps.injected)


def start_session(endpoint: str) -> SparkSession:
    """Return the one Spark session of all runs that no process of their own ends."""
    set_runtime_environment()
    os.environ.update(KEYS.as_environment(), AWS_REGION=REGION)
    with secrets_in_file(session_properties(endpoint, "2g")) as remaining:
        spark = SparkSession.builder.appName("soak").config(map=dict(remaining)).getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


def exit_code(figures: Figures, seeds: list[int]) -> int:
    """Return the exit code; too few runs or kills count where no lake was left out."""
    enough = figures.enough or not {*seeds} >= {*SEEDS}
    if not enough:
        print(f"too few: a whole soak has at least {LEAST_RUNS} runs, {LEAST_KILLS} of them killed", flush=True)
    return int(not (figures.well and enough))


if __name__ == "__main__":
    begun = time.monotonic()
    at_once = mock.patch.object(ExponentialBackoff, "delay_amount", return_value=0.01)
    with tempfile.TemporaryDirectory() as folder, at_once:
        seeds = [int(argument) for argument in sys.argv[1:]] or [*SEEDS]
        by_load = run_soak(seeds, Path(folder))
    print(f"{(time.monotonic() - begun) / 60:.1f} minutes", flush=True)
    total = Figures()
    for load, figures in by_load.items():
        print(f"{load}: {figures}", flush=True)
        total.add(figures)
    print(f"soak: {total}", flush=True)
    sys.exit(exit_code(total, seeds))
