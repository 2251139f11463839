"""Small days of trades at random: new objects, corrections, duplicates and bad ones."""

import random
from dataclasses import dataclass

from tests.faults.lake import FaultyLake
from tests.faults.model import ELSEWHERE, Sale

NAMES = "abcdef"
DAYS = ("2025-01-01", "2025-01-15", "2025-02-01")
REGIONS = ("US-EAST", "EU-WEST", ELSEWHERE)
BAD_SHARE, TWICE_SHARE = 0.08, 0.08  # shares of days with an object that breaks the contract, or comes under two keys


@dataclass
class Arrivals:
    """Lets days arrive in a lake, the same ones for the same `draw`.

    Where the contract refuses a key that comes twice each object has keys of its own; where the newer row wins they share
    a few. Each has a sale that no other has, so that no run publishes nothing.
    """

    faulty: FaultyLake
    draw: random.Random
    last_number: int = 100_000

    def arrive_day(self) -> None:
        """Let one to three objects arrive, some of them new versions."""
        for name in self.draw.sample(NAMES, self.draw.randint(1, 3)):
            self.arrive_object(name)
        chance = self.draw.random()
        name, other_name = self.draw.sample(NAMES, 2)
        if chance < BAD_SHARE:
            self.last_number += 1
            self.faulty.arrive_file(name, Sale(self.last_number, quantity=0))
        elif chance < BAD_SHARE + TWICE_SHARE:
            self.faulty.arrive_file(other_name, *self.arrive_object(name))

    def arrive_new_objects(self, flood: int) -> None:
        """Let one or two objects arrive that never were there: of a few rows each, or of so many as a flood has."""
        for _ in range(self.draw.randint(1, 2)):
            first = self.last_number + 1
            self.last_number += flood or self.draw.randint(2, 6)
            trades = [Sale(number) for number in range(first, self.last_number + 1)]
            self.faulty.arrive_file(f"new{first}", *trades)

    def arrive_eventful_day(self) -> None:
        """Let a day arrive on which a run comes to every step: a correction, keys that come twice, rows to set aside."""
        held_keys = sorted(self.faulty.model.published_files)
        again = held_keys[0].removeprefix("trades/").removesuffix(".csv") if held_keys else NAMES[0]
        other_names = [name for name in NAMES if name != again]
        extra = [Sale(1)] if self.faulty.model.replace else []
        for name in (again, other_names[0]):
            self.last_number += 1
            self.faulty.arrive_file(name, Sale(self.last_number, region=ELSEWHERE), *self.draw_trades(name, extra))

    def mend_objects(self) -> None:
        """Put a good object in the place of each that there is or was."""
        for key in sorted(self.faulty.model.published_files | self.faulty.model.raw):
            self.arrive_object(key.removeprefix("trades/").removesuffix(".csv"))

    def arrive_object(self, name: str) -> list[Sale]:
        """Let a good object arrive; return its trades."""
        trades = self.draw_trades(name)
        self.faulty.arrive_file(name, *trades)
        return trades

    def draw_trades(self, name: str, some: list[Sale] | None = None) -> list[Sale]:
        """Return a few good trades, `some` and others."""
        self.last_number += 1
        if name not in NAMES:  # an object that came once, of a day of new ones
            return [Sale(self.last_number)]
        first = 1 if self.faulty.model.replace else 1000 * (1 + NAMES.index(name))
        taken = {sale.number for sale in some or ()}
        numbers = [
            number
            for number in self.draw.sample(range(first, first + 12), self.draw.randint(0, 6))
            if number not in taken
        ]
        return [Sale(self.last_number), *(some or ()), *map(self._draw_sale, numbers)]

    def _draw_sale(self, number: int) -> Sale:
        draw = self.draw
        return Sale(number, draw.randint(1, 9), draw.randint(1, 9999), draw.choice(DAYS), draw.choice(REGIONS))
