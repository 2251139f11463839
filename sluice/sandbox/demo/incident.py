"""An incident from the bad file to its end: what happened, and each message that a person got of it, recorded in a sandbox.

`python -m sluice.sandbox.demo.incident` records it anew and writes it into docs/runbook.md.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sluice.program.docs_part import replace_part

DATASET, DAYS = "sales", Path(__file__).with_name("days")
RECORD = Path(__file__).with_name("incident.json")
PAGE = Path(__file__).resolve().parents[3] / "docs" / "runbook.md"
BEGIN, END = "<!-- incident -->", "<!-- end of incident -->"
SECONDS_OF_SILENCE = 7
"""After the last step: the watch has looked by then, and found all told."""
RUN_ID, VERSION = re.compile(r"jr_[0-9a-f]{64}"), re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SHOWN_DATE = "2026-11-30"


@dataclass(frozen=True)
class IncidentStep:
    """What happened, and the messages that came of it: subject, topic and text of each."""

    happened: str
    messages: tuple[dict[str, str], ...]


def record_incident() -> list[IncidentStep]:
    """Live through it in an emulator of its own; return the steps as `shown_alike` writes them."""
    from sluice.sandbox.deploy import deploy_program  # noqa: PLC0415  Pulumi takes a second to import
    from sluice.sandbox.emulator import emulator  # noqa: PLC0415
    from sluice.sandbox.lake import deployed_datasets  # noqa: PLC0415

    steps: list[tuple[str, int]] = []
    with emulator.running_emulator() as emulated:
        deploy_program(emulated)
        mailbox = emulated.mailbox
        for happened, happen, count in _story(deployed_datasets(emulated)[DATASET]):
            happen()
            steps.append((happened, len(mailbox.wait_for(count))))
        deliveries = mailbox.wait_for(len(mailbox.deliveries()) + 1, seconds=SECONDS_OF_SILENCE)
    steps[-1] = (steps[-1][0], len(deliveries))
    counts = [0, *(count for _, count in steps)]
    subjects, texts = [delivery.subject for delivery in deliveries], [delivery.text for delivery in deliveries]
    shown = shown_alike([*subjects, *texts])
    messages = [
        {"subject": subject, "topic": delivery.topic, "text": text}
        for delivery, subject, text in zip(deliveries, shown, shown[len(deliveries) :], strict=False)
    ]
    return [
        IncidentStep(happened, tuple(messages[first:last]))
        for (happened, _), first, last in zip(steps, counts, counts[1:], strict=False)
    ]


def _story(sales: Any) -> Iterable[tuple[str, Callable[[], object], int]]:
    """Yield what happens, a function that makes it happen, and how many messages there are then in all."""
    from sluice.sandbox.demo.flow_runs import run_by_flow  # noqa: PLC0415
    from sluice.sandbox.demo.killed_run import kill_staged_run  # noqa: PLC0415

    def arrive(file: str, name: str) -> None:
        sales.upload_object((DAYS / file).read_bytes(), name)
        run_by_flow(sales)

    yield "The day of 17 January is good. The flow publishes it.", lambda: arrive("good.csv", "2025-01-17.csv"), 0
    yield "The day of 18 January arrives, with three faults.", lambda: arrive("bad.csv", "2025-01-18.csv"), 1
    yield "The flow runs again, and the file is as it was.", lambda: run_by_flow(sales), 1
    yield "A mended file goes under the same key.", lambda: arrive("mended.csv", "2025-01-18.csv"), 2
    sales_file = (DAYS / "killed.csv").read_bytes()
    yield (
        "The day of 21 January arrives. Somebody starts the job by hand, outside the flow, and it is killed.",
        lambda: (sales.upload_object(sales_file, "2025-01-21.csv"), kill_staged_run(sales)),
        3,
    )
    yield "The next flow reads what the dead run had read.", lambda: run_by_flow(sales), 4


def shown_alike(texts: Iterable[str]) -> list[str]:
    """Return texts with ids of runs and versions numbered, and one date and time: these are new in each sandbox."""
    joined = "\x00".join(texts)
    for pattern, form in ((RUN_ID, "jr_{}"), (VERSION, "VERSION-{}")):
        for number, name in enumerate(dict.fromkeys(pattern.findall(joined)), 1):
            joined = joined.replace(name, form.format(number))
    joined = joined.replace(datetime.now(UTC).date().isoformat(), SHOWN_DATE)
    return re.sub(rf"({SHOWN_DATE}[T ])\d\d:\d\d", r"\g<1>06:00", joined).split("\x00")


def render_incident(steps: Iterable[IncidentStep]) -> list[str]:
    """Return the page's part: a numbered step each, with its messages as a reader's program shows them."""
    lines: list[str] = []
    for number, step in enumerate(steps, 1):
        silence = "" if step.messages else " Nobody is told."
        lines += ["", f"{number}. {step.happened}{silence}"]
        for message in step.messages:
            body = [f"Subject: {message['subject']}", "", *message["text"].rstrip().split("\n")]
            lines += [
                "",
                f"   To `{message['topic']}`:",
                "",
                "   ```text",
                *(f"   {line}".rstrip() for line in body),
                "   ```",
            ]
    return [*lines, ""]


def read_record() -> list[IncidentStep]:
    """Return what was recorded last."""
    entries = json.loads(RECORD.read_text(encoding="utf-8"))
    return [IncidentStep(entry["happened"], tuple(entry["messages"])) for entry in entries]


def write_page() -> None:
    """Write the record into the page."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(replace_part(text, BEGIN, END, render_incident(read_record())), encoding="utf-8")


def main() -> None:
    """Record, keep, and write the page."""
    steps = [asdict(step) for step in record_incident()]
    RECORD.write_text(json.dumps(steps, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_page()


if __name__ == "__main__":
    main()
