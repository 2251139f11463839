"""How long a message may be, by what each service documents; and how one is cut: at rules, never within one or in a link.

Sources: Amazon SNS API reference, Publish (a subject has less than 100 characters of ASCII without line breaks; a message has
at most 262,144 bytes, of all protocols together). Amazon EventBridge API reference, PutEvents (an entry is below 256 KB).
Slack, Block Kit, section block (3,000 characters of text). AWS's chat integration takes more than that (decision 76).
"""

from collections.abc import Callable, Sequence

from etl.wording import count_noun, shorten_text

SUBJECT_LENGTH = 99
EMAIL_BYTES = 12_000
CHAT_TITLE_LENGTH, CHAT_LINE_LENGTH, CHAT_TEXT_LENGTH, CHAT_STEPS_LENGTH = 150, 600, 2_900, 2_000
OUTBOX_BYTES = 60_000

MAX_SAMPLES_SHOWN = 3  # of a rule; the verdict has more
RULE_LENGTH, REASON_LENGTH, SAMPLE_LENGTH, OBJECT_LENGTH, ERROR_LENGTH = 200, 400, 120, 300, 1_200
"""Characters of one part; the verdict has it whole."""


def fit_blocks(
    head: str, blocks: Sequence[str], tail: str, longest: int, measure: Callable[[str], int] = len
) -> tuple[str, int]:
    """Return a text of a head, as many whole blocks as fit, and a tail; and how many blocks stand in it.

    `measure` is what `longest` counts: characters, or bytes. Head and tail are never cut: their parts are short.
    """
    for number in range(len(blocks), -1, -1):
        omitted = len(blocks) - number
        more = [f"And {count_noun(omitted, 'rule')} more: the verdict has them all."] if omitted else []
        text = "\n\n".join(part for part in (head, *blocks[:number], *more, tail) if part)
        if measure(text) <= longest or not number:
            return text, number
    raise AssertionError("unreachable")


def count_bytes(text: str) -> int:
    """Return how many bytes of UTF-8 a text has."""
    return len(text.encode(errors="replace"))


def shorten_key(key: str, longest: int = OBJECT_LENGTH) -> str:
    """Return an object's key, cut off at its start, since its end tells it from others."""
    return key if len(key) <= longest else f"…{key[-longest:]}"


def subject_line(text: str) -> str:
    """Return a subject that SNS takes: printable ASCII without a line break, shorter than 100 characters."""
    ascii_text = "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in text)
    if len(ascii_text) <= SUBJECT_LENGTH:
        return ascii_text
    return f"{shorten_text(ascii_text, SUBJECT_LENGTH - 3)[: SUBJECT_LENGTH - 3]}..."
