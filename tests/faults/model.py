"""What the published table must be, in plain Python: no Spark, no Iceberg, and nothing of etl."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

HEADER = "transaction_id,customer_id,product_id,quantity,unit_price,transaction_date,region"
ELSEWHERE = "MARS"  # a region that the lake's contract sets aside


class Sale(NamedTuple):
    """One sale of a file: its number, how many were sold, the price in cents, the day as ISO text, the region."""

    number: int
    quantity: int = 1
    cents: int = 100
    day: str = "2025-01-01"
    region: str = "US-EAST"

    @property
    def line(self) -> str:
        """The sale as a line of CSV."""
        price = f"{self.cents // 100}.{self.cents % 100:02}"
        return f"TXN{self.number},CUST1,PROD1,{self.quantity},{price},{self.day},{self.region}"

    def published_row(self, key: str, version: str) -> tuple[object, ...]:
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
        return (*contract_values, price * self.quantity, key, version)

    @property
    def is_good(self) -> bool:
        """Whether the contract accepts it, or at least sets it aside."""
        return 1 <= self.quantity <= 1000


def trades_csv(trades: Iterable[Sale]) -> bytes:
    """Return a file of these trades."""
    return "\n".join((HEADER, *(sale.line for sale in trades), "")).encode()


@dataclass(frozen=True)
class File:
    """A version of a raw object; `put` is when S3 says it was put, as ISO text."""

    version: str
    put: str
    trades: tuple[Sale, ...]


class State(NamedTuple):
    """What readers may see at one moment: rows in order, raw objects by key with their version, and what is set aside."""

    rows: tuple[tuple[object, ...], ...]
    held: tuple[tuple[str, str], ...]
    aside: tuple[tuple[str, str, str], ...]


@dataclass
class Model:
    """The raw files, and those that are published; `replace` as the contract's `on_conflict`."""

    replace: bool
    raw: dict[str, File] = field(default_factory=dict)
    published_files: dict[str, File] = field(default_factory=dict)

    def unread_files(self, raw: Mapping[str, File] | None = None) -> dict[str, File]:
        """Return the files that a run would take; `raw` are those that it listed, all by default."""
        return {
            key: file
            for key, file in (self.raw if raw is None else raw).items()
            if self.published_files.get(key) != file
        }

    def breaks_contract(self, raw: Mapping[str, File] | None = None) -> bool:
        """Say whether a run would break the contract."""
        unread = self.unread_files(raw)
        ids = [
            Counter(sale.number for sale in file.trades if sale.region != ELSEWHERE)
            for file in (self.published_files | unread).values()
        ]
        together = [sum(ids, Counter[int]())]
        twice = any(max(counts.values(), default=0) > 1 for counts in (ids if self.replace else together))
        return bool(unread) and (twice or not all(sale.is_good for file in unread.values() for sale in file.trades))

    def run(self, raw: Mapping[str, File] | None = None) -> bool:
        """Publish what is unread, or nothing of it; return whether it went well."""
        if self.breaks_contract(raw):
            return False
        self.published_files = self.published_files | self.unread_files(raw)
        return True

    def state_after(self, raw: Mapping[str, File] | None = None) -> State:
        """Return what readers see after a run, whether it goes well or not."""
        later = Model(self.replace, self.raw, self.published_files)
        later.run(raw)
        return later.state

    @property
    def state(self) -> State:
        """What readers see: of rows with one id, that of the file that was put last, by key where that is even."""
        rows: dict[int, tuple[object, ...]] = {}
        for key, file in sorted(self.published_files.items(), key=lambda item: (item[1].put, item[0])):
            for sale in file.trades:
                if sale.region != ELSEWHERE:
                    rows[sale.number] = sale.published_row(key, file.version)
        quarantined = sorted(
            (key, file.version, f"TXN{sale.number}")
            for key, file in self.published_files.items()
            for sale in file.trades
            if sale.region == ELSEWHERE
        )
        held_versions = sorted((key, file.version) for key, file in self.published_files.items())
        return State(tuple(sorted(rows.values(), key=repr)), tuple(held_versions), tuple(quarantined))
