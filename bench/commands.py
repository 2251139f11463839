"""The series by name; each measures, writes its section of the page and returns its last line."""

from collections.abc import Callable

from bench import bookkeeping, growth, tiny, versus
from bench.wanted import Wanted

COMMANDS: dict[str, Callable[[Wanted], str]] = {
    "peers": versus.run,
    "growth": growth.run,
    "ledger": bookkeeping.run,
    "tiny": tiny.run,
}
