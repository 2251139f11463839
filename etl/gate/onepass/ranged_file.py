"""An object on S3 as a file that is read by ranges."""

import io
from collections.abc import Callable
from typing import Any


class S3RangeReader(io.RawIOBase):
    """An object of `size` bytes as a file: what is read is asked for by its range, and nothing before."""

    def __init__(self, get: Callable[[str], Any], size: int) -> None:
        """Start at the first byte; `get` returns S3's answer to an HTTP `Range`."""
        super().__init__()
        self._get, self._size, self._position = get, size, 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read from anywhere."""
        return True

    def tell(self) -> int:
        """Return where the next byte is read."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move there."""
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer, with what is left at most."""
        end = min(self._position + len(buffer), self._size)
        if end <= self._position:
            return 0
        data = self._get(f"bytes={self._position}-{end - 1}")["Body"].read()
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
