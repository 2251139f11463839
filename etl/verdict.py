"""What the gate found: each rule with its counts and samples, and what became of the run."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from etl.errors import ContractBroken
from etl.wording import listed, shortened

SAMPLES = 5  # values shown a rule
LONGEST_SAMPLE = 200  # characters of one
MASK = "***"
MOST_RULES, LONGEST_RULE = 10, 300  # rules in a message, and characters of each: the verdict has them all
RUN, REPLAY, RERUN = "run", "replay", "rerun"
OBSERVED, COMPUTED = "observed", "computed"


@dataclass(frozen=True)
class RuleResult:
    """One rule's outcome.

    Attributes:
        rule: the stable id.
        stage: structure, input or output.
        severity: critical, warning or info.
        held: whether the data kept the rule.
        unexpected: rows (objects, for a rule about objects; 1 for one about the whole) that broke it.
        samples: a few of the offending values as text, None for a null; masked where they are about a person.
        why: the reviewer's sentence, or what to do.
        evaluated: False where the rule could not be judged yet: what it compares with is not published.
        way: "observed" where the pass that wrote the rows told it, "computed" where a pass of its own did.
    """

    rule: str
    stage: str
    severity: str
    held: bool
    unexpected: int = 0
    samples: tuple[str | None, ...] = ()
    why: str = ""
    evaluated: bool = True
    way: str = COMPUTED

    @property
    def in_words(self) -> str:
        """The rule, how many broke it, and samples, for a message."""
        samples = ", ".join("null" if sample is None else repr(sample) for sample in self.samples)
        return f"{self.rule} ({self.unexpected}: {samples})" if samples else f"{self.rule} ({self.unexpected})"


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
        """The critical rules that did not hold."""
        return [rule for rule in self.rules if not rule.held and rule.severity == "critical"]

    def demand(self, results: list[RuleResult], where: str) -> None:
        """Add results, a later one of a rule in place of the earlier, and stop where a critical rule broke.

        Raises:
            ContractBroken: naming the rules, with samples, and `where` the verdict lies.
        """
        self.rules = list({one.rule: one for one in (*self.rules, *results)}.values())
        if self.broken:
            # The verdict's place comes first: whoever shows the message may cut it off.
            raise ContractBroken(
                f"{self.dataset} broke its contract, nothing was published. Verdict: {where}. Broken: {in_words(self.broken)}"
            )

    def as_json(self) -> dict[str, Any]:
        """Return the verdict file's content."""
        rules = [asdict(rule) for rule in self.rules]
        return {**asdict(self), "rules": rules, "violations": [rule for rule in rules if not rule["held"]]}


def in_words(rules: Sequence[RuleResult]) -> str:
    """Return rules for a message: the first of them with counts and samples, and how many more there are."""
    return listed([shortened(rule.in_words, LONGEST_RULE) for rule in rules], MOST_RULES, "; ")


def shown(values: list[Any], masked: bool = False) -> tuple[str | None, ...]:
    """Return at most SAMPLES distinct values as short text, masked where they are about a person."""
    texts = (_text(value) for value in values)
    distinct = dict.fromkeys(MASK if masked and text is not None else text for text in texts)
    return tuple(distinct)[:SAMPLES]


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return shortened(str(value), LONGEST_SAMPLE)
