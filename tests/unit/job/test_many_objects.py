"""Requests for many objects: several at a time, with answers in the objects' order."""

import threading
import time

import pytest

from etl.storage.many_objects import AT_ONCE, MANY, map_objects


def test_answers_stand_in_the_order_of_the_objects() -> None:
    def answer_late(number: int) -> int:
        time.sleep(0.001 * (number % 3))
        return number * 2

    for count in (0, 1, MANY - 1, MANY * 3):
        assert map_objects(answer_late, range(count)) == [number * 2 for number in range(count)]


def test_many_are_asked_for_at_once_and_few_one_after_the_other() -> None:
    all_there = threading.Barrier(AT_ONCE)
    map_objects(lambda _: all_there.wait(timeout=180), range(AT_ONCE * MANY))
    threads: set[int] = set()
    map_objects(lambda _: threads.add(threading.get_ident()), range(MANY - 1))
    assert threads == {threading.get_ident()}


def test_the_first_failure_is_raised() -> None:
    def refuse_some(number: int) -> None:
        if number in (5, 40):
            raise ValueError(number)

    with pytest.raises(ValueError, match=r"^5$"):
        map_objects(refuse_some, range(MANY * 2))
