"""Lint's findings for CI servers: a JUnit report that parses, and workflow commands that GitHub takes."""

from xml.etree import ElementTree

import pytest

from sluice.cli.app import main
from sluice.contracts.lint.ci_reports import render_github, render_junit
from sluice.contracts.lint.findings import Finding
from sluice.contracts.lint.lint import LintReport
from tests.lake.mutations import QUANTITY, change_kwargs
from tests.unit.contracts.conftest import Write, write  # noqa: F401  the fixture

NASTY = 'it is <b>&"100 %"\n::error::\x1b\ufffe, or: not'


def report_of(*findings: Finding) -> LintReport:
    return LintReport(["a/input.json", "a/output.json"], 3, list(findings), ["no Java"])


def test_a_junit_report_counts_and_places_each_finding(
    write: Write,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = str(write(change_kwargs(QUANTITY, mostly=0)) / "expectations")
    assert main(["lint", folder, "--format", "junit"]) == 1
    root = ElementTree.fromstring(capsys.readouterr().out)
    cases = root.findall("testsuite/testcase")
    assert (root.get("tests"), root.get("failures")) == (str(len(cases)), "1") == ("2", "1")
    [(case, failure)] = [(case, failure) for case in cases for failure in case.findall("failure")]
    assert (case.get("file") or "").endswith("trades/output.json")
    assert int(case.get("line") or 0) > 1
    assert failure.get("type") == "never-fails"
    assert QUANTITY in (failure.text or "")


def test_a_junit_report_is_xml_whatever_a_suite_says() -> None:
    text = render_junit(report_of(Finding("refused", NASTY, NASTY, NASTY, file="a/output.json", line=7)))
    root = ElementTree.fromstring(text)
    [failure] = root.iter("failure")
    assert '<b>&"100 %"' in (failure.get("message") or "")
    assert (root.findtext("system-out"), root.get("tests")) == ("no Java", "2")


def test_github_gets_a_command_a_finding_beside_its_line() -> None:
    finding = Finding("refused", NASTY, "mend it", "a.rule", file="a,b:c/output.json", line=7)
    error, notice = render_github(report_of(finding)).splitlines()
    assert error.startswith("::error file=a%2Cb%3Ac/output.json,line=7,title=refused%3A strict loading")
    assert '::a.rule: it is <b>&"100 %25"\\n::error::' in error
    assert notice == "::notice::no Java"


@pytest.mark.parametrize(("option", "form"), [("--json", "json"), ("--markdown", "markdown")])
def test_an_older_option_is_the_format_of_that_name(
    option: str,
    form: str,
    write: Write,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = str(write(change_kwargs(QUANTITY, mostly=0)) / "expectations")
    printed = []
    for words in ([option], ["--format", form]):
        assert main(["lint", folder, *words]) == 1
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
