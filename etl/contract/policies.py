"""What a suite chooses for a conflict: of keys, of a bad object with good ones, of a copy, of a dataset with what it needs."""

from enum import StrEnum
from typing import assert_never


class ConflictPolicy(StrEnum):
    """What a key means that the table holds from another object.

    Members:
        REFUSE: a violation of the key's rule.
        REPLACE: the newer object's row wins.
    """

    REFUSE = "refuse"
    REPLACE = "replace"

    @property
    def replaces_rows(self) -> bool:
        """Whether a newer row takes the place of an older one."""
        match self:
            case ConflictPolicy.REFUSE:
                return False
            case ConflictPolicy.REPLACE:
                return True
            case _:
                assert_never(self)


class PoisonPolicy(StrEnum):
    """What an object that breaks the contract does to the run's others.

    Members:
        BLOCK: none of them is published.
        ISOLATE: they are published, and the run fails all the same.
    """

    BLOCK = "block"
    ISOLATE = "isolate"

    @property
    def publishes_others(self) -> bool:
        """Whether the other objects of the run are published."""
        match self:
            case PoisonPolicy.BLOCK:
                return False
            case PoisonPolicy.ISOLATE:
                return True
            case _:
                assert_never(self)


class CopyPolicy(StrEnum):
    """What a raw object means that has the ETag and the size of another one, where rows have no key.

    Members:
        REFUSE: a violation of `structure.copy`.
        ALLOW: its rows are published beside the other's.
    """

    REFUSE = "refuse"
    ALLOW = "allow"

    @property
    def publishes_copies(self) -> bool:
        """Whether rows of a copy are published."""
        match self:
            case CopyPolicy.REFUSE:
                return False
            case CopyPolicy.ALLOW:
                return True
            case _:
                assert_never(self)


class FailedNeedPolicy(StrEnum):
    """What a flow does with a dataset where one that it needs failed.

    Members:
        RUN: it runs all the same.
        STOP: it does not run.
    """

    RUN = "run"
    STOP = "stop"

    @property
    def stops_dataset(self) -> bool:
        """Whether the dataset does not run."""
        match self:
            case FailedNeedPolicy.RUN:
                return False
            case FailedNeedPolicy.STOP:
                return True
            case _:
                assert_never(self)
