"""Bytes that come in chunks as a stream of Python's: for objects, and for files of this machine."""

import io
from collections.abc import Iterator
from typing import Any

BUFFER_BYTES = 1 << 20  # bytes


class ChunkReader(io.RawIOBase):
    """Chunks of bytes as a stream that Python's `io` reads."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        """Read from chunks."""
        self._chunks, self._rest = chunks, memoryview(b"")

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; return how many bytes that were, 0 at the end."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def buffered_stream(chunks: Iterator[bytes]) -> io.BufferedReader:
    """Return chunks as a stream with `read` and `peek`."""
    return io.BufferedReader(ChunkReader(chunks), BUFFER_BYTES)
