"""A message as a custom notification of AWS's chat integration, for Slack and Microsoft Teams alike.

Source: Amazon Q Developer in chat applications, Custom notifications (version 1.0, source custom; `content.description` is
required; `client-markdown` is the one text type, and is the chat program's own markup). Slack has another markup than Teams, so
a message uses none: whatever a value could begin in either is written as text, and links stand bare, which both open.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from etl.messages.content import Content, RuleEvidence
from etl.messages.limits import CHAT_LINE_LENGTH, CHAT_STEPS_LENGTH, CHAT_TEXT_LENGTH, CHAT_TITLE_LENGTH, fit_blocks
from etl.wording import shorten_text

UNJOINED = "\u200b"
"""Zero width space: it ends what would be a mention, a link or markup, and is not seen."""
ESCAPES = str.maketrans(
    {
        # Slack, Formatting text for app surfaces: these three are written as references, which Teams shows as text too
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "@": f"@{UNJOINED}",
        "*": "\u2217",
        "~": "\u223c",
        "`": "\u02cb",
        "]": f"]{UNJOINED}",
        "!": f"!{UNJOINED}",
    }
)
SCHEME = re.compile(r"(\w):(//)")
EDGE_UNDERSCORE = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def escape_markup(text: str, longest: int = 0) -> str:
    """Return a text in which neither Slack nor Teams finds markup, a mention, HTML or a link; at most `longest`, 0 for whole.

    The text is cut before it is escaped, so that no reference is cut in two.
    """
    unlinked = SCHEME.sub(rf"\1:{UNJOINED}\2", text.translate(ESCAPES))
    escaped = EDGE_UNDERSCORE.sub("\uff3f", unlinked)
    if not longest or len(escaped) <= longest:
        return escaped
    return escape_markup(shorten_text(text, min(len(text) - 2, longest) * 9 // 10), longest)


def render_chat(content: Content, labels: Mapping[str, str], lake: str, thread_date: str) -> dict[str, Any]:
    """Return the notification.

    Args:
        content: what it says.
        labels: those of the run, with kind and severity.
        lake: what the names of the stack's resources begin with.
        thread_date: the run date that the first message of its thread was about.
    """
    title = escape_markup(f"{lake}: {content.title}", CHAT_TITLE_LENGTH)
    return {
        "version": "1.0",
        "source": "custom",
        "id": f"{lake}-{labels['run_id']}-{labels['kind']}",
        "content": {
            "textType": "client-markdown",
            "title": title,
            "description": _description(content),
            "nextSteps": _next_steps(content.steps),
            "keywords": [escape_markup(labels[name], CHAT_TITLE_LENGTH) for name in ("dataset", "owner", "severity")],
        },
        "metadata": {
            "threadId": f"{lake}-{labels['dataset']}-{thread_date}",
            "summary": title,
            "eventType": labels["kind"],
            "relatedResources": [f"{lake}-{labels['dataset']}"],
            "additionalContext": dict(labels),
        },
    }


def _description(content: Content) -> str:
    head = "\n".join(escape_markup(line, CHAT_LINE_LENGTH) for line in (*content.lead, content.readers))
    links = "\n".join(f"{link.label}: {link.target}" for link in content.links)
    text, _ = fit_blocks(head, [_rule_block(rule) for rule in content.rules], links, CHAT_TEXT_LENGTH)
    return text


def _rule_block(rule: RuleEvidence) -> str:
    lines = (
        f"• {rule.rule}: {rule.count}",
        *([rule.why] if rule.why else []),
        *(f"   {text}" for text in rule.samples),
    )
    return "\n".join(escape_markup(line, CHAT_LINE_LENGTH // 2) for line in lines)


def _next_steps(steps: Sequence[str]) -> list[str]:
    """Return the steps as far as they fit; the e-mail and the runbook have all."""
    kept: list[str] = []
    for step in (escape_markup(step.replace("`", ""), CHAT_LINE_LENGTH) for step in steps):
        if sum(map(len, kept)) + len(step) > CHAT_STEPS_LENGTH:
            break
        kept.append(step)
    return kept
