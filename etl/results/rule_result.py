"""One rule's outcome in a run: its state, how many rows broke it, and samples with the rows' origins."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, assert_never

from pydantic import computed_field

from etl.contract.sample_values import MAX_SAMPLES
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.results.merging import OF_RUN, SUM, MergeRule, keep_value, merge_two, merge_values
from etl.results.row_origin import Origin, sample_in_words
from etl.results.rule_state import COMPUTED, Evaluation, RuleState
from etl.results.schema_settings import SCHEMA_SETTINGS
from etl.wording import join_names, shorten_text

MAX_RULES_NAMED, MAX_RULE_LENGTH = 10, 300  # rules in a message, and characters of each: the verdict has them all


def _merge_evidence(first: "RuleResult", second: "RuleResult", name: str) -> tuple[Any, ...]:
    """Return `samples`, `places` or `also` of the first distinct samples of both: a sample keeps its own origins."""
    values: dict[str | None, Any] = {}
    for result in (first, second):
        for sample, value in zip(result.samples, getattr(result, name), strict=True):
            values.setdefault(sample, value)
    return tuple(values.values())[:MAX_SAMPLES]


def _add_known(first: int | None, second: int | None) -> int | None:
    return first if second is None else second if first is None else first + second


WORST_STATE = MergeRule(
    keep_value, merge_values(lambda first, second: max(first, second, key=lambda state: state.rank))
)
EVIDENCE = MergeRule(keep_value, _merge_evidence)
KNOWN_SUM = MergeRule(keep_value, merge_values(_add_known))
OF_BOTH = MergeRule(keep_value, merge_values(lambda first, second: first if first == second else None))
"""What was observed of a part is nothing of the whole, unless both say the same."""


@dataclass(frozen=True)
class RuleResult:
    """One rule's outcome."""

    __pydantic_config__ = SCHEMA_SETTINGS

    rule: Annotated[str, OF_RUN]
    """The rule's stable id."""
    stage: Annotated[Stage, OF_RUN]
    """Where the rule is judged."""
    severity: Annotated[Severity, OF_RUN]
    """What breaking it does to a run."""
    state: Annotated[RuleState, WORST_STATE]
    """What became of it."""
    unexpected: Annotated[int, SUM] = 0
    """Rows that broke it; objects, for a rule about objects; 1 for a rule about the whole."""
    samples: Annotated[tuple[str | None, ...], EVIDENCE] = ()
    """A few of the offending values as text, null for a null; masked where they are about a person. Of a rule in error,
    what the engine said; of one that was not evaluated since its history gave no bound, why."""
    why: Annotated[str, OF_RUN] = ""
    """The reviewer's sentence, or what to do."""
    way: Annotated[Evaluation, OF_RUN] = COMPUTED
    """Who judged it: "observed" where the pass that wrote the rows did, "computed" where a pass of its own did."""
    places: Annotated[tuple[Origin | None, ...], EVIDENCE] = ()
    """Where the rows are from that the samples show, in their order; null where that is not known."""
    also: Annotated[tuple[Origin | None, ...], EVIDENCE] = ()
    """The same for a second row that has the key, of a key that stands twice."""
    rows_judged: Annotated[int | None, KNOWN_SUM] = None
    """Rows of its stage that it was held against, whether or not it has a condition; objects, for a rule about objects;
    groups, for a sum. Null where it was not judged, or where nobody counted."""
    observed: Annotated[str | None, OF_BOTH] = None
    """What was observed of the whole as text, also where the rule held; masked where it is a value about a person. Null for
    a rule about rows, and where objects went through the gate one by one and their values differ."""

    def __post_init__(self) -> None:
        """Refuse an unknown stage, severity, state or pass. Let there be a place for each sample.

        Raises:
            ValueError: it is none.
        """
        for name, choice in (("stage", Stage), ("severity", Severity), ("state", RuleState), ("way", Evaluation)):
            object.__setattr__(self, name, choice(getattr(self, name)))
        for name in ("places", "also"):
            padded = (*getattr(self, name), *(None for _ in self.samples))
            object.__setattr__(self, name, padded[: len(self.samples)])

    @computed_field
    @property
    def held(self) -> bool:
        """Whether the data kept it; for readers that know no states."""
        return self.state is RuleState.HELD

    @computed_field
    @property
    def evaluated(self) -> bool:
        """Whether it was judged, or tried to be; for readers that know no states."""
        return self.state is not RuleState.NOT_EVALUATED

    @property
    def broken(self) -> bool:
        """Whether the data broke it."""
        return self.state is RuleState.BROKEN

    @property
    def in_error(self) -> bool:
        """Whether it could not be judged, through no fault of the data."""
        return self.state is RuleState.ERROR

    @property
    def stops_run(self) -> bool:
        """Whether the run fails for it: it is critical and the data broke it, or it could not be judged."""
        match self.state:
            case RuleState.BROKEN:
                return self.severity.stops_run
            case RuleState.ERROR:
                return True
            case RuleState.HELD | RuleState.NOT_EVALUATED:
                return False
            case _:
                assert_never(self.state)

    def judging(self, rows: int) -> "RuleResult":
        """Return it with the number of rows that it was held against, where it was held against any."""
        return replace(self, rows_judged=rows) if self.state.is_conclusive else self

    def as_error(self, error: str) -> "RuleResult":
        """Return it as in error; `error` is what the engine said, masked already."""
        return replace(self, state=RuleState.ERROR, unexpected=0, samples=(error,), rows_judged=None, observed=None)

    @property
    def in_words(self) -> str:
        """The rule, how many broke it, and samples, for a message; of one in error, what was said."""
        if self.in_error:
            return f"{self.rule} ({', '.join(map(str, self.samples))})"
        samples = ", ".join(map(sample_in_words, self.samples, self.places))
        return f"{self.rule} ({self.unexpected}: {samples})" if samples else f"{self.rule} ({self.unexpected})"


def merge_results(first: RuleResult, second: RuleResult) -> RuleResult:
    """Return a rule's result on two parts as one: the worse one, or of two broken ones their sum."""
    both = merge_two(first, second)
    if first.broken and second.broken:
        return both
    worse = max(first, second, key=lambda result: result.state.rank)
    if not (first.state.is_conclusive and second.state.is_conclusive):
        return worse
    return replace(worse, rows_judged=both.rows_judged, observed=both.observed)


def merge_by_rule(first: Sequence[RuleResult], second: Sequence[RuleResult]) -> list[RuleResult]:
    """Return the results of two parts, one of each rule."""
    merged = {result.rule: result for result in first}
    for result in second:
        merged[result.rule] = merge_results(merged[result.rule], result) if result.rule in merged else result
    return list(merged.values())


def describe_results(results: Sequence[RuleResult]) -> str:
    """Return results for a message: the first of them with counts and samples, and how many more there are."""
    return join_names([shorten_text(result.in_words, MAX_RULE_LENGTH) for result in results], MAX_RULES_NAMED, "; ")
