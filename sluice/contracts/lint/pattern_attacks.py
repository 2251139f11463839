"""Texts that a pattern may bear badly, made from the pattern: long ones for its stack, short ones for its time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from etl.contract.regex.tree import SAMPLE_CHARACTERS, Chars, Choice, Node, Repeat, Sequence

LONG, SHORT = 20_000, 30  # characters of a text
MANY = 64  # times that a part may be repeated before its repetition counts as endless
MOST_TEXTS, MOST_PUMPS, MOST_SEEDS = 24, 6, 3
USUAL_CHARACTERS = "a0A_ -.,"  # characters that stand for a class where it has them: a person knows them again
UNMATCHED_ENDS = ("!", "", "\x00", "\n!")  # what most patterns do not take behind what was repeated


@dataclass(frozen=True)
class Loop:
    """A repetition within a pattern, and a text that leads to it."""

    repeat: Repeat
    before: str

    @property
    def pumps(self) -> list[str]:
        """Texts that its part matches: of each branch first, then all branches in turn, then characters that many take."""
        texts = [text for text in seed_texts(self.repeat.part) if text]
        return (
            [*dict.fromkeys([*texts, "".join(texts), *shared_characters(self.repeat.part)])][:MOST_PUMPS]
            if texts
            else []
        )


def find_loops(node: Node, prefix: str = "") -> Iterator[Loop]:
    """Yield every repetition of a pattern that may go on, the outer ones first."""
    if isinstance(node, Repeat):
        if node.high is None or node.high > 1:
            yield Loop(node, prefix)
        yield from find_loops(node.part, prefix)
    elif isinstance(node, Choice):
        for branch in node.branches:
            yield from find_loops(branch, prefix)
    elif isinstance(node, Sequence):
        for part in node.parts:
            yield from find_loops(part, prefix)
            prefix += next(iter(seed_texts(part)), "")


def seed_texts(node: Node) -> list[str]:
    """Return a few short texts that a part matches, one for each of its branches."""
    if isinstance(node, Chars):
        usual = [char for char in USUAL_CHARACTERS if char in node.any] or sorted(node.any)[:1]
        return usual[:1]
    if isinstance(node, Choice):
        return [text for branch in node.branches for text in seed_texts(branch)[:MOST_SEEDS]][:MOST_PUMPS]
    if isinstance(node, Repeat):
        times = max(1, min(node.low, SHORT))
        texts, none = [text * times for text in seed_texts(node.part)], [""] if node.low == 0 else []
        return [*none, *texts] if node.mode == "?" else [*texts, *none]
    texts = [""]
    for part in node.parts:
        texts = [text + suffix for text in texts for suffix in seed_texts(part) or [""]][:MOST_SEEDS]
    return texts


def shared_characters(node: Node) -> list[str]:
    """Return the characters that most of a part's sets have: where sets overlap, a text is matched in many ways."""
    sets = [*_character_sets(node)]
    often = {char: sum(char in chars for chars in sets) for char in SAMPLE_CHARACTERS if char.isprintable()}
    best = max(often.values(), default=0)
    return sorted(
        (char for char, times in often.items() if times == best > 1),
        key=lambda char: (char not in USUAL_CHARACTERS, char),
    )[:2]


def _character_sets(node: Node) -> Iterator[frozenset[str]]:
    if isinstance(node, Chars):
        yield node.any
    elif isinstance(node, Repeat):
        yield from _character_sets(node.part)
    else:
        for part in node.branches if isinstance(node, Choice) else node.parts:
            yield from _character_sets(part)


def is_choosing(loop: Loop) -> bool:
    """Say whether what is repeated has alternatives in it: Java goes deeper into its stack for each."""
    return _contains_node(loop.repeat.part, Choice)


def _contains_node(node: Node, kind: type[Node]) -> bool:
    if isinstance(node, kind):
        return True
    if isinstance(node, Repeat):
        return _contains_node(node.part, kind)
    parts = node.branches if isinstance(node, Choice) else node.parts if isinstance(node, Sequence) else ()
    return any(_contains_node(part, kind) for part in parts)


def stack_attacks(tree: Node) -> Iterator[tuple[Loop, str]]:
    """Yield texts of LONG characters, each with the repetition that it goes through."""
    for loop in find_loops(tree):
        if isinstance(loop.repeat.part, Chars) or (loop.repeat.high or LONG) < LONG // MANY:
            continue
        for pump in loop.pumps:
            yield loop, (loop.before + pump * (LONG // len(pump)))[:LONG]


def time_attacks(tree: Node) -> list[str]:
    """Return texts of SHORT characters that a pattern may match in many ways, all of which fail; none for a plain one."""
    all_loops = [*find_loops(tree)]
    nested = [loop for loop in all_loops if not isinstance(loop.repeat.part, Chars)]
    if not nested and len(all_loops) < 6:  # in a row, five of them take thirty characters in too few ways
        return []
    texts = (
        (loop.before + pump * SHORT)[: SHORT - len(end)] + end
        for end in UNMATCHED_ENDS
        for loop in [*nested, *all_loops[: 1 - len(nested[:1])]]
        for pump in loop.pumps
    )
    return [*islice(dict.fromkeys(texts), MOST_TEXTS)]
