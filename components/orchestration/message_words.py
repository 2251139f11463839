r"""Messages that no job wrote, as JSONata: of a run that was killed or never started, and of what the watch hears of.

A message has the form of those that the job leaves in `outbox/`. Texts from outside lose what a chat would take for markup
or a mention. Source: AWS chat integration, Custom notifications: a title has at most 250 characters, a description 8,000;
Amazon SNS API reference, Publish: a subject has at most 100 characters of ASCII and no line break.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from components.orchestration.failure_messages import LONGEST_TEXT, SHORTEN

RUNBOOK = "docs/runbook.md"
TODAY = "$substring($now(), 0, 10)"
"""The UTC date, by which a message that is about no run is told once."""
ASCII = r"$ascii := function($text) { $replace($text, /[^\x20-\x7e]/, '?') }"
PLAIN_TEXT = r"$plainText := function($text) { $replace($text, /[<>@*_~\x60|\[\]]/, ' ') }"
"""Without what Slack or Teams would take for markup, a link or a mention."""


@dataclass(frozen=True)
class Words:
    """What a message says; all but `kind` and `severity` are JSONata.

    `title` is one line, `lines` are what follows in an e-mail, `quoted` a text from outside (or nothing), `steps` what to do
    first. `dataset` and `owner` are `'stack'` where the message is about no dataset.
    """

    kind: str
    severity: str
    title: str
    lines: Sequence[str]
    steps: Sequence[str]
    quoted: str = "''"
    dataset: str = "'stack'"
    owner: str = "'stack'"
    run: str = "''"
    setup: Sequence[str] = field(default=())


def runbook_link(docs_url: str, heading: str) -> str:
    """Return where a heading of the runbook is: a link below `docs_url`, the page in the repository without one."""
    return f"{docs_url.rstrip('/')}/runbook.md#{heading}" if docs_url else f"{RUNBOOK}#{heading}"


def message_expression(words: Words) -> str:
    """Return the JSONata that makes the message, in parentheses; it reads `$states` and what `setup` assigns."""
    steps = (
        *(SHORTEN, ASCII, PLAIN_TEXT, *words.setup),
        f"$title := {words.title}",
        f"$outside := {words.quoted}",
        f"$quoted := $exists($outside) ? $shorten($outside, {LONGEST_TEXT}) : ''",
        f"$lines := [{', '.join(words.lines)}]",
        f"$steps := [{', '.join(words.steps)}]",
        f"$date := {TODAY}",
    )
    email = (
        "$join($append([$title, ''], $append($quoted = '' ? [] : [$quoted, ''], "
        "$append($lines, $append(['', 'Do first:'], $steps)))), '\\n')"
    )
    description = "$shorten($plainText($join($append($quoted = '' ? [] : [$quoted], $lines), '\\n')), 7500)"
    fields = {
        "version": "1",
        "kind": json.dumps(words.kind),
        "severity": json.dumps(words.severity),
        "dataset": words.dataset,
        "owner": words.owner,
        "run_date": "$date",
        "run_id": words.run,
        "send": "true",
        "why_not": "''",
        "subject": "$substring($ascii($title), 0, 100)",
        "email": email,
        "chat": _chat_expression(words, description),
        "event": _event_expression(words),
    }
    record = ", ".join(f"'{name}': {expression}" for name, expression in fields.items())
    return f"({'; '.join(steps)}; {{{record}}})"


def _chat_expression(words: Words, description: str) -> str:
    content = (
        f"{{'textType': 'client-markdown', 'title': $shorten($plainText($title), 240), 'description': {description}, "
        f"'nextSteps': $steps, 'keywords': [{words.dataset}, '{words.severity}']}}"
    )
    metadata = (
        f"{{'threadId': {words.dataset} & ' ' & $date, 'summary': $shorten($plainText($title), 240), "
        f"'eventType': '{words.kind}'}}"
    )
    return f"{{'version': '1.0', 'source': 'custom', 'content': {content}, 'metadata': {metadata}}}"


def _event_expression(words: Words) -> str:
    return (
        f"{{'version': 1, 'kind': '{words.kind}', 'severity': '{words.severity}', 'dataset': {words.dataset}, "
        f"'owner': {words.owner}, 'run_date': $date, 'run_id': {words.run}, 'title': $title, "
        f"'text': $join($append($quoted = '' ? [] : [$quoted], $lines), '\\n')}}"
    )
