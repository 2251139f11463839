"""The tests take the sample stacks: what a user sets in the stack files at the root changes no test's result."""

import os
from pathlib import Path

# Before anything reads it; for the commands that tests start, too.
os.environ["SLUICE_STACKS"] = str(Path(__file__).resolve().parents[1] / "sluice" / "program" / "stacks")
