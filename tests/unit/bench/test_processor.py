"""Seconds of processor are those of a process and of all that it started."""

import os
import subprocess
import sys

from bench.processor import tree_seconds

BURN = "import time\nwhile time.process_time() < 0.3: pass\n"


def test_a_child_that_ended_and_one_that_runs_count_with_their_parent():
    before = tree_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", BURN], check=True)
    ended = tree_seconds(os.getpid())
    assert ended - before >= 0.25
    running = f"{BURN}print('burnt', flush=True)\ninput()\n"
    with subprocess.Popen([sys.executable, "-c", running], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert tree_seconds(os.getpid()) - ended >= 0.25
        child.communicate(b"\n")


def test_a_process_that_is_none_has_taken_nothing():
    assert tree_seconds(-1) == 0
