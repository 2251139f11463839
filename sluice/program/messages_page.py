"""`python -m sluice.program.messages_page [--check]`: docs/messages.md and its pictures, from what job and machines say."""

import json
import sys
from pathlib import Path
from typing import Any

from sluice.cli.errors import run_to_exit_code
from sluice.cli.module_parser import CommandParser
from sluice.program.docs_part import replace_part
from sluice.program.message_picture import draw_chat, draw_email
from sluice.program.message_samples import MessageSample, message_samples
from sluice.program.stack_files import ROOT
from sluice.program.watch_samples import WatchSample, watch_samples

PAGE, PICTURES = ROOT / "docs" / "messages.md", ROOT / "docs" / "images"
BEGIN, END = "<!-- messages -->", "<!-- end of messages -->"
WATCH_BEGIN, WATCH_END = "<!-- watch -->", "<!-- end of watch -->"


def render_page(text: str) -> str:
    """Return the page with each kind of message between its marks.

    Raises:
        LookupError: it has no marks.
    """
    lines = [line for sample in message_samples() for line in _section(sample)]
    watch_lines = [line for sample in watch_samples() for line in _section(sample)]
    return replace_part(replace_part(text, BEGIN, END, lines), WATCH_BEGIN, WATCH_END, watch_lines)


def render_pictures() -> dict[str, str]:
    """Return the pictures by the names of their files."""
    pictures: dict[str, str] = {}
    for sample in (*message_samples(), *watch_samples()):
        message = sample.message
        pictures[f"message-{sample.name}-email.svg"] = draw_email(message.subject, message.email, message.severity)
        pictures[f"message-{sample.name}-chat.svg"] = draw_chat(dict(message.chat), message.severity)
    return pictures


def _section(sample: MessageSample | WatchSample) -> list[str]:
    """Return a kind of message: when it comes, its text, its pictures; of the first also what endpoints get."""
    message = sample.message
    lines = [
        f"### {sample.title}",
        "",
        f"`{message.kind}`, {message.severity}. {sample.when}",
        "",
        "```text",
        f"Subject: {message.subject}",
        "",
        *message.email.rstrip("\n").split("\n"),
        "```",
        "",
        f"![The e-mail](images/message-{sample.name}-email.svg)",
        "",
        f"![The notification in chat](images/message-{sample.name}-chat.svg)",
        "",
    ]
    if sample.name != "bad":
        return lines
    return [
        *lines,
        "Slack and Teams get this notification, which AWS's chat integration shows in its own layout:",
        "",
        *_json_fence(message.chat),
        "Any other endpoint gets this object:",
        "",
        *_json_fence(message.event),
    ]


def _json_fence(content: Any) -> list[str]:
    return ["```json", *json.dumps(content, indent=2, ensure_ascii=False).split("\n"), "```", ""]


def main(argv: list[str]) -> int:
    """Write the page and its pictures; with --check leave them, and return 1 where one is not up to date."""
    parser = CommandParser(prog="sluice.program.messages_page", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where a file is out of date")
    arguments: Any = parser.parse_args(argv)
    texts = {PAGE: render_page(PAGE.read_text(encoding="utf-8"))}
    texts |= {PICTURES / name: picture for name, picture in render_pictures().items()}
    stale = [file.relative_to(ROOT) for file, text in texts.items() if _stored(file) != text]
    if arguments.check:
        print("\n".join(f"{file} is out of date: make messages" for file in stale) or "up to date")
        return int(bool(stale))
    PICTURES.mkdir(exist_ok=True)
    for file, text in texts.items():
        file.write_text(text, encoding="utf-8")
    return 0


def _stored(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.is_file() else ""


if __name__ == "__main__":
    sys.exit(run_to_exit_code("sluice.program.messages_page", lambda: main(sys.argv[1:])))
