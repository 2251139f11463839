"""What nobody uses is not imported; what somebody uses is."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import pytest

from etl.runtime.lazy_imports import without_packages

LIBRARY = """
from etl.run import PRELOADED; from etl.runtime.session import _import_libraries
_import_libraries(PRELOADED)
import sys
print({name.partition(".")[0] for name in sys.modules} & {"grpc", "narwhals"}, "scipy.stats._stats_py" in sys.modules)
from scipy import stats
print(round(stats.entropy([0.5, 0.5]), 3), "scipy.stats._stats_py" in sys.modules)
import scipy.stats
print(scipy.stats.entropy is stats.entropy)
import altair
print(altair.Chart.__name__)
from pyspark.ml.feature import Bucketizer
print(Bucketizer.__name__)
"""


def test_the_library_comes_without_what_no_rule_uses_until_somebody_does() -> None:
    completed = subprocess.run([sys.executable, "-c", LIBRARY], capture_output=True, text=True, check=True)
    assert completed.stdout.split() == ["set()", "False", "0.693", "True", "True", "Chart", "Bucketizer"]


def test_what_is_left_out_is_missing_for_this_thread_and_this_while_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "left_out.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    with without_packages("left_out", "json"):
        with pytest.raises(ModuleNotFoundError, match="left_out is left out"):
            import_module("left_out")
        assert import_module("json").loads("1") == 1
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(import_module, "left_out").result().__name__ == "left_out"
    monkeypatch.delitem(sys.modules, "left_out")
    assert import_module("left_out").__name__ == "left_out"
    monkeypatch.delitem(sys.modules, "left_out")
