"""The file of prices, and what tools beside the bill take from it."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PRICES = Path(__file__).with_name("prices.json")


@dataclass(frozen=True)
class DpuHour:
    """What an hour of one of Glue's data processing units costs: US dollars, in a region, as of a day (ISO text)."""

    usd: float
    region: str
    date: str


@cache
def glue_dpu_hour() -> DpuHour:
    """Return the list price of a job's units."""
    content = json.loads(PRICES.read_text(encoding="utf-8"))
    return DpuHour(content["prices"]["glue_dpu_hour"]["usd"], content["region"], content["date"])
