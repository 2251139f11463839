"""`make test` runs each of the tests' folders once: one that a move leaves out would be green for ever."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def folders_of_make_test() -> list[str]:
    """Return the folders that `make test` hands to pytest, in order."""
    recipe = re.search(r"^test:.*\n((?:\t.+\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    return re.findall(r" (tests/[\w/]+)", recipe[1])


def test_each_test_module_is_in_one_folder_that_make_test_names() -> None:
    folders = folders_of_make_test()
    modules = [path.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py")]
    places = {module: [folder for folder in folders if module.is_relative_to(folder)] for module in modules}
    assert len(modules) > 200
    assert {module.as_posix(): named for module, named in places.items() if len(named) != 1} == {}
