"""How `make browser` finds a Chromium and hears of its page: where there is none, or it says nothing, it fails."""

import sys
from pathlib import Path

import pytest

from sluice.sandbox.chromium import NoBrowser, find_chromium
from tests.sandbox.browsing import PAGE, NoReport, page_report

REPORTS = """
import sys, urllib.request
url = sys.argv[-1].replace("{page}", "127.0.0.1")
page = urllib.request.urlopen(url).read()
assert page == b"<p>page</p>" and "at=here" in url
urllib.request.urlopen(url.partition("?")[0] + "report", data=b'{{"a job": "nothing"}}')
import time; time.sleep(60)
"""


def write_program(path: Path, text: str) -> str:
    path.write_text(f"#!{sys.executable} -SE\n{text}")
    path.chmod(0o755)
    return str(path)


def test_without_a_chromium_it_says_what_it_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(NoBrowser, match=r"none of chromium, chromium-browser, google-chrome, .* on the PATH"):
        find_chromium()
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(NoBrowser, match=r"CHROMIUM=.*/none is no program"):
        find_chromium()


def test_a_named_chromium_goes_before_one_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    named_program = write_program(tmp_path / "google-chrome", "")
    assert find_chromium() == named_program
    monkeypatch.setenv("CHROMIUM", write_program(tmp_path / "mine", ""))
    assert find_chromium() == str(tmp_path / "mine")


def test_what_the_page_reports_is_heard_and_the_browser_is_ended(tmp_path: Path) -> None:
    stub = write_program(tmp_path / "stub", REPORTS.format(page=PAGE))
    assert page_report(stub, "<p>page</p>", {"at": "here"}, tmp_path) == {"a job": "nothing"}


@pytest.mark.parametrize(
    ("script", "seconds", "message"),
    [
        ("import sys; print('no display'); sys.exit(3)", 20, r"code 3 before the page reported\n.*no display"),
        ("import time; time.sleep(60)", 0.3, "nothing within 0.3 s"),
    ],
)
def test_a_browser_that_reports_nothing_is_a_failure(tmp_path: Path, script: str, seconds: float, message: str) -> None:
    with pytest.raises(NoReport, match=message):
        page_report(write_program(tmp_path / "stub", script), "<p>page</p>", {}, tmp_path, seconds)
