"""What a message tells people to do is something that they can do: who reads a lake seldom owns what writes its files."""

import re

import pytest

from components.settings.lake_folder import ROOT
from etl.contract.structure_rules import StructureRule

ELSEWHERE = re.compile(
    r"(mend|fix|correct|repair|change|adjust)\s+(the|its|your)\s+(export|exporter|source|producer|file|writer)\b"
    r"|(broken|empty|failed)\s+export\b",
    re.IGNORECASE,
)
CAN_DO = re.compile(r"`sluice \w+`|\"\w+\": |meta\.dialect|declare |rename the object|rule of the input")
TEXTS = sorted(
    file
    for folder, endings in (
        ("etl", ("py",)),
        ("sluice", ("py", "html", "json")),
        ("components", ("py",)),
        ("docs", ("md",)),
    )
    for ending in endings
    for file in (ROOT / folder).rglob(f"*.{ending}")
    if "decisions" not in file.parts
)


@pytest.mark.parametrize(
    "words",
    ["Mend the export, or the contract.", "an empty export; put it again", "fix\n your producer", "Mend the source"],
)
def test_what_nobody_here_can_do_is_recognised(words: str) -> None:
    assert ELSEWHERE.search(words)


def test_no_message_and_no_page_says_that_the_export_be_mended() -> None:
    assert len(TEXTS) > 300
    hits = {str(file.relative_to(ROOT)): [match[0] for match in ELSEWHERE.finditer(file.read_text())] for file in TEXTS}
    # The sample's own contract has a reason of its owner's in the verdict of its bad day.
    assert {name: words for name, words in hits.items() if words and "bad_day" not in name} == {}


@pytest.mark.parametrize("rule", StructureRule)
def test_each_rule_on_structure_names_what_a_reader_of_its_message_can_do(rule: StructureRule) -> None:
    assert CAN_DO.search(rule.remedy), rule.remedy
