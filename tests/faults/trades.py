"""Raw files of trades in plain Python: their rows, what these say under each load, and what readers see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

HEADER = "transaction_id,customer_id,product_id,quantity,unit_price,transaction_date,region"
ELSEWHERE = "MARS"  # how regions begin that the lake's contract sets aside


class Load(StrEnum):
    """How a lake's files come into its table."""

    APPEND = "append"
    UPSERT = "upsert"
    FILES = "snapshot of a file"
    FOLDERS = "snapshot of a folder"
    CHANGES = "changes"

    @property
    def is_snapshot(self) -> bool:
        """Whether a file, or a folder, is the whole table."""
        return self in (Load.FILES, Load.FOLDERS)


class Sale(NamedTuple):
    """One sale of a file: its number, how many were sold, the price in cents, the day as ISO text, the region.

    Of changes also the `order`, and what is done: I, U or D.
    """

    number: int
    quantity: int = 1
    cents: int = 100
    day: str = "2025-01-01"
    region: str = "US-EAST"
    order: int = 0
    operation: str = "I"

    @property
    def line(self) -> str:
        """The sale as a line of CSV."""
        price = f"{self.cents // 100}.{self.cents % 100:02}"
        return f"TXN{self.number},CUST1,PROD1,{self.quantity},{price},{self.day},{self.region}"

    @property
    def change_line(self) -> str:
        """The change as a line of CSV: a delete carries its key and its order only."""
        return f"{self.operation},{self.order}," + (f"TXN{self.number},,,,,," if self.is_delete else self.line)

    def published_row(self, key: str, version: str, load: Load = Load.APPEND) -> tuple[object, ...]:
        """The row that readers see: the contract's columns in order, then the object and its version."""
        price = Decimal(self.cents).scaleb(-2)
        contract_values = (
            f"TXN{self.number}",
            "CUST1",
            "PROD1",
            self.quantity,
            price,
            date.fromisoformat(self.day),
            self.region,
        )
        order = (self.order,) if load is Load.CHANGES else ()
        return (*contract_values, price * self.quantity, *order, key, version)

    @property
    def is_delete(self) -> bool:
        """Whether it removes its number."""
        return self.operation == "D"

    @property
    def is_good(self) -> bool:
        """Whether the contract accepts it, or at least sets it aside."""
        return self.is_delete or 1 <= self.quantity <= 1000


def trades_csv(trades: Iterable[Sale], load: Load = Load.APPEND) -> bytes:
    """Return a file of these trades."""
    if load is Load.CHANGES:
        return "\n".join((f"op,sequence,{HEADER}", *(sale.change_line for sale in trades), "")).encode()
    return "\n".join((HEADER, *(sale.line for sale in trades), "")).encode()


@dataclass(frozen=True)
class File:
    """A version of a raw object; `put` is when S3 says it was put, as ISO text, `first` when any version of its key was."""

    version: str
    put: str
    trades: tuple[Sale, ...]
    first: str = ""

    def positions_aside(self, accepted: frozenset[str]) -> frozenset[int]:
        """Return the positions of the trades whose region is elsewhere, and not `accepted` by now."""
        return frozenset(
            position
            for position, sale in enumerate(self.trades)
            if not sale.is_delete and sale.region.startswith(ELSEWHERE) and sale.region not in accepted
        )


class Tombstone(NamedTuple):
    """A key that changes deleted: its last order, and of which object's version that was."""

    number: int
    order: int
    key: str
    version: str


class State(NamedTuple):
    """What readers may see at one moment: rows in order, raw objects by key with their version, and what is set aside.

    Beside these `tombstones`, which keep late changes out.
    """

    rows: tuple[tuple[object, ...], ...]
    held: tuple[tuple[str, str], ...]
    aside: tuple[tuple[str, str, str], ...]
    tombstones: tuple[Tombstone, ...] = ()
