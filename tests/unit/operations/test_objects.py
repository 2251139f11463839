"""How an operator names raw objects, on plain data."""

import pytest

from etl.storage.raw_objects import RawObject
from sluice.cli.errors import WrongUse
from sluice.operations import raw_objects

LISTED = [RawObject(key, "1") for key in ("trades/2025-01-17.csv", "trades/2025-01-18.csv", "trades/trades/x.csv")]


@pytest.mark.parametrize("name", ["trades/2025-01-17.csv", "2025-01-17.csv"])
def test_a_key_is_known_with_and_without_the_prefix(name: str) -> None:
    assert raw_objects.find_objects(LISTED, "trades/", [name]) == [LISTED[0]]


def test_a_name_that_is_given_twice_is_one_object() -> None:
    assert raw_objects.find_objects(LISTED, "trades/", ["trades/x.csv", "trades/trades/x.csv"]) == [LISTED[2]]


def test_an_unknown_one_is_told_with_those_like_it() -> None:
    with pytest.raises(WrongUse, match=r"no object '2025-01-19\.csv' under trades/; there is trades/2025-01-1"):
        raw_objects.find_objects(LISTED, "trades/", ["2025-01-17.csv", "2025-01-19.csv"])
    with pytest.raises(WrongUse, match=r"under trades/$"):
        raw_objects.find_objects([], "trades/", ["x"])


def test_of_many_objects_the_first_are_named_and_the_rest_counted() -> None:
    assert raw_objects.describe_keys(["a", "b"]) == "2 objects: a, b"
    assert (
        raw_objects.describe_keys([f"{number}" for number in range(1012)])
        == "1,012 objects: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 1,002 more"
    )
