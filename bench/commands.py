"""The series by name; each measures, writes its section of the page and returns its last line."""

from collections.abc import Callable

from bench import bookkeeping, drawn, formats, growth, keys, tiny, versus
from bench.wanted import BenchOptions

COMMANDS: dict[str, Callable[[BenchOptions], str]] = {
    "peers": versus.run,
    "formats": formats.run,
    "drawn": drawn.run,
    "growth": growth.run,
    "ledger": bookkeeping.run,
    "keys": keys.run,
    "tiny": tiny.run,
}
