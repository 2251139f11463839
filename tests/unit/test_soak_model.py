"""What the faults' model says of each load: small days, and what readers see after them."""

import pytest

from tests.faults.model import Model
from tests.faults.trades import File, Load, Sale, Tombstone

MARS = "MARS 1"


class Days:
    """A model, and files that arrive a second after one another."""

    def __init__(self, load: Load) -> None:
        self.model, self.seconds = Model(load), 0

    def arrive(self, key: str, *trades: Sale) -> None:
        """Put a file; a folder is complete at once."""
        self.seconds += 1
        put = f"2026-01-01T00:00:{self.seconds:02}"
        first = self.model.raw[key].first if key in self.model.raw else put
        self.model.raw[key] = File(f"v{self.seconds}", put, trades, first)
        self.model.complete.add(key.rpartition("/")[0])

    def day(self, **files: tuple[Sale, ...] | Sale) -> bool:
        """Put files by name, and run; two underscores stand for a slash."""
        for name, trades in files.items():
            self.arrive(name.replace("__", "/"), *(trades if not isinstance(trades, Sale) else (trades,)))
        return self.model.run()

    @property
    def rows(self) -> dict[str, str]:
        """The object of each sale that readers see."""
        return {str(row[0]).removeprefix("TXN"): str(row[-2]) for row in self.model.state.rows}


def change(number: int, order: int, operation: str = "U", region: str = "US-EAST") -> Sale:
    """Return a change of a sale."""
    return Sale(number, order=order, operation=operation, region=region)


def test_append_refuses_a_key_of_another_object_and_upsert_lets_the_newer_put_win() -> None:
    append, upsert = Days(Load.APPEND), Days(Load.UPSERT)
    for days in (append, upsert):
        assert days.day(a=(Sale(1), Sale(2)))
    assert not append.day(b=Sale(2))
    assert upsert.day(b=Sale(2))
    assert (append.rows, upsert.rows) == ({"1": "a", "2": "a"}, {"1": "a", "2": "b"})
    upsert.model.withdraw("b")
    assert (upsert.rows, upsert.model.unread_files()) == ({"1": "a", "2": "a"}, {})
    assert upsert.day(b=Sale(2, quantity=3))
    assert upsert.rows == {"1": "a", "2": "b"}


def test_a_snapshot_keeps_where_an_unchanged_row_is_from_and_lets_what_is_missing_leave() -> None:
    days = Days(Load.FILES)
    assert days.day(a=(Sale(1), Sale(2), Sale(3)))
    assert days.day(b=(Sale(1), Sale(2, quantity=5), Sale(4)))
    assert days.rows == {"1": "a", "2": "b", "4": "b"}


def test_of_unread_copies_the_one_that_was_first_put_last_counts_and_the_others_are_held() -> None:
    days = Days(Load.FILES)
    days.arrive("a", Sale(1))
    days.arrive("b", Sale(2))
    days.arrive("a", Sale(1), Sale(3))  # a correction of the older copy
    assert days.model.run()
    assert (days.rows, days.model.unread_files()) == ({"2": "b"}, {})
    assert days.day(a=Sale(9, quantity=0))  # is not even judged
    assert (days.rows, len(days.model.state.held)) == ({"2": "b"}, 2)


def test_a_copy_that_lacks_more_than_half_of_the_rows_is_refused() -> None:
    days = Days(Load.FILES)
    assert days.day(a=tuple(map(Sale, range(4))))
    assert not days.day(b=Sale(1))
    assert days.day(b=(Sale(1), Sale(2), Sale(5)))
    assert days.rows == {"1": "a", "2": "a", "5": "b"}


def test_a_row_of_a_copy_that_is_set_aside_keeps_its_predecessor_until_it_is_replayed() -> None:
    days = Days(Load.FILES)
    assert days.day(a=(Sale(1), Sale(2)))
    assert days.day(b=(Sale(1, region=MARS), Sale(3, region=MARS), Sale(2)))
    assert (days.rows, len(days.model.state.aside)) == ({"1": "a", "2": "a"}, 2)
    days.model.replay(["b"])
    assert (days.rows, days.model.state.aside) == ({"1": "b", "2": "a", "3": "b"}, ())


