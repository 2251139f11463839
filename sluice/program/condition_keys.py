"""Which condition keys a call carries: one table from caller and action to keys, each row with the page that says so.

A statement that demands a key which its caller does not send never matches, and nothing says so but what stays away.
`python -m sluice.program.condition_keys [--write]` says whether docs/security.md shows the table, or writes it there.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluice.cli.errors import run_to_exit_code
from sluice.cli.module_parser import CommandParser
from sluice.program.docs_part import replace_part
from sluice.program.graph import ROOT
from sluice.program.iam import as_list, matches_pattern

DATA, PAGE = Path(__file__).with_suffix(".json"), ROOT / "docs" / "security.md"
BEGIN, END = "<!-- table: condition keys -->", "<!-- end: condition keys -->"
ANYBODY, OWN_PRINCIPALS = "*", "ours"
"""Every caller; and principals of the account: the roles of the stack, those that deploy it, people."""
OPERATORS = (
    *("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "Bool", "BinaryEquals"),
    *("NumericEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"),
    *("DateEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals", "IpAddress"),
)
NEGATED_OPERATORS = (
    *("StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotEquals", "ArnNotLike"),
    *("NumericNotEquals", "DateNotEquals", "NotIpAddress"),
)
"""These match where a request lacks the key (AWS IAM, JSON policy elements: Condition operators)."""


@dataclass(frozen=True)
class ConditionKeyRow:
    """What calls carry: `on` is a pattern of the resources that it holds for, of all where it is `*`."""

    caller: str
    actions: tuple[str, ...]
    keys: tuple[str, ...]
    page: str
    on: str = "*"
    why: str = ""

    def carries_key(self, key: str) -> bool:
        """Return whether a request that the row is about can carry a condition key."""
        return any(matches_pattern(pattern.lower(), key.lower()) for pattern in self.keys)


def _split_words(value: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(" ".join(as_list(value)).split())


TABLE = json.loads(DATA.read_text(encoding="utf-8"))
PAGES: dict[str, dict[str, str]] = TABLE["pages"]
CONDITION_KEY_ROWS = [
    ConditionKeyRow(**{**row, "actions": _split_words(row["actions"]), "keys": _split_words(row["keys"])})
    for row in TABLE["rows"]
]


def policy_documents(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the policy documents among a resource's inputs, at any depth: text that is JSON with statements."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from policy_documents(item)
    elif isinstance(value, str) and value.startswith("{") and '"Statement"' in value:
        yield json.loads(value)


def document_faults(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each key that a statement demands of a call which does not carry it, or which no row knows."""
    for statement in document["Statement"]:
        statement_name = statement.get("Sid", "a statement without Sid")
        for operator, keys in statement.get("Condition", {}).items():
            for key, value in keys.items():
                yield from (
                    f"{statement_name}: {fault}" for fault in _condition_faults(statement, operator, key, value)
                )


def _condition_faults(statement: Mapping[str, Any], operator: str, key: str, value: Any) -> Iterator[str]:
    key_required = requires_key(statement["Effect"], operator, value)
    if key_required is None:
        yield f"the operator {operator} is not known"
        return
    for caller in statement_callers(statement):
        actions = _expand_actions(caller, as_list(statement.get("Action", "*")))
        actions_without_key = [action for action in actions if not _sends_key(statement, caller, action, key)]
        # where calls without the key pass, one action that has it is enough: else the condition limits nothing
        if actions_without_key and (key_required or len(actions_without_key) == len(actions)):
            yield f"{caller} does not send {key} with {', '.join(actions_without_key)}"


def requires_key(effect: str, operator: str, value: Any) -> bool | None:
    """Whether a statement does what it says only for calls that carry the key; None for an unknown operator.

    An Allow matches without the key under `...IfExists`, `ForAllValues:`, a negated operator, or `Null` that is true. In a Deny
    any of these refuses every call that lacks the key, and all others refuse none of them: it always needs the key.
    """
    quantifier, _, name = operator.rpartition(":")
    base = name.removesuffix("IfExists")
    if base not in (*OPERATORS, *NEGATED_OPERATORS, "Null") or quantifier not in ("", "ForAllValues", "ForAnyValue"):
        return None
    if effect == "Deny":
        return True
    absent = "true" in str(value).lower() if base == "Null" else base in NEGATED_OPERATORS
    return not (absent or name != base or quantifier == "ForAllValues")


