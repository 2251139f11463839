"""What became of a rule in a run, and which pass said so: the closed sets of a rule's result."""

from collections.abc import Mapping
from enum import StrEnum, unique
from typing import Any, Self


@unique
class RuleState(StrEnum):
    """What became of a rule in a run.

    Members:
        NOT_EVALUATED: it was not judged; what it compares with is not published.
        HELD: the data kept it.
        BROKEN: the data broke it.
        ERROR: it could not be judged, through no fault of the data; the run fails.

    Attributes:
        rank: how bad it is: of two results of a rule, the one with the higher rank counts.
        label: the state in words.
        is_conclusive: whether the data was judged, and kept the rule or broke it.
    """

    _value_: str
    rank: int
    label: str
    is_conclusive: bool

    NOT_EVALUATED = "not_evaluated", 0, "not evaluated", False
    HELD = "held", 1, "held", True
    BROKEN = "broken", 2, "broken", True
    ERROR = "error", 3, "in error", False

    def __new__(cls, text: str, rank: int, label: str, is_conclusive: bool) -> Self:
        """Make the member of a verdict's text."""
        state = str.__new__(cls, text)
        state._value_ = text
        state.rank, state.label, state.is_conclusive = rank, label, is_conclusive
        return state

    @classmethod
    def from_outcome(cls, held: bool) -> "RuleState":
        """Return the state of a rule that was judged."""
        return cls.HELD if held else cls.BROKEN

    @classmethod
    def from_verdict_rule(cls, rule: Mapping[str, Any]) -> "RuleState":
        """Return the state of a verdict file's rule; verdicts before states have `held`, and `evaluated` where it is false.

        Raises:
            KeyError, ValueError: it is no rule of a verdict.
        """
        if "state" in rule:
            return cls(rule["state"])
        return cls.from_outcome(rule["held"]) if rule.get("evaluated", True) else cls.NOT_EVALUATED


class Evaluation(StrEnum):
    """Which pass judged a rule.

    Members:
        OBSERVED: the pass that wrote the rows.
        COMPUTED: a pass of its own.
    """

    OBSERVED = "observed"
    COMPUTED = "computed"


OBSERVED, COMPUTED = Evaluation
