"""The picture and the figures of docs/architecture.md are those of the code."""

from pathlib import Path

import pytest

from sluice.architecture.__main__ import PAGE, PICTURE, draw_picture
from sluice.architecture.code_figures import Module, one_word_share, read_modules, vague_variables
from sluice.architecture.picture import draw_packages, shortest_arrows
from sluice.program.docs_part import replace_part

SOURCE = '''
class Ledger:
    def read(self):
        """Documented."""

    def write_ledger(self, found):
        one = found
'''


def test_the_page_shows_the_picture_of_the_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert replace_part(text, *PICTURE, draw_picture()) == text, "run make architecture"


def test_an_arrow_that_a_longer_way_implies_is_left_out() -> None:
    arrows = {"etl.gate": {"etl.sources", "etl.contract"}, "etl.sources": {"etl.contract"}, "etl.contract": set[str]()}
    assert shortest_arrows(arrows)["etl.gate"] == {"etl.sources"}
    assert "  etl_gate --> etl_contract" not in draw_packages(arrows)


def test_packages_that_import_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match=r"in a circle: .*etl.gate"):
        shortest_arrows({"etl.gate": {"etl.sources"}, "etl.sources": {"etl.gate"}})


def test_names_that_say_nothing_are_counted(tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(SOURCE)
    modules = [Module(tmp_path / "module.py")]
    assert (one_word_share(modules), vague_variables(modules)) == (0.5, 2)


def test_a_name_of_several_words_stays_the_rule() -> None:
    assert one_word_share(read_modules()) < 0.27  # the most of the models of the field
