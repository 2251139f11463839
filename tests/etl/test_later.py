"""A module that nobody uses is not imported; one that somebody uses is."""

import subprocess
import sys

LIBRARY = """
from etl.session import _import_library
_import_library()
import sys
print("scipy.stats._stats_py" in sys.modules)
from scipy import stats
print(round(stats.entropy([0.5, 0.5]), 3), "scipy.stats._stats_py" in sys.modules)
import scipy.stats
print(scipy.stats.entropy is stats.entropy)
"""


def test_the_library_comes_without_statistics_until_they_are_used() -> None:
    told = subprocess.run([sys.executable, "-c", LIBRARY], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "0.693", "True", "True"]
