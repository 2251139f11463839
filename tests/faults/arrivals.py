"""Small days of sales at random: new objects, corrections, duplicates and bad ones."""

import random
from dataclasses import dataclass

from tests.faults.lake import Faulty
from tests.faults.model import ELSEWHERE, Sale

NAMES = "abcdef"
DAYS = ("2025-01-01", "2025-01-15", "2025-02-01")
REGIONS = ("US-EAST", "EU-WEST", ELSEWHERE)
BAD, TWICE = 0.08, 0.08  # shares of days with an object that breaks the contract, or comes under two keys


@dataclass
class Arrivals:
    """Lets days arrive in a lake, the same ones for the same `draw`.

    Where the contract refuses a key that comes twice each object has keys of its own; where the newer row wins they share
    a few. Each has a sale that no other has, so that no run publishes nothing.
    """

    faulty: Faulty
    draw: random.Random
    own: int = 100_000

    def day(self) -> None:
        """Let one to three objects arrive, some of them new versions."""
        for name in self.draw.sample(NAMES, self.draw.randint(1, 3)):
            self.arrive(name)
        chance = self.draw.random()
        name, other = self.draw.sample(NAMES, 2)
        if chance < BAD:
            self.own += 1
            self.faulty.arrive(name, Sale(self.own, quantity=0))
        elif chance < BAD + TWICE:
            self.faulty.arrive(other, *self.arrive(name))

    def eventful(self) -> None:
        """Let a day arrive on which a run comes to every step: a correction, keys that come twice, rows to set aside."""
        held = sorted(self.faulty.model.held)
        again = held[0].removeprefix("sales/").removesuffix(".csv") if held else NAMES[0]
        others = [name for name in NAMES if name != again]
        extra = [Sale(1)] if self.faulty.model.replace else []
        for name in (again, others[0]):
            self.own += 1
            self.faulty.arrive(name, Sale(self.own, region=ELSEWHERE), *self.sales(name, extra))

    def mend(self) -> None:
        """Put a good object in the place of each that there is or was."""
        for key in sorted(self.faulty.model.held | self.faulty.model.raw):
            self.arrive(key.removeprefix("sales/").removesuffix(".csv"))

    def arrive(self, name: str) -> list[Sale]:
        """Let a good object arrive; return its sales."""
        sales = self.sales(name)
        self.faulty.arrive(name, *sales)
        return sales

    def sales(self, name: str, some: list[Sale] | None = None) -> list[Sale]:
        """Return a few good sales, `some` and others."""
        self.own += 1
        first = 1 if self.faulty.model.replace else 1000 * (1 + NAMES.index(name))
        taken = {sale.number for sale in some or ()}
        numbers = [
            one for one in self.draw.sample(range(first, first + 12), self.draw.randint(0, 6)) if one not in taken
        ]
        return [Sale(self.own), *(some or ()), *map(self._sale, numbers)]

    def _sale(self, number: int) -> Sale:
        draw = self.draw
        return Sale(number, draw.randint(1, 9), draw.randint(1, 9999), draw.choice(DAYS), draw.choice(REGIONS))
