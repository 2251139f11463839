"""Every fenced block of every page says what it is, and a shell block says how it is held."""

from pathlib import Path

import pytest

from components.settings.lake_folder import ROOT
from tests.fences import PAGES, Fence, Hold, fence_fault, fences_of, read_fences

FOLLOWED = {
    "docs/adding-a-dataset.md": ("tests/sandbox/test_dataset_page.py",),
    "docs/deploying.md": ("tests/sandbox/test_pages.py", "tests/sandbox/test_stack_pages.py"),
    "docs/github.md": ("tests/sandbox/test_pages.py", "tests/sandbox/test_stack_pages.py"),
    "docs/moving-a-stack.md": ("tests/sandbox/test_pages.py", "tests/sandbox/test_moving_state.py"),
    "docs/new-stack.md": ("tests/sandbox/test_stack_pages.py",),
    "docs/taking-down.md": ("tests/sandbox/test_stack_pages.py",),
}
"""By page, the tests that run its blocks against an emulator, with what a reader does between them."""


def test_every_block_says_what_it_is() -> None:
    fences = [fence for page, text in PAGES.items() for fence in read_fences(page, text)]
    assert len(fences) > 60
    assert [fault for fence in fences if (fault := fence_fault(fence))] == []


def test_each_way_of_holding_has_blocks() -> None:
    holds = {fence.info for page, text in PAGES.items() for fence in read_fences(page, text)}
    assert set(Hold) <= holds


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("```\nmake test\n```", "a block of 'nothing'"),
        ("1. so:\n\n   ```bash\n   make test\n   ```", "a block of 'bash'"),
        ("~~~sh quick\nmake test\n~~~", "a block of 'sh quick'"),
        ("````\n```sh\nmake test\n```\n````", "a block of 'nothing'"),
        ("```text\nmake test\n```", "text holds the command 'make test'"),
        ("```text\n$ ls\n```", "text holds the command '$ ls'"),
        ("```text\nsource --> raw\n```", ""),
        ("``` sh emulator\naws s3 ls\n```", ""),
    ],
)
def test_a_block_that_does_not_say_it_is_found(text: str, fault: str) -> None:
    (fence,) = read_fences("page.md", text)
    assert fence_fault(fence).startswith(f"page.md:{fence.line}: {fault}" if fault else "")
    assert bool(fence_fault(fence)) is bool(fault)


def test_a_block_within_a_list_loses_the_lists_indentation() -> None:
    (fence,) = read_fences("page.md", "1. so:\n\n   ```sh\n   if true; then\n     make\n   fi\n   ```\n")
    assert fence == Fence("page.md", 3, "sh", "if true; then\n  make\nfi\n")


def test_a_page_with_commands_for_an_emulator_is_followed_by_a_test_that_names_it() -> None:
    pages = {page for page in PAGES if fences_of(page, Hold.EMULATOR)}
    assert pages == set(FOLLOWED)
    texts = {module: (ROOT / module).read_text() for modules in FOLLOWED.values() for module in modules}
    silent = [(page, test) for page, tests in FOLLOWED.items() for test in tests if Path(page).name not in texts[test]]
    assert silent == []
