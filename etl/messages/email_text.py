"""A message as plain text, for e-mail and for whoever reads no markup."""

from collections.abc import Sequence

from etl.messages.content import Content, RuleEvidence
from etl.messages.limits import EMAIL_BYTES, count_bytes, fit_blocks
from etl.messages.links import Link
from etl.wording import clean_text

HEADINGS = ("What broke", "What to do first", "Where to look")


def render_email(content: Content, owner: str) -> str:
    """Return the text: what happened, what readers see, which rules broke, what to do first, and where more is."""
    head = "\n".join((f"{content.title}.", *content.lead, content.readers, f"Owner: {owner}."))
    blocks = [_rule_block(rule) for rule in content.rules]
    if blocks:
        blocks[0] = f"{HEADINGS[0]}\n{blocks[0]}"
    tail = "\n\n".join(part for part in (_steps_block(content.steps), _links_block(content.links)) if part)
    text, _ = fit_blocks(clean_text(head, lines=True), blocks, tail, EMAIL_BYTES, count_bytes)
    return f"{text}\n"


def _rule_block(rule: RuleEvidence) -> str:
    lines = [f"- {rule.rule}: {rule.count}", *([f"  {rule.why}"] if rule.why else [])]
    return "\n".join((*lines, *(f"    {sample}" for sample in rule.samples)))


def _steps_block(steps: Sequence[str]) -> str:
    numbered = [f"{number}. {step.replace('`', '')}" for number, step in enumerate(steps, 1)]
    return "\n".join((HEADINGS[1], *numbered)) if steps else ""


def _links_block(links: Sequence[Link]) -> str:
    return "\n".join((HEADINGS[2], *(f"{link.label}: {link.target}" for link in links)))
