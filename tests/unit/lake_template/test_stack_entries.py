"""An entry is put into a stack's file as text: whatever else stands there stays as it was written."""

import pytest
import yaml

from sluice.lake_template.stack_entries import EntryNotPossible, insert_entry

HEAD = "# mine\nconfig:\n  aws:region: eu-west-1 # here\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  sluice:datasets: {}\n", "  sluice:datasets:\n    stores: {}\n"),
        ("  sluice:datasets: {} # none\n", "  sluice:datasets: # none\n    stores: {}\n"),
        ("  sluice:datasets:\n", "  sluice:datasets:\n    stores: {}\n"),
        ("  sluice:datasets: null\n", "  sluice:datasets:\n    stores: {}\n"),
        ("", "  sluice:datasets:\n    stores: {}\n"),
        ("  sluice:datasets:\n    a: {} # a\n", "  sluice:datasets:\n    a: {} # a\n    stores: {}\n"),
        (
            "  sluice:datasets:\n      a:\n        workers: 3\n",
            "  sluice:datasets:\n      a:\n        workers: 3\n      stores: {}\n",
        ),
        ("  sluice:datasets: {a: {}, b: {workers: 2}}\n", "  sluice:datasets: {a: {}, b: {workers: 2}, stores: {}}\n"),
        (
            "  sluice:datasets:\n    a: {needs: [b]}\n\n  # about the log\n  sluice:log_days: 14\n",
            "  sluice:datasets:\n    a: {needs: [b]}\n    stores: {}\n\n  # about the log\n  sluice:log_days: 14\n",
        ),
        ("  sluice:datasets:\n    a: {}", "  sluice:datasets:\n    a: {}\n    stores: {}\n"),
    ],
)
def test_an_entry_comes_last_and_nothing_else_changes(before: str, after: str) -> None:
    assert insert_entry(HEAD + before, "stores") == HEAD + after


def test_line_ends_of_windows_stay() -> None:
    text = "config:\r\n  sluice:datasets:\r\n    a: {}\r\n"
    assert insert_entry(text, "stores") == f"{text}    stores: {{}}\r\n"


def test_a_file_without_configuration_gets_one() -> None:
    assert yaml.safe_load(insert_entry("secretsprovider: x\n", "stores")) == {
        "secretsprovider": "x",
        "config": {"sluice:datasets": {"stores": {}}},
    }


@pytest.mark.parametrize(
    "text",
    [
        "config: [\n",
        "config:\n  sluice:datasets: '{\"a\": {}}'\n",
        "config:\n  sluice:datasets:\n    secure: v1:abc\n",
        "config:\n  sluice:datasets: [a]\n",
    ],
)
def test_a_file_that_no_line_can_be_added_to_is_refused(text: str) -> None:
    with pytest.raises(EntryNotPossible):
        insert_entry(text, "stores")
