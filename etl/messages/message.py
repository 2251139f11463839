"""A message as the outbox has it: who is told what, or why nobody is.

The object `outbox/<dataset>/<run-id>.json` is this record. Whoever tells publishes its texts as they stand.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, assert_never

from etl.contract.severity import Severity

VERSION = 1  # a field more is none of another version, a new meaning is
NO_OWNER = "stack"
"""The owner of a message that is about no dataset, or about one whose contract could not be read."""


class MessageKind(StrEnum):
    """What a message says.

    Members:
        BAD: a critical rule broke, or the run itself failed.
        SET_ASIDE: the run published, and set rows aside.
        GOOD_AGAIN: what was said to be bad is good.
        RESULTS: the run is good, and its results could not be written, or earlier ones not read.
        NONE: there is nothing to say.
    """

    BAD = "bad"
    SET_ASIDE = "set_aside"
    GOOD_AGAIN = "good_again"
    RESULTS = "results"
    NONE = "none"

    @property
    def is_remembered(self) -> bool:
        """Whether what it said is kept, so that it is not said again."""
        match self:
            case MessageKind.BAD | MessageKind.SET_ASIDE | MessageKind.RESULTS:
                return True
            case MessageKind.GOOD_AGAIN | MessageKind.NONE:
                return False
            case _:
                assert_never(self)


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        kind: what it says.
        severity: who hears it.
        dataset, owner: what it is about, and who answers for the data.
        run_date, run_id: the run's day as ISO text, and its id.
        send: whether people are to be told.
        why_not: why they are not, in words; "" where they are.
        subject: a line of printable ASCII, shorter than 100 characters.
        email: plain text.
        chat: a custom notification of AWS's chat integration.
        event: a flat object for other endpoints.
    """

    kind: MessageKind
    severity: Severity
    dataset: str
    owner: str
    run_date: str
    run_id: str
    send: bool
    why_not: str = ""
    subject: str = ""
    email: str = ""
    chat: Mapping[str, Any] = field(default_factory=dict[str, Any])
    event: Mapping[str, str | int] = field(default_factory=dict[str, str | int])

    def as_json(self) -> dict[str, Any]:
        """Return the outbox's object."""
        return {"version": VERSION, **asdict(self)}
