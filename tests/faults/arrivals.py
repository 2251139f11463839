"""Small days of trades at random, by the lake's load: new objects, corrections, duplicates and bad ones."""

import random
from dataclasses import dataclass

from tests.faults.lake import FaultyLake
from tests.faults.trades import ELSEWHERE, Load, Sale

NAMES = "abcdef"
DAYS = ("2025-01-01", "2025-01-15", "2025-02-01")
REGIONS = ("US-EAST", "EU-WEST", ELSEWHERE)
BAD_SHARE, TWICE_SHARE = 0.08, 0.08  # shares of days with an object that breaks the contract, or comes under two keys
NEW_COPY_SHARE = 0.6  # of a snapshot's objects: those that are a copy of their own
LATE_SHARE, LATEST = 0.3, 40  # of changes: those that come late, and by how many others at most
BASE = tuple(Sale(number) for number in range(2001, 2009))  # rows that each copy of a snapshot has
PARTS = ("p0", "p1")  # of a folder
IN_FIRST_PART = len(BASE)  # rows; so the other part has one, too


@dataclass
class Arrivals:
    """Lets days arrive in a lake, the same ones for the same `draw`.

    Where the contract refuses a key that comes twice each object has keys of its own; else they share a few. Each has a
    sale that no other has, so that no run publishes nothing. Rows of a snapshot are often as they were.
    """

    faulty: FaultyLake
    draw: random.Random
    last_number: int = 100_000
    last_order: int = 0

    @property
    def load(self) -> Load:
        """How the lake's files come into its table."""
        return self.faulty.load

    def arrive_day(self) -> None:
        """Let one to three objects arrive, some of them new versions."""
        for name in self._draw_names(self.draw.randint(1, 3)):
            self.arrive_object(name)
        chance = self.draw.random()
        name, other_name = self._draw_names(2)
        if chance < BAD_SHARE:
            self.arrive_bad_object(name)
        elif chance < BAD_SHARE + TWICE_SHARE:
            self.arrive_twice(name, other_name)

    def arrive_bad_object(self, name: str) -> None:
        """Let an object arrive that the contract refuses: for a row, for a copy that is cut off, or for two changes at once."""
        new = self._new_sale()
        if self.load is Load.CHANGES and self.draw.random() < 0.5:
            self._put(name, [new, new._replace(quantity=2)])
        elif self.load.is_snapshot and self.draw.random() < 0.5:
            self._put(self._new_name(), [new])
        else:
            self._put(name, [new._replace(quantity=0)])

    def arrive_twice(self, name: str, other_name: str) -> None:
        """Let the same rows arrive under two keys."""
        self._put(other_name, self.arrive_object(name))

    def arrive_new_objects(self, flood: int) -> None:
        """Let one or two objects arrive that never were there: of a few rows each, or of so many as a flood has."""
        for _ in range(self.draw.randint(1, 2)):
            if self.load.is_snapshot:
                self.arrive_object(self._new_name())
                continue
            count = flood or self.draw.randint(2, 6)
            trades = [self._new_sale() for _ in range(count)]
            self.faulty.arrive_file(f"new{trades[0].number}", *trades)

    def arrive_eventful_day(self) -> None:
        """Let a day arrive on which a run comes to every step: a correction, keys that come twice, rows to set aside."""
        if self.load.is_snapshot:
            aside = self._new_sale()._replace(region=self._region(ELSEWHERE))
            self._put(self._new_name(), [*self.draw_trades("a"), aside])
            return
        held_keys = sorted(self.faulty.model.published_files)
        again = name_of(held_keys[0]) if held_keys else NAMES[0]
        other_names = [name for name in NAMES if name != again]
        for name in (again, other_names[0]):
            extra = [self._order(Sale(1))] if self.load is not Load.APPEND else []
            aside = self._new_sale()._replace(region=self._region(ELSEWHERE))
            self._put(name, [aside, *self.draw_trades(name, extra)])

    def mend_objects(self) -> None:
        """Put a good object in the place of each that there is or was; of a snapshot, of each that is unread."""
        model = self.faulty.model
        keys = model.unread_files() if self.load.is_snapshot else model.published_files | model.raw
        for name in sorted({name_of(key).partition("/")[0] for key in keys}):
            self.arrive_object(name)

    def arrive_object(self, name: str) -> list[Sale]:
        """Let a good object arrive, a folder whole or a part of one; return its trades."""
        trades = self.draw_trades(name.partition("/")[0])
        if "/" in name and not name.endswith(PARTS[0]):
            self.faulty.arrive_file(name, *trades[IN_FIRST_PART:])
        elif "/" in name:
            self.faulty.arrive_file(name, *trades[:IN_FIRST_PART])
        else:
            self._put(name, trades)
        if "/" in name:  # what is put behind a marker waits for another one
            self.faulty.complete_folder(name.partition("/")[0])
        return trades

    def draw_trades(self, name: str, some: list[Sale] | None = None) -> list[Sale]:
        """Return a few good trades, `some` and others."""
        if name not in NAMES and not self.load.is_snapshot:  # an object that came once, of a day of new ones
            return [self._new_sale()]
        taken = {sale.number for sale in some or ()}
        first = 1000 * (1 + NAMES.index(name)) if self.load is Load.APPEND else 1
        numbers = [
            number
            for number in self.draw.sample(range(first, first + 12), self.draw.randint(0, 6))
            if number not in taken
        ]
        if self.load is Load.CHANGES:  # several of one key
            numbers += self.draw.choices(range(1, 13), k=self.draw.randint(0, 3))
        base = BASE if self.load.is_snapshot else ()
        return [self._new_sale(), *base, *(some or ()), *map(self._draw_sale, numbers)]

    def _draw_names(self, count: int) -> list[str]:
        """Return names of so many objects: a few that come again and again, and of a snapshot new ones."""
        names = self.draw.sample(NAMES, count)
        if self.load.is_snapshot:
            return [self._new_name() if self.draw.random() < NEW_COPY_SHARE else name for name in names]
        return names

    def _new_name(self) -> str:
        self.last_number += 1
        return f"n{self.last_number}"

    def _new_sale(self) -> Sale:
        self.last_number += 1
        return self._order(Sale(self.last_number))

    def _draw_sale(self, number: int) -> Sale:
        draw = self.draw
        region = self._region(draw.choice(REGIONS))
        if self.load.is_snapshot:
            return Sale(number, draw.randint(1, 2), region=region)
        sale = Sale(number, draw.randint(1, 9), draw.randint(1, 9999), draw.choice(DAYS), region)
        return self._order(sale, draw.choice("IUUD")) if self.load is Load.CHANGES else sale

    def _order(self, sale: Sale, operation: str = "I") -> Sale:
        """Return a sale as the next change, or as one that comes late; no two have one order."""
        if self.load is not Load.CHANGES:
            return sale
        self.last_order += 1
        late = self.draw.randint(1, LATEST) if self.draw.random() < LATE_SHARE else 0
        return sale._replace(order=10_000 * (self.last_order - late) + self.last_order, operation=operation)

    def _region(self, region: str) -> str:
        """Return a region; those elsewhere are of one row each, so that the contract comes to know them one by one."""
        if region != ELSEWHERE:
            return region
        self.last_number += 1
        return f"{ELSEWHERE} {self.last_number}"

    def _put(self, name: str, trades: list[Sale]) -> None:
        if self.load is Load.FOLDERS:
            parts = trades[:IN_FIRST_PART], trades[IN_FIRST_PART:]
            self.faulty.arrive_folder(name, **dict(zip(PARTS, parts, strict=True)))
        else:
            self.faulty.arrive_file(name, *trades)


def name_of(key: str) -> str:
    """Return the name of a raw file by its key."""
    return key.removeprefix("trades/").removesuffix(".csv")
