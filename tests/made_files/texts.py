"""Columns of text of each type but text itself."""

from hypothesis import strategies as st

from tests.made_files.number_texts import decimals, floating_numbers, whole_numbers
from tests.made_files.text_columns import TextColumn
from tests.made_files.time_texts import days, times

PLAIN_TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\ufeff\ufffd"), max_size=8
)
"""Texts without characters that the gate refuses."""


@st.composite
def flags(draw: st.DrawFn) -> TextColumn:
    """Make columns of booleans in several spellings."""
    spellings = [
        ((), ()),
        (("Ja", "ja"), ("Nein",)),
        (("Y",), ("N",)),
        (("1",), ("0",)),
        (("WAHR", "x"), ("FALSCH", "-")),
        (("vrai, oui",), ('non "du tout"',)),
    ]
    truths, falsehoods = draw(st.sampled_from(spellings))
    pairs = [(text, True) for text in truths or ("true",)] + [(text, False) for text in falsehoods or ("false",)]
    options = {"true_values": [*truths], "false_values": [*falsehoods]} if truths else {}
    wrong = ("True", "TRUE", "t", "yes", "JaNein", " Ja", "2", "nein")
    return TextColumn("boolean", st.sampled_from(pairs), options, wrong)


TYPED = st.one_of(whole_numbers(), decimals(), floating_numbers(), flags(), days(), times())
"""Columns of each type but text."""