def test_what_an_older_copy_set_aside_counts_no_longer() -> None:
    days = Days(Load.FILES)
    assert days.day(a=(Sale(1), Sale(2, region=MARS)))
    assert days.day(b=Sale(1))
    assert (days.rows, days.model.state.aside) == ({"1": "a"}, ())


def test_a_folder_is_one_copy_and_is_read_whole_when_a_part_is_put_again() -> None:
    days = Days(Load.FOLDERS)
    assert days.day(d1__a=Sale(1), d1__b=Sale(2))
    assert days.day(d1__b=Sale(2, quantity=7))
    assert days.rows == {"1": "d1/a", "2": "d1/b"}
    assert days.day(d2__a=(Sale(1), Sale(2)))
    assert days.day(d1__c=Sale(8))  # an older folder
    assert days.rows == {"1": "d1/a", "2": "d2/a"}
    days.model.withdraw("d2/a")
    assert days.rows == {"1": "d1/a", "2": "d1/b", "8": "d1/c"}


def test_a_copy_that_is_withdrawn_gives_the_table_back_to_the_one_before() -> None:
    days = Days(Load.FILES)
    assert days.day(a=(Sale(1), Sale(2)))
    assert days.day(b=(Sale(2, quantity=2), Sale(3)))
    days.model.withdraw("b")
    assert (days.rows, days.model.state.held) == ({"1": "a", "2": "a"}, (("a", "v1"),))
    assert days.model.unread_files() == {}


def test_the_latest_change_of_a_key_counts_in_whatever_order_files_come() -> None:
    days = Days(Load.CHANGES)
    assert days.day(a=(change(1, 1, "I"), change(1, 5), change(2, 2, "I"), change(2, 6, "D")))
    assert days.day(b=(change(1, 4, "D"), change(2, 3), change(3, 7)))
    assert days.rows == {"1": "a", "3": "b"}
    assert days.model.state.tombstones == (Tombstone(2, 6, "a", "v1"),)
    days.model.withdraw("a")  # what had come late, and lost to it, counts now
    assert days.rows == {"2": "b", "3": "b"}
    assert days.model.state.tombstones == (Tombstone(1, 4, "b", "v2"),)


def test_a_key_that_was_deleted_before_it_came_stays_out() -> None:
    days = Days(Load.CHANGES)
    assert days.day(a=(change(1, 5, "D"), change(9, 9)))
    assert days.day(b=(change(1, 4, "I"), change(8, 8)))
    assert days.rows == {"9": "a", "8": "b"}
    assert days.day(a=change(9, 9))
    assert days.rows == {"9": "a", "8": "b", "1": "b"}


def test_two_changes_of_one_key_and_order_are_refused_and_a_set_aside_one_is_no_change_yet() -> None:
    days = Days(Load.CHANGES)
    assert days.day(a=(change(1, 1), change(1, 3, region=MARS)))
    assert not days.day(b=(change(1, 1), change(2, 2)))
    assert days.day(b=(change(1, 2), change(2, 2)))
    assert days.rows == {"1": "b", "2": "b"}
    days.model.replay(["a"])
    assert days.rows == {"1": "a", "2": "b"}


@pytest.mark.parametrize("load", Load)
def test_what_is_rolled_back_is_read_again_when_it_is_let_in(load: Load) -> None:
    days = Days(load)
    assert days.day(d1__a=(Sale(1, order=1), Sale(2, order=2)))
    table = days.model.table
    assert days.day(d2__b=(Sale(3, order=3), Sale(4, order=4), *([Sale(1)] if load.is_snapshot else [])))
    after = days.model.state
    days.model.roll_back(table)
    assert days.model.state == table.state
    assert days.model.unread_files() == {}
    days.model.skipped.clear()
    assert days.model.run()
    assert days.model.state == after
