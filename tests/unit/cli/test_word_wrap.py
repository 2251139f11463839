"""Lines are broken between words, and nothing that is copied is."""

import pytest

from sluice.text_tables import print_cells
from sluice.word_wrap import cell_width, copied_line, wrap_line

ID = f"jr_{'0123456789abcdef' * 4}"


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_no_line_is_wider_but_of_one_word_and_nothing_is_lost(columns: int) -> None:
    text = f"  run {ID} of sluice-prod-trades broke: 日本語 値 in trades/2026-01-31.csv row 3, look at `sluice status trades`"
    lines = wrap_line(text, columns, 2)
    assert " ".join(" ".join(lines).split()) == " ".join(text.split())
    assert all(cell_width(line) <= columns or " " not in line.strip(" `") or "`" in line for line in lines)
    assert any(ID in line for line in lines)
    assert any("`sluice status trades`" in line for line in lines)


def test_a_line_that_fits_and_a_command_to_copy_stay_as_they_are() -> None:
    assert wrap_line("a  b", 4) == ["a  b"]
    command = copied_line(f"sluice replay trades {ID} --rows aside.xlsx")
    assert wrap_line(command, 40) == [command]


def test_a_table_that_has_no_room_is_a_block_for_each_row(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [["jr_0a1b2c3d", "3", "trades.quantity.range: 2, trades.price.range: 1"], ["jr_ff000000", "1", ""]]
    monkeypatch.setenv("COLUMNS", "50")
    print_cells(["run", "rows", "rules"], rows)
    assert capsys.readouterr().out == (
        "run          rows  rules\n"
        "jr_0a1b2c3d  3     trades.quantity.range: 2,\n"
        "                   trades.price.range: 1\n"
        "jr_ff000000  1\n"
    )
    monkeypatch.setenv("COLUMNS", "40")
    print_cells(["run", "rows", "rules"], rows)
    assert capsys.readouterr().out == (
        "- run    jr_0a1b2c3d\n"
        "  rows   3\n"
        "  rules  trades.quantity.range: 2,\n"
        "    trades.price.range: 1\n"
        "- run    jr_ff000000\n"
        "  rows   1\n"
    )
