"""What each person's endpoint received: kept as lines of JSON and as a page to look at, below the emulator's folder."""

import html
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FOLDER, LINES, PAGE = "mailbox", "deliveries.jsonl", "index.html"
LONGEST_WAIT = 15
SECONDS_BETWEEN_LOOKS = 0.1
HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"><title>Mailbox</title>
<style>body{font:16px/1.5 system-ui;max-width:56rem;margin:2rem auto;padding:0 1rem}article{border:1px solid #bbb;
border-radius:.4rem;padding:.5rem 1rem;margin:1rem 0}pre{white-space:pre-wrap;overflow-wrap:anywhere;font:15px/1.5 system-ui}
h3{margin:.2rem 0}small{color:#555}</style><h1>Mailbox of the sandbox</h1>
<p>What each endpoint received, the latest first. Nothing was sent off this machine.</p>"""


@dataclass(frozen=True)
class Delivery:
    """A message as an endpoint got it: `protocol` email, https or event, `endpoint` an address or the name of a destination.

    `time` is UTC in ISO 8601; `subject` is empty where the endpoint gets none; `topic` is the name of the topic or rule.
    """

    time: str
    protocol: str
    endpoint: str
    topic: str
    subject: str
    text: str


@dataclass(frozen=True)
class Mailbox:
    """The mailbox of the emulator whose folder is `home`."""

    home: Path

    @property
    def page(self) -> Path:
        """The page to look at; it is there from the emulator's start."""
        return self.home / FOLDER / PAGE

    def deliveries(self, endpoint: str | None = None) -> list[Delivery]:
        """Return what was delivered, in order: to all endpoints, or to the `endpoint` one."""
        file = self.home / FOLDER / LINES
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        deliveries = [Delivery(**json.loads(line)) for line in lines]
        return [delivery for delivery in deliveries if endpoint in (None, delivery.endpoint)]

    def wait_for(self, minimum: int, endpoint: str | None = None, seconds: float = LONGEST_WAIT) -> list[Delivery]:
        """Return what was delivered, as soon as there are `minimum` or `seconds` have passed."""
        until = time.monotonic() + seconds
        while len(deliveries := self.deliveries(endpoint)) < minimum and time.monotonic() < until:
            time.sleep(SECONDS_BETWEEN_LOOKS)
        return deliveries


@dataclass
class MailboxWriter:
    """Keeps deliveries in the emulator's own process, and draws the page anew with each."""

    home: Path
    lock: threading.Lock

    @classmethod
    def open(cls, home: Path) -> "MailboxWriter":
        """Make the folder, and a page that says that nothing came."""
        (home / FOLDER).mkdir(exist_ok=True)
        writer = cls(home, threading.Lock())
        writer._draw_page()
        return writer

    def keep(self, protocol: str, endpoint: str, topic: str, subject: str, text: str) -> None:
        """Keep a message at the time of the call."""
        delivery = Delivery(datetime.now(UTC).isoformat(timespec="seconds"), protocol, endpoint, topic, subject, text)
        with self.lock:
            with (self.home / FOLDER / LINES).open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(delivery), ensure_ascii=False) + "\n")
            self._draw_page()

    def _draw_page(self) -> None:
        deliveries = Mailbox(self.home).deliveries()
        draft = self.home / FOLDER / f"{PAGE}.draft"
        draft.write_text(render_page(deliveries), encoding="utf-8")
        draft.replace(self.home / FOLDER / PAGE)  # a reader sees the earlier page or the whole of this one


def render_page(deliveries: list[Delivery]) -> str:
    """Return the page (HTML): a heading for each endpoint, and below it what it received, the latest first."""
    endpoints = list(dict.fromkeys(delivery.endpoint for delivery in reversed(deliveries)))
    sections = [
        f"<h2>{html.escape(endpoint)}</h2>"
        + "".join(_render_article(delivery) for delivery in reversed(deliveries) if delivery.endpoint == endpoint)
        for endpoint in endpoints
    ]
    return HEAD + ("".join(sections) or "<p>Nothing came so far.</p>") + "</html>\n"


def _render_article(delivery: Delivery) -> str:
    subject, text = show_as_received(delivery)
    note = f"{delivery.time}, {delivery.protocol}, through {delivery.topic}"
    return f"<article><small>{html.escape(note)}</small><h3>{html.escape(subject)}</h3><pre>{html.escape(text)}</pre></article>"


def show_as_received(delivery: Delivery) -> tuple[str, str]:
    """Return headline and text: of a chat's card its title, description and next steps, of other JSON its lines."""
    try:
        content = json.loads(delivery.text)
    except ValueError:
        return delivery.subject, delivery.text
    card = content.get("content") if isinstance(content, dict) and content.get("source") == "custom" else None
    if isinstance(card, Mapping):
        return _show_card(card)
    return delivery.subject, json.dumps(content, indent=1, ensure_ascii=False)


def _show_card(card: Mapping[str, Any]) -> tuple[str, str]:
    steps = card.get("nextSteps") or []
    parts = [str(card.get("description", "")), "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))]
    return str(card.get("title", "")), "\n\n".join(part for part in parts if part)
