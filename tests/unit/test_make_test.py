"""`make test` runs each test module once: one that a move leaves out would be green for ever."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def parts_of_make_test() -> list[list[Path]]:
    """Return the folders and modules that each process of `make test` gets."""
    makefile = (ROOT / "Makefile").read_text()
    parts = re.findall(r"^(\w+_TESTS) = (.+)$", makefile, re.MULTILINE)
    recipe = re.search(r"^define run_tests\n(.+?)^endef", makefile, re.MULTILINE | re.DOTALL)
    assert recipe
    assert sorted(re.findall(r"pytest \$1 \$\((\w+)\)", recipe[1])) == sorted(name for name, _ in parts)
    for target in ("test", "test-long"):
        assert re.search(rf"^{target}:.*##.*\n\t\$\(call run_tests,", makefile, re.MULTILINE), target
    return [
        [path for pattern in re.findall(r"tests/[^\s)]+", words) for path in ROOT.glob(pattern)] for _, words in parts
    ]


def test_each_test_module_is_in_one_process_of_make_test() -> None:
    parts = parts_of_make_test()
    assert len(parts) == 4
    modules = [*(ROOT / "tests").rglob("test_*.py")]
    assert len(modules) > 200
    places = {module: sum(module.is_relative_to(path) for part in parts for path in part) for module in modules}
    assert {module.name: number for module, number in places.items() if number != 1} == {}
