"""Lint's findings as CI servers read them: a JUnit report, and GitHub's workflow commands."""

from xml.etree import ElementTree

from etl.wording import clean_text
from sluice.contracts.lint.findings import KINDS, Finding
from sluice.contracts.lint.lint import LintReport

GITHUB_ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
GITHUB_PROPERTY_ESCAPES = {**GITHUB_ESCAPES, ":": "%3A", ",": "%2C"}


def render_junit(report: LintReport) -> str:
    """Return a JUnit report: a test suite for each suite file, with a failed test for each finding, or one that passed."""
    root = ElementTree.Element("testsuites", {"name": "sluice lint", **_counts(report.suites, report.findings)})
    for file in report.files:
        findings = [finding for finding in report.findings if finding.file == file]
        suite = ElementTree.SubElement(root, "testsuite", {"name": _xml_text(file), **_counts(1, findings)})
        for finding in findings:
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=_xml_text(file),
                name=_xml_text(f"{finding.kind}: {finding.rule or finding.column or 'suite'} (line {finding.line})"),
                file=_xml_text(file),
                line=str(finding.line),
            )
            failure = ElementTree.SubElement(case, "failure", type=finding.kind, message=_xml_text(finding.found))
            failure.text = _xml_text(f"{file}:{finding.line}: {_sentence(finding)}")
        if not findings:
            ElementTree.SubElement(
                suite, "testcase", classname=_xml_text(file), name="no findings", file=_xml_text(file)
            )
        _write_warnings(suite, [warning for warning in report.warnings if warning.file == file])
    if report.notes:
        ElementTree.SubElement(root, "system-out").text = _xml_text("\n".join(report.notes), lines=True)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _write_warnings(suite: ElementTree.Element, warnings: list[Finding]) -> None:
    """Put a suite's warnings into what JUnit calls its output: the format has no state between passed and failed."""
    if warnings:
        sentences = [f"{warning.file}:{warning.line} {warning.kind}: {_sentence(warning)}" for warning in warnings]
        ElementTree.SubElement(suite, "system-out").text = _xml_text("\n".join(sentences), lines=True)


def render_github(report: LintReport) -> str:
    """Return a workflow command for each finding and warning, which GitHub shows beside the suite's line, and for each note.

    Source: GitHub Actions, workflow commands, "Setting an error message".
    """
    annotations = [
        *(_annotation("error", finding) for finding in report.findings),
        *(_annotation("warning", finding) for finding in report.warnings),
        *(f"::notice::{_escaped(note, GITHUB_ESCAPES)}" for note in report.notes),
    ]
    return "\n".join(annotations)


def _annotation(command: str, finding: Finding) -> str:
    file, title = (
        _escaped(text, GITHUB_PROPERTY_ESCAPES) for text in (finding.file, f"{finding.kind}: {KINDS[finding.kind]}")
    )
    sentence = _escaped(_sentence(finding), GITHUB_ESCAPES)
    return f"::{command} file={file},line={finding.line},title={title}::{sentence}"


def _counts(passing: int, findings: list[Finding]) -> dict[str, str]:
    """Return JUnit's counts, where each file without a finding is one test that passes."""
    files = {finding.file for finding in findings}
    return {"tests": str(len(findings) + passing - len(files)), "failures": str(len(findings)), "errors": "0"}


def _sentence(finding: Finding) -> str:
    about = f"{finding.rule}: " if finding.rule else ""
    return f"{about}{finding.found}; {finding.remedy}"


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(letter, letter) for letter in clean_text(text))


def _xml_text(text: str, *, lines: bool = False) -> str:
    """Return a text without the letters that no XML document may hold, such as U+FFFE; control characters are written out.

    Source: XML 1.0, 2.2 Characters.
    """
    return "".join("�" if letter in "\ufffe\uffff" else letter for letter in clean_text(text, lines=lines))
