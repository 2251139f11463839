"""The shell blocks of pages run, in a set-up clone and a clean shell; those marked `sh long` in the long tests."""

from pathlib import Path

import pytest

from tests.fences import PAGES, Fence, Hold, fences_of
from tests.program.page_shell import make_clone, run_in_clone
from tests.program.test_page_fences import FOLLOWED

OF_THE_SAMPLE = ("README.md",)
"""Pages that show the sample: `tests/sample` runs them."""


def runnable_pages(*holds: Hold) -> list[str]:
    return [page for page in PAGES if fences_of(page, *holds) and page not in (*FOLLOWED, *OF_THE_SAMPLE)]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clone(tmp_path_factory.mktemp("clone"))


@pytest.mark.parametrize("page", runnable_pages(Hold.RUN))
def test_the_commands_of_a_page_run_in_a_clone_that_is_set_up(page: str, clone: Path) -> None:
    run = run_in_clone(clone, fences_of(page, Hold.RUN))
    assert run.code == 0, run.written[-4000:]


@pytest.mark.long
@pytest.mark.parametrize("page", runnable_pages(Hold.LONG))
def test_the_long_commands_of_a_page_run_after_its_short_ones(page: str, clone: Path) -> None:
    run = run_in_clone(clone, fences_of(page, Hold.RUN, Hold.LONG))
    assert run.code == 0, run.written[-4000:]


def test_pages_have_commands_that_run() -> None:
    assert len(runnable_pages(Hold.RUN)) > 1
    assert len(runnable_pages(Hold.LONG)) > 0
    assert all(fences_of(page, Hold.LONG) for page in OF_THE_SAMPLE if page in PAGES)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("make hlep", 2),
        ("sluice lint expectation", 2),
        ("command -v pytest | grep -F /clone/.venv/bin/", 0),
        ('[ -z "$SLUICE_LAKE$AWS_REGION$VIRTUAL_ENV" ]', 0),
        ("false\ntrue", 1),
    ],
)
def test_a_command_that_fails_is_noticed_and_the_shell_is_clean(text: str, code: int, clone: Path) -> None:
    run = run_in_clone(clone, [Fence("page.md", 7, "sh", text + "\n")])
    assert (run.code, "at page.md:7" in run.written) == (code, True), run.written
