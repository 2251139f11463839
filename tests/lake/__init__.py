"""A lake that only the tests know: contracts, transforms, stack files and days that differ from the user's own."""

from pathlib import Path

LAKE = Path(__file__).resolve().parent
DAYS = LAKE / "days"
"""Files of made-up days: of `trades` in CSV, of `buyers` in JSON lines."""