def statement_callers(statement: Mapping[str, Any]) -> list[str]:
    """Return who makes the calls that a statement speaks of: services, identity providers, `ours`, or everybody."""
    principal = statement.get("Principal", "*" if "NotPrincipal" in statement else {"AWS": ""})
    if principal == "*":
        return [ANYBODY]
    names = [(kind, name) for kind, principals in principal.items() for name in as_list(principals)]
    providers = {"Service": lambda name: name, "Federated": lambda name: name.rpartition("/")[2]}
    return [providers.get(kind, lambda name: ANYBODY if name == "*" else OWN_PRINCIPALS)(name) for kind, name in names]


def _rows_of_caller(caller: str) -> list[ConditionKeyRow]:
    return [row for row in CONDITION_KEY_ROWS if row.caller == ANYBODY or matches_pattern(row.caller, caller)]


def _expand_actions(caller: str, patterns: Sequence[str]) -> list[str]:
    """The actions that patterns of a statement stand for, as far as the table knows; the pattern itself where it knows none."""
    known_actions = list(
        dict.fromkeys(action for row in _rows_of_caller(caller) for action in row.actions if action != "*")
    )
    matching_actions = {
        pattern: [
            known_action for known_action in known_actions if matches_pattern(pattern.lower(), known_action.lower())
        ]
        for pattern in patterns
    }
    return [action for pattern, actions in matching_actions.items() for action in actions or [pattern]]


def _sends_key(statement: Mapping[str, Any], caller: str, action: str, key: str) -> bool:
    """Whether the action comes with the key, to every resource of the statement that it is called on."""
    kinds = [arn.split(":", 5)[-1] for arn in as_list(statement.get("Resource", "*"))]
    rows = [row for row in _rows_of_caller(caller) if "*" in row.actions or action in row.actions]
    return all(_resource_sends_key(rows, action, key, kind) for kind in kinds)


def _resource_sends_key(rows: Sequence[ConditionKeyRow], action: str, key: str, kind: str) -> bool:
    applicable_rows = [row for row in rows if "*" in (kind, row.on) or matches_pattern(row.on, kind)]
    applies_elsewhere = any(action in row.actions for row in rows) and not any(
        action in row.actions for row in applicable_rows
    )
    # a service's row without keys says that no condition is supported, not even one on what all calls carry
    has_row_without_keys = any(
        action in row.actions and row.caller != OWN_PRINCIPALS and not row.keys for row in applicable_rows
    )
    return applies_elsewhere or (not has_row_without_keys and any(row.carries_key(key) for row in applicable_rows))


def render_table() -> list[str]:
    """Return the rows as a Markdown table: those of our own principals without keys are left to one line."""
    lines = ["| caller | call | keys | page |", "|---|---|---|---|"]
    for row in (row for row in CONDITION_KEY_ROWS if row.keys or row.caller != OWN_PRINCIPALS):
        title, url = PAGES[row.page]["title"], PAGES[row.page]["url"]
        calls = ", ".join(f"`{action}`" for action in row.actions) + (f" on `{row.on}`" if row.on != "*" else "")
        keys = ", ".join(f"`{key}`" for key in row.keys) or "none"
        note = f": {row.why}" if row.why else ""
        caller = {ANYBODY: "everybody", OWN_PRINCIPALS: "the account's own"}.get(row.caller, f"`{row.caller}`")
        lines.append(f"| {caller} | {calls} | {keys}{note} | [{title}]({url}) |")
    action_count = sum(len(row.actions) for row in CONDITION_KEY_ROWS if row.caller == OWN_PRINCIPALS and not row.keys)
    return [
        *lines,
        "",
        f"{action_count} more actions of the account's own carry none of these; `{DATA.name}` lists them.",
    ]


def render_page(text: str) -> str:
    """Return a page with the table put between its markers; raises LookupError where it has none."""
    return replace_part(text, BEGIN, END, render_table())


def main(argv: list[str]) -> int:
    """Return 1 where the page does not show the table; with --write it does afterwards."""
    parser = CommandParser(prog="sluice.program.condition_keys", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/security.md")
    options: Any = parser.parse_args(argv)
    old_text = PAGE.read_text(encoding="utf-8")
    new_text = render_page(old_text)
    if options.write:
        PAGE.write_text(new_text, encoding="utf-8")
    elif old_text != new_text:
        print(f"{PAGE.relative_to(ROOT)} is out of date: make security")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(run_to_exit_code("sluice.program.condition_keys", lambda: main(sys.argv[1:])))
