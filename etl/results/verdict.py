"""What the gate found: each rule with its counts and samples, and what became of the run."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.errors import ContractBroken, RuleInError
from etl.results.row_origin import Origin, sample_in_words, skip_hint
from etl.runtime.arguments import RUN
from etl.wording import count_noun, join_names, shorten_text

MAX_RULES_NAMED, MAX_RULE_LENGTH = 10, 300  # rules in a message, and characters of each: the verdict has them all
MAX_NOT_EVALUATED_NAMED = 5  # rules that were not evaluated, in a message
OBSERVED, COMPUTED = "observed", "computed"


class RuleState(StrEnum):
    """What became of a rule in a run.

    Members:
        NOT_EVALUATED: it was not judged; what it compares with is not published.
        HELD: the data kept it.
        BROKEN: the data broke it.
        ERROR: it could not be judged, through no fault of the data; the run fails.

    They stand in the order in which the worse one counts, where one rule is judged several times.
    """

    NOT_EVALUATED = "not_evaluated"
    HELD = "held"
    BROKEN = "broken"
    ERROR = "error"

    @classmethod
    def from_outcome(cls, passed: bool) -> "RuleState":
        """Return the state of a rule that was judged."""
        return cls.HELD if passed else cls.BROKEN

    @classmethod
    def from_verdict_rule(cls, rule: Mapping[str, Any]) -> "RuleState":
        """Return the state of a verdict file's rule; verdicts before states have `held`, and `evaluated` where it is false.

        Raises:
            KeyError, ValueError: it is no rule of a verdict.
        """
        if "state" in rule:
            return cls(rule["state"])
        return cls.from_outcome(rule["held"]) if rule.get("evaluated", True) else cls.NOT_EVALUATED

    @property
    def label(self) -> str:
        """The state in words."""
        return "in error" if self is RuleState.ERROR else self.value.replace("_", " ")

    @property
    def rank(self) -> int:
        """How bad it is: of two results of a rule, the one with the higher rank counts."""
        return list(RuleState).index(self)


@dataclass(frozen=True)
class RuleResult:
    """One rule's outcome.

    Attributes:
        rule: the stable id.
        stage: structure, input or output.
        severity: critical, warning or info.
        state: what became of it.
        unexpected: rows (objects, for a rule about objects; 1 for one about the whole) that broke it.
        samples: a few of the offending values as text, None for a null; masked where they are about a person. Of a
            rule in error, what the engine said.
        why: the reviewer's sentence, or what to do.
        way: "observed" where the pass that wrote the rows told it, "computed" where a pass of its own did.
        places: where the rows are from that the samples show, in their order; None where that is not known.
        also: the same for a second row that has the key, of a key that stands twice.
    """

    rule: str
    stage: Stage
    severity: Severity
    state: RuleState
    unexpected: int = 0
    samples: tuple[str | None, ...] = ()
    why: str = ""
    way: str = COMPUTED
    places: tuple[Origin | None, ...] = ()
    also: tuple[Origin | None, ...] = ()

    def __post_init__(self) -> None:
        """Refuse an unknown stage, severity or state. Let there be a place for each sample.

        Raises:
            ValueError: it is none.
        """
        for name, choice in (("stage", Stage), ("severity", Severity), ("state", RuleState)):
            object.__setattr__(self, name, choice(getattr(self, name)))
        for name in ("places", "also"):
            padded = (*getattr(self, name), *(None for _ in self.samples))
            object.__setattr__(self, name, padded[: len(self.samples)])

    @property
    def held(self) -> bool:
        """Whether the data kept it."""
        return self.state is RuleState.HELD

    @property
    def broken(self) -> bool:
        """Whether the data broke it."""
        return self.state is RuleState.BROKEN

    @property
    def in_error(self) -> bool:
        """Whether it could not be judged, through no fault of the data."""
        return self.state is RuleState.ERROR

    @property
    def evaluated(self) -> bool:
        """Whether it was judged, or tried to be."""
        return self.state is not RuleState.NOT_EVALUATED

    def as_error(self, error: str) -> "RuleResult":
        """Return it as in error; `error` is what the engine said, masked already."""
        return replace(self, state=RuleState.ERROR, unexpected=0, samples=(error,))

    @property
    def in_words(self) -> str:
        """The rule, how many broke it, and samples, for a message; of one in error, what was said."""
        if self.in_error:
            return f"{self.rule} ({', '.join(map(str, self.samples))})"
        samples = ", ".join(map(sample_in_words, self.samples, self.places))
        return f"{self.rule} ({self.unexpected}: {samples})" if samples else f"{self.rule} ({self.unexpected})"

    def as_json(self) -> dict[str, Any]:
        """Return it as the verdict file has it; `held` and `evaluated` stay for readers that know no states."""
        return {**asdict(self), "held": self.held, "evaluated": self.evaluated}


@dataclass
class Verdict:
    """A run as the verdict file tells it.

    Attributes:
        contracts: versions by stage.
        rows_read, rows_published, rows_quarantined: what was read is what was published, set aside or replaced.
        rows_replaced: rows of this run whose key a newer object has too.
        snapshot_before, snapshot_after: Iceberg ids as text.
        objects: what this run read, days where it was built from tables; `corrected` are the keys of those whose earlier
            rows it replaced.
        sources: the snapshots of the tables that it was built from, by dataset.
        rebuilt: what asked for which days, in words.
        skipped: objects that an operator had left alone, with why.
        passed_over: keys that are never read, since a name in them starts with _ or a dot, the first 20 in order;
            `objects_passed_over` counts them all.
        deleted: keys that the table holds and the raw bucket lost before their expiry; they change nothing.
        remains: what the run found of dead ones and cleaned, in words.
        kind: "run" for what arrived, "replay" and "rerun" for what an operator took through the gate again.
        replay: the run whose set-aside rows this one took through the gate again.
        attempts: how often it staged; more than once where another run published meanwhile.
        seconds: wall time.
        data_docs: where the library's pages of the run are.
    """

    dataset: str
    run_id: str
    job: str
    started: str
    state: str = "FAILED"
    message: str = ""
    contracts: dict[str, str] = field(default_factory=dict)
    rows_read: int = 0
    rows_published: int = 0
    rows_quarantined: int = 0
    rows_replaced: int = 0
    snapshot_before: str | None = None
    snapshot_after: str | None = None
    objects: list[dict[str, str]] = field(default_factory=list)
    corrected: list[str] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    rebuilt: list[str] = field(default_factory=list)
    skipped: list[dict[str, str]] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    objects_passed_over: int = 0
    deleted: list[str] = field(default_factory=list)
    remains: list[str] = field(default_factory=list)
    rules: list[RuleResult] = field(default_factory=list)
    nothing_unread: bool = False
    kind: str = RUN
    replay: str | None = None
    attempts: int = 0
    seconds: float = 0.0
    data_docs: str | None = None

    @property
    def changed_nothing(self) -> bool:
        """Whether it was an operator's attempt that failed: the dataset's state is what the last run left."""
        return self.kind != RUN and self.state != "SUCCEEDED"

    @property
    def broken(self) -> list[RuleResult]:
        """The critical rules that the data broke."""
        return [rule for rule in self.rules if rule.broken and rule.severity.stops_run]

    @property
    def in_error(self) -> list[RuleResult]:
        """The rules that could not be judged, whatever their severity."""
        return [rule for rule in self.rules if rule.in_error]

    @property
    def not_evaluated(self) -> list[RuleResult]:
        """The rules that were not judged."""
        return [rule for rule in self.rules if rule.state is RuleState.NOT_EVALUATED]

    def count_rules(self, state: RuleState) -> int:
        """Return how many rules are in a state."""
        return sum(rule.state is state for rule in self.rules)

    @property
    def not_evaluated_note(self) -> str:
        """How many rules were not evaluated, and which, as the end of a message; empty where all were."""
        names = [rule.rule for rule in self.not_evaluated]
        return (
            f". {count_noun(len(names), 'rule')} not evaluated: {join_names(names, MAX_NOT_EVALUATED_NAMED)}"
            if names
            else ""
        )

    def record_and_raise(self, results: list[RuleResult], verdict_uri: str) -> None:
        """Add results, a later one of a rule in place of the earlier, and stop where a critical rule broke or one is in error.

        Raises:
            ContractBroken: a critical rule broke; it names the rules, with samples, and `verdict_uri` the verdict lies.
            RuleInError: none broke, and one could not be judged; it names the rules, and what the engine said.
        """
        self.rules = list({result.rule: result for result in (*self.rules, *results)}.values())
        if self.broken:
            # The verdict's place comes first: whoever shows the message may cut it off.
            errors_note = (
                f". In error: {describe_results(self.in_error)}{self.not_evaluated_note}"
                if self.in_error
                else self.not_evaluated_note
            )
            raise ContractBroken(
                f"{self.dataset} broke its contract, nothing was published. Verdict: {verdict_uri}. "
                f"Broken: {describe_results(self.broken)}{errors_note}{self.skip_advice}"
            )
        if self.in_error:
            raise RuleInError(
                f"{self.dataset}: rules could not be judged, which says nothing about the data; nothing was published. "
                f"Verdict: {verdict_uri}. In error: {describe_results(self.in_error)}{self.not_evaluated_note}"
            )

    @property
    def skip_advice(self) -> str:
        """Say how to leave the objects alone that broken rules have samples of, where the run reads objects."""
        read_versions = (
            {(raw_object["key"], raw_object["version"]) for raw_object in self.objects}
            if not self.sources
            else set[tuple[str, str]]()
        )
        places = [place for rule in self.broken for place in rule.places if place]
        return skip_hint(
            self.dataset, (origin for origin in places if (origin.object, origin.version) in read_versions)
        )

    def as_json(self) -> dict[str, Any]:
        """Return the verdict file's content."""
        return {
            **asdict(self),
            "rules": [rule.as_json() for rule in self.rules],
            "violations": [rule.as_json() for rule in self.rules if rule.broken],
            "rules_not_evaluated": self.count_rules(RuleState.NOT_EVALUATED),
            "rules_in_error": self.count_rules(RuleState.ERROR),
        }


def describe_results(rules: Sequence[RuleResult]) -> str:
    """Return rules for a message: the first of them with counts and samples, and how many more there are."""
    return join_names([shorten_text(rule.in_words, MAX_RULE_LENGTH) for rule in rules], MAX_RULES_NAMED, "; ")
