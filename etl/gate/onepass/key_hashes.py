"""The keys of a run as a set of hashes: whether one of very many rows may have one of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

SPARSE_BITS = 5  # of 32 places of the table at most one is taken, so that 3 of 100 other keys are looked for
MAX_TABLE_BITS = 26  # a byte each: 64 MiB


@dataclass(frozen=True)
class KeyHashes:
    """Hashes of 64 bits, sorted and distinct; `all_differ` says that no two keys have had the same."""

    hashes: np.ndarray
    all_differ: bool
    _is_taken: np.ndarray = field(init=False, repr=False)
    _shift: np.uint64 = field(init=False, repr=False)

    @classmethod
    def from_hashes(cls, parts: Iterable[np.ndarray]) -> "KeyHashes":
        """Take the hashes of keys, of which there is at least one."""
        every_hash = np.concatenate([*parts])
        distinct = np.unique(every_hash)
        return cls(distinct, len(distinct) == len(every_hash))

    def __post_init__(self) -> None:
        """Mark, by the first bits of a hash, where there is one."""
        bits = min(len(self.hashes).bit_length() + SPARSE_BITS, MAX_TABLE_BITS)
        object.__setattr__(self, "_shift", np.uint64(64 - bits))
        object.__setattr__(self, "_is_taken", np.zeros(1 << bits, np.bool_))
        self._is_taken[self._places(self.hashes)] = True

    def find_common(self, hashes: np.ndarray) -> np.ndarray:
        """Return the positions of those that are among these, in their order."""
        likely = np.flatnonzero(self._is_taken[self._places(hashes)])
        candidates = hashes[likely]
        nearest = np.minimum(np.searchsorted(self.hashes, candidates), len(self.hashes) - 1)
        return likely[self.hashes[nearest] == candidates]

    def _places(self, hashes: np.ndarray) -> np.ndarray:
        return (hashes >> self._shift).view(np.int64)
