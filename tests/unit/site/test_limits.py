"""A year of a lake is a small site, written soon: counted in bytes, and in seconds of the processor alone."""

import time
from pathlib import Path

import pytest

from sluice.site.assets_place import open_place
from sluice.site.build import build_site
from tests.made_results.made_lake import NOW, make_lake

DAYS, DATASETS = 400, 20
BYTES, SECONDS = 5_000_000, 20


def measure_site(folder: Path, datasets: int) -> tuple[int, float]:
    """Return how large the site of so many datasets is, and how long it took to write."""
    lake = make_lake(folder, datasets, DAYS)
    began = time.process_time()
    build_site(lake.pairs, folder / "site", [open_place(str(lake.assets))], root=folder, now=NOW)
    seconds = time.process_time() - began
    files = [path for path in (folder / "site").rglob("*") if path.is_file()]
    return sum(path.stat().st_size for path in files), seconds


def test_the_share_of_one_dataset_keeps_the_bounds(tmp_path: Path) -> None:
    size, seconds = measure_site(tmp_path, 1)
    assert size < BYTES / DATASETS + 20_000  # with the style, which is there once
    assert seconds < SECONDS / DATASETS + 1  # with what is imported once


@pytest.mark.long
def test_twenty_datasets_of_400_days_are_under_5_mb_and_20_seconds(tmp_path: Path) -> None:
    size, seconds = measure_site(tmp_path, DATASETS)
    print(f"{size / 1e6:.2f} MB in {seconds:.1f} s")
    assert size < BYTES
    assert seconds < SECONDS


@pytest.mark.long
def test_three_hundred_datasets_are_one_site(tmp_path: Path) -> None:
    lake = make_lake(tmp_path, 300, 3)
    built = build_site(lake.pairs, tmp_path / "site", [open_place(str(lake.assets))], root=tmp_path, now=NOW)
    assert len(built.standings) == 300
    assert (tmp_path / "site/rules.html").stat().st_size < BYTES
    assert len([*(tmp_path / "site").glob("*/index.html")]) == 300
