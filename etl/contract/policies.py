"""What a suite chooses for a conflict: of keys, of a bad object with good ones, of a dataset with what it needs."""

from enum import StrEnum


class ConflictPolicy(StrEnum):
    """What a key means that the table holds from another object.

    Members:
        REFUSE: a violation of the key's rule.
        REPLACE: the newer object's row wins.
    """

    REFUSE = "refuse"
    REPLACE = "replace"


class PoisonPolicy(StrEnum):
    """What an object that breaks the contract does to the run's others.

    Members:
        BLOCK: none of them is published.
        ISOLATE: they are published, and the run fails all the same.
    """

    BLOCK = "block"
    ISOLATE = "isolate"


class FailedNeedPolicy(StrEnum):
    """What a flow does with a dataset where one that it needs failed.

    Members:
        RUN: it runs all the same.
        STOP: it does not run.
    """

    RUN = "run"
    STOP = "stop"
