"""What a message says, before it has the form of a channel: sentences, rules with evidence, first steps and links."""

from dataclasses import dataclass

from etl.messages.limits import MAX_SAMPLES_SHOWN, REASON_LENGTH, RULE_LENGTH, SAMPLE_LENGTH, shorten_key
from etl.messages.links import Link
from etl.messages.run_facts import RunFacts
from etl.results.row_origin import Origin
from etl.results.rule_result import RuleResult
from etl.wording import clean_text, shorten_text


@dataclass(frozen=True)
class RuleEvidence:
    """A rule that broke: how much broke it, why it is there, and samples with object and row, masked as in the verdict."""

    rule: str
    count: str
    why: str
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Content:
    """What a message says.

    Attributes:
        title: what happened, in one line.
        lead: sentences that say more of it.
        readers: what readers see now.
        rules: those that broke.
        steps: what to do first, in order; none where there is nothing to do.
        links: pages that say more.
    """

    title: str
    lead: tuple[str, ...]
    readers: str
    rules: tuple[RuleEvidence, ...]
    steps: tuple[str, ...]
    links: tuple[Link, ...]


def rule_evidence(facts: RunFacts, result: RuleResult) -> RuleEvidence:
    """Return what a message says of a rule."""
    pairs = zip(result.samples, result.places, strict=True)
    samples = [_sample_words(sample, origin) for sample, origin in pairs] if not facts.is_aggregate(result) else []
    return RuleEvidence(
        clean_text(shorten_text(result.rule, RULE_LENGTH)),
        facts.count_words(result),
        clean_text(shorten_text(result.why, REASON_LENGTH)),
        tuple(samples[:MAX_SAMPLES_SHOWN]),
    )


def _sample_words(sample: str | None, origin: Origin | None) -> str:
    """Return a sample with its object and row; an object that the sample names already is not named again."""
    text = "null" if sample is None else repr(shorten_text(sample, SAMPLE_LENGTH))
    if origin is None or (origin.row is None and origin.object in text):
        return clean_text(text)
    row = "" if origin.row is None else f" row {origin.row}"
    return clean_text(f"{text} in {shorten_key(origin.object)}{row}")
