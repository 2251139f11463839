"""What a run is told that withdraws an object: which, why, and who says so."""

import json
from argparse import ArgumentTypeError
from collections.abc import Iterable
from dataclasses import asdict, dataclass

FORM = '{"key": "orders/a.csv", "version": "...", "why": "...", "who": "...", "without": []}'


@dataclass(frozen=True)
class WithdrawRequest:
    """An operator's word that the rows of an object leave.

    Attributes:
        key: the object's.
        version: the version that the table holds, as the operator saw it; "" for whichever it is.
        why, who: what is kept with the skip of that version.
        without: keys of objects that its rows had replaced rows of, and that may stay away.
    """

    key: str
    version: str = ""
    why: str = ""
    who: str = ""
    without: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "WithdrawRequest":
        """Read the argument `--withdraw` of a job, a JSON object.

        Raises:
            ArgumentTypeError: it is none.
        """
        try:
            fields = json.loads(text)
            without = fields.pop("without", [])
            request = cls(**fields, without=tuple(without))
        except (ValueError, TypeError, AttributeError) as fault:
            raise ArgumentTypeError(f"{text!r} is no object to withdraw; write {FORM}") from fault
        texts: Iterable[object] = (request.key, request.version, request.why, request.who, *request.without)
        if not request.key or not isinstance(without, list) or not all(isinstance(value, str) for value in texts):
            raise ArgumentTypeError(f"{text!r} is no object to withdraw; write {FORM}")
        return request

    def as_argument(self) -> str:
        """Return the text that `parse` reads."""
        return json.dumps(asdict(self), ensure_ascii=False)
