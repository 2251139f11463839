"""The tests take a lake of their own, `tests/lake`: what a user writes in the project changes no test's result."""

import os
from pathlib import Path

# Before anything reads it; for the commands that tests start, too.
os.environ["SLUICE_LAKE"] = str(Path(__file__).resolve().parent / "lake")
