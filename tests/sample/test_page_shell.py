"""The shell blocks of the pages that show the sample run, in a set-up clone."""

from pathlib import Path

import pytest

from tests.fences import Hold, fences_of
from tests.program.page_shell import make_clone, run_in_clone
from tests.program.test_page_shell import OF_THE_SAMPLE


@pytest.mark.long
@pytest.mark.parametrize("page", OF_THE_SAMPLE)
def test_the_commands_of_a_page_that_shows_the_sample_run(page: str, tmp_path: Path) -> None:
    run = run_in_clone(make_clone(tmp_path), fences_of(page, Hold.RUN, Hold.LONG))
    assert run.code == 0, run.written[-4000:]
