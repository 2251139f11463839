"""Which objects are data, by a glob of the input contract."""

import pytest

from etl.contract.file_glob import is_data_path, is_file_glob

TAKEN = {
    "": (["a.csv", "x/README.txt"], []),
    "*.csv": (["a.csv", "dt=1/x/a.csv", ".csv"], ["README.txt", "a.csv.gz", "a.CSV", "a.csv/b"]),
    "*.{csv,csv.gz}": (["a.csv", "d/a.csv.gz"], ["a.txt", "a.csv.bz2"]),
    "exports/**/*.json": (["exports/a.json", "exports/x/y/b.json"], ["a.json", "e/exports/a.json", "exports/a.jsonl"]),
    "dt=*/part-[0-9]*.csv": (["dt=1/part-0a.csv"], ["dt=1/part-x.csv", "dt=1/2/part-0.csv", "part-0.csv"]),
    "**/*.csv": (["a.csv", "b/c/a.csv"], ["a.cs"]),
    "day/**": (["day/b", "day/b/c"], ["b", "days/b"]),
    "x[!a-c].csv": (["xd.csv", "f/x-.csv"], ["xa.csv", "x/.csv", "x.csv"]),
    "a?(1)+.csv": (["ab(1)+.csv"], ["a(1)+.csv", "a/(1)+.csv"]),
}


@pytest.mark.parametrize("glob", TAKEN)
def test_a_glob_takes_paths_below_the_prefix(glob: str) -> None:
    taken, passed_over = TAKEN[glob]
    assert [path for path in (*taken, *passed_over) if is_data_path(path, glob)] == taken


@pytest.mark.parametrize(
    "text", ["", " ", "/a", "a/", "a//b", "{a,b", "a}", "[z-a]", "[ab", "a\\\\b", "{a,b}" * 7, "{a,{b}"]
)
def test_what_is_no_glob_is_refused(text: str) -> None:
    assert not is_file_glob(text)
