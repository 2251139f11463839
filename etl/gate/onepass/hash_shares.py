"""Whether hashes all differ, in memory that does not grow with them: they wait on disk, and are compared share by share."""

import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from threading import Lock
from typing import IO

import numpy as np

HASHES_PER_SHARE = 1 << 20  # hashes in a share, 8 MiB; a thread has one in memory
MAX_SHARE_BITS = 7  # of a hash choose its share, at most: as many files are open


class Shares(ExitStack):
    """The hashes of `count` rows on disk, 8 bytes each, in files that have no name and do not outlive the process.

    Those that begin alike share a file. Several threads may add to them.
    """

    def __init__(self, count: int) -> None:
        """Open a file for each share."""
        super().__init__()
        bits = min((count // HASHES_PER_SHARE).bit_length(), MAX_SHARE_BITS)
        self._ends = np.arange(1, 1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
        self._files = [self._open_file() for _ in range(1 << bits)]
        self._locks = [Lock() for _ in self._files]

    def add_hashes(self, hashes: np.ndarray) -> None:
        """Put each with its like.

        Raises:
            OSError: the disk is full.
        """
        hashes.sort()
        hashes_by_share = np.split(hashes, np.searchsorted(hashes, self._ends))
        for file, lock, share in zip(self._files, self._locks, hashes_by_share, strict=True):
            with lock:
                file.write(share.data)

    def _open_file(self) -> IO[bytes]:
        return self.enter_context(tempfile.TemporaryFile())

    def all_differ(self, map_shares: Callable[[Callable[[IO[bytes]], bool], list[IO[bytes]]], Iterable[bool]]) -> bool:
        """Say whether no two are alike; `map_shares` maps a function over the shares, as a pool of threads does."""
        return all(map_shares(_are_distinct, self._files))


def _are_distinct(file: IO[bytes]) -> bool:
    file.seek(0)
    hashes = np.fromfile(file, np.uint64)
    hashes.sort()
    return not bool((hashes[1:] == hashes[:-1]).any())
