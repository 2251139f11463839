"""Two patterns are held against each other by the texts that they match, as a search finds them."""

import pytest

from sluice.contracts.lint.pattern_languages import LESS, MORE, OTHER, SAME, compare_patterns, covers_pattern

COMPARED = [
    ("^CUST[0-9]+$", "^CUST[0-9A-Z]+$", MORE),
    ("^CUST[0-9]+$", r"^CUST\d+$", SAME),
    ("^[A-Z]{2,3}$", "^[A-Z]{2}$", LESS),
    ("^a$", "^b$", OTHER),
    ("CUST", "^CUST", LESS),
    ("^CUST", "CUST", MORE),
    ("^a$", r"^a\z", LESS),
    ("^[^,]*$", "^.*$", OTHER),
    ("^.+$", "^.*$", MORE),
    ("^(?:a|b)$", "^[ab]$", SAME),
    ("^(a|b)+$", "^[ab]+$", SAME),
    ("^é$", "^[éa]$", MORE),
    (r"^a\$", "^a", MORE),
    (r"^a\\$", r"^a\\", MORE),
    (r"^\Q.\E$", "^.$", MORE),
    ("a|b", "a", LESS),
    # what looks around, names what no set here holds, gives nothing back, or is too long
    (r"^\p{L}+$", "^[A-Z]+$", None),
    ("^(?i)a$", "^[aA]$", None),
    ("^a|b$", "^a$", None),
    ("^(?=a)a$", "^a$", None),
    (r"^(a)\1$", "^aa$", None),
    ("^ü$", "^[üa]$", None),
    ("^a++$", "^a+$", None),
    (r"^\h$", r"^[ \t]$", None),
    ("^a{1,400}$", "^a+$", None),
    ("^[$", "^a$", None),
]


@pytest.mark.parametrize(("old", "new", "direction"), COMPARED)
def test_the_new_one_matches(old: str, new: str, direction: str | None) -> None:
    assert compare_patterns([old], [new]) == direction
    opposite = {MORE: LESS, LESS: MORE}
    assert compare_patterns([new], [old]) == opposite.get(str(direction), direction)


def test_several_match_what_any_of_them_does() -> None:
    assert compare_patterns(["^a$", "^b$"], ["^[ab]$"]) == SAME
    assert compare_patterns(["^a$"], ["^a$", "^b$"]) == MORE


def test_a_pattern_covers_itself_even_where_nothing_is_told_of_it() -> None:
    assert covers_pattern(r"^\p{L}$", r"^\p{L}$")
    assert not covers_pattern("^a$", r"^\p{L}$")
