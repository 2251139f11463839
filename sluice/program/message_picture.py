"""Pictures of messages as SVG: an e-mail, and a notification in a chat channel, each line of text as it is sent.

They load nothing and hold no script, so a page shows them wherever it is read.
"""

import html
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from etl.contract.severity import Severity

COLUMNS, LINE, MARGIN, LETTER = 104, 18, 20, 7.3
"""Characters in a line; the rest in pixels: its height, the border, and how wide a letter is at 12 pixels."""
BORDER, PALE, DARK = "#d0d7de", "#f6f8fa", "#1f2328"
BARS = {Severity.CRITICAL: "#cf222e", Severity.WARNING: "#bf8700", Severity.INFO: "#0969da"}


@dataclass(frozen=True)
class Line:
    """A line of a picture: what it says, and how."""

    text: str
    bold: bool = False


def draw_email(subject: str, body: str, severity: Severity) -> str:
    """Return an e-mail as SVG."""
    head = [Line("From: AWS Notifications <no-reply@sns.amazonaws.com>"), Line(f"Subject: {subject}", bold=True)]
    return _draw(head, [Line(text) for text in body.rstrip("\n").split("\n")], severity)


def draw_chat(notification: dict[str, Any], severity: Severity) -> str:
    """Return a custom notification as the chat integration lays it out: title, description, next steps, keywords."""
    content = notification["content"]
    body = [Line(_shown(text)) for text in content["description"].split("\n")]
    if content["nextSteps"]:
        body += [Line(""), Line("Next steps", bold=True)]
        body += [Line(f"• {_shown(step)}") for step in content["nextSteps"]]
    body += [Line(""), Line(f"Keywords: {', '.join(map(_shown, content['keywords']))}")]
    return _draw([Line("Amazon Q   APP"), Line(_shown(content["title"]), bold=True)], body, severity)


def _shown(text: str) -> str:
    """Return a text of the notification as a chat program shows it."""
    return html.unescape(text).replace("\u200b", "")


def _draw(head: list[Line], body: list[Line], severity: Severity) -> str:
    wrapped_head, wrapped_body = [*_wrap(head)], [*_wrap(body)]
    width = int(COLUMNS * LETTER) + 2 * MARGIN
    head_height = len(wrapped_head) * LINE + MARGIN
    height = head_height + len(wrapped_body) * LINE + MARGIN + 8
    texts = [
        *_texts(wrapped_head, MARGIN // 2 + LINE - 4),
        *_texts(wrapped_body, head_height + LINE + 2),
    ]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"',
            '  font-family="ui-monospace, Menlo, Consolas, monospace" font-size="12">',
            f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="6" fill="#ffffff" stroke="{BORDER}"/>',
            f'<rect x="1" y="1" width="{width - 2}" height="{head_height}" rx="6" fill="{PALE}"/>',
            f'<rect x="1" y="1" width="5" height="{height - 2}" rx="2" fill="{BARS[severity]}"/>',
            *texts,
            "</svg>\n",
        )
    )


def _wrap(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield lines that fit, the rest of a long one below it, further in."""
    for line in lines:
        further = len(line.text) - len(line.text.lstrip()) + 2
        parts = textwrap.wrap(
            line.text, COLUMNS, subsequent_indent=" " * further, drop_whitespace=False, break_on_hyphens=False
        )
        yield from (Line(part, line.bold) for part in parts or [""])


def _texts(lines: Iterable[Line], top: int) -> Iterator[str]:
    for number, line in enumerate(lines):
        if line.text.strip():
            weight = ' font-weight="bold"' if line.bold else ""
            text = html.escape(line.text, quote=False)
            yield (
                f'<text x="{MARGIN}" y="{top + number * LINE}" fill="{DARK}"{weight} xml:space="preserve">{text}</text>'
            )
