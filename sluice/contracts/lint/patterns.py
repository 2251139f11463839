"""What the Java that will run says of a contract's patterns: whether it compiles them, and what they do to it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from etl.contract.json_values import is_list, is_object
from etl.contract.regex.compatibility import UnknownPattern, parse_pattern, pattern_fault
from etl.contract.regex.tree import Node
from sluice.contracts.lint.findings import Finding
from sluice.contracts.lint.java import OVERFLOWS, TAKES_LONG, JavaProcess
from sluice.contracts.lint.pattern_attacks import LONG, SHORT, is_choosing, stack_attacks, time_attacks

ARGUMENTS = ("regex", "regex_list")


@dataclass
class PatternChecks:
    """A Java that is asked once about each pattern, and what is to be said that is no finding."""

    java: JavaProcess
    notes: list[str] = field(default_factory=list)
    faults: dict[str, tuple[str, str] | None] = field(default_factory=dict)

    def check_suite(self, suite: object) -> Iterator[Finding]:
        """Yield what is wrong with the patterns of a suite (parsed JSON), beyond what strict loading refuses."""
        for rule, pattern in suite_patterns(suite):
            if pattern not in self.faults:
                self.faults[pattern] = self._pattern_fault(rule, pattern)
            if fault := self.faults[pattern]:
                yield Finding("engine", *fault, rule)

    def _pattern_fault(self, rule: str, pattern: str) -> tuple[str, str] | None:
        if pattern_fault(pattern):
            return None
        if why := self.java.compile_error(pattern):
            return f"pattern {pattern!r} does not compile: {why}", "mend the pattern; Spark runs it as Java's"
        try:
            parsed = parse_pattern(pattern)
        except (UnknownPattern, ValueError, RecursionError):
            return None
        return self._stack_fault(rule, pattern, parsed) or self._time_fault(pattern, parsed)

    def _stack_fault(self, rule: str, pattern: str, parsed: Node) -> tuple[str, str] | None:
        for loop, text in stack_attacks(parsed):
            failure = self.java.match_failure(pattern, text)
            if failure == TAKES_LONG:  # so do its other texts; whether short ones do too is found out next
                return None
            if failure == OVERFLOWS:
                remedy = "write its alternatives as one class such as [A-Z0-9], or repeat the group by *+ or ++"
                fault = (
                    f"on a value of {LONG} characters such as {text[:12]!r}... pattern {pattern!r} overflows the stack"
                )
                if is_choosing(loop):
                    return f"{fault}, and with it the executor is gone", remedy
                self.notes.append(f"{rule}: {fault}; where values may be that long, repeat the group by *+ or ++")
                return None
        return None

    def _time_fault(self, pattern: str, parsed: Node) -> tuple[str, str] | None:
        for text in time_attacks(parsed):
            # Twice, since a busy machine may take a second for anything.
            if self.java.match_failure(pattern, text) and self.java.match_failure(pattern, text):
                return (
                    f"pattern {pattern!r} takes over a second for the {SHORT} characters {text!r}",
                    "write it so that each text is matched in one way only: no repetition within another of the same "
                    "characters, no reference to what was repeated",
                )
        return None


def suite_patterns(suite: object) -> Iterator[tuple[str, str]]:
    """Yield each pattern of a suite (parsed JSON) with the id of its rule, as far as they can be read."""
    rules = suite.get("expectations") if is_object(suite) else None
    for rule in rules if is_list(rules) else ():
        kwargs = rule.get("kwargs") if is_object(rule) else None
        if is_object(kwargs):
            for pattern in _argument_patterns(kwargs):
                yield _rule_id(rule), pattern


def _argument_patterns(kwargs: dict[str, object]) -> Iterable[str]:
    for argument in ARGUMENTS:
        value = kwargs.get(argument)
        yield from (text for text in (value if is_list(value) else [value]) if isinstance(text, str))


def _rule_id(rule: dict[str, object]) -> str:
    meta = rule.get("meta")
    return str(meta.get("rule") if is_object(meta) else rule.get("type"))
