"""Which condition keys a call carries: one table from caller and action to keys, each row with the page that says so.

A statement that demands a key which its caller does not send never matches, and nothing says so but what stays away.
`python -m sandbox.condition_keys [--write]` says whether docs/security.md shows the table, or writes it there.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluice.console import Parser, ending
from sluice.program.docs_part import with_part
from sluice.program.graph import ROOT
from sluice.program.iam import listed, matches

DATA, PAGE = Path(__file__).with_suffix(".json"), ROOT / "docs" / "security.md"
BEGIN, END = "<!-- table: condition keys -->", "<!-- end: condition keys -->"
ANYBODY, OURS = "*", "ours"
"""Every caller; and principals of the account: the roles of the stack, those that deploy it, people."""
OPERATORS = (
    *("StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "Bool", "BinaryEquals"),
    *("NumericEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals"),
    *("DateEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals", "IpAddress"),
)
NEGATED = (
    *("StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotEquals", "ArnNotLike"),
    *("NumericNotEquals", "DateNotEquals", "NotIpAddress"),
)
"""These match where a request lacks the key (AWS IAM, JSON policy elements: Condition operators)."""


@dataclass(frozen=True)
class Row:
    """What calls carry: `on` is a pattern of the resources that it holds for, of all where it is `*`."""

    caller: str
    actions: tuple[str, ...]
    keys: tuple[str, ...]
    page: str
    on: str = "*"
    why: str = ""

    def carries(self, key: str) -> bool:
        return any(matches(carried.lower(), key.lower()) for carried in self.keys)


def _text(value: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(" ".join(listed(value)).split())


TABLE = json.loads(DATA.read_text(encoding="utf-8"))
PAGES: dict[str, dict[str, str]] = TABLE["pages"]
ROWS = [Row(**{**row, "actions": _text(row["actions"]), "keys": _text(row["keys"])}) for row in TABLE["rows"]]


def documents(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the policy documents among a resource's inputs, at any depth: text that is JSON with statements."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from documents(item)
    elif isinstance(value, str) and value.startswith("{") and '"Statement"' in value:
        yield json.loads(value)


def faults(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each key that a statement demands of a call which does not carry it, or which no row knows."""
    for statement in document["Statement"]:
        where = statement.get("Sid", "a statement without Sid")
        for operator, keys in statement.get("Condition", {}).items():
            for key, value in keys.items():
                yield from (f"{where}: {fault}" for fault in _judged(statement, operator, key, value))


def _judged(statement: Mapping[str, Any], operator: str, key: str, value: Any) -> Iterator[str]:
    demanded = demands(statement["Effect"], operator, value)
    if demanded is None:
        yield f"the operator {operator} is not known"
        return
    for caller in callers(statement):
        actions = _expanded(caller, listed(statement.get("Action", "*")))
        without = [action for action in actions if not _carries(statement, caller, action, key)]
        # where calls without the key pass, one action that has it is enough: else the condition limits nothing
        if without and (demanded or len(without) == len(actions)):
            yield f"{caller} does not send {key} with {', '.join(without)}"


def demands(effect: str, operator: str, value: Any) -> bool | None:
    """Whether a statement does what it says only for calls that carry the key; None for an unknown operator.

    An Allow matches without the key under `...IfExists`, `ForAllValues:`, a negated operator, or `Null` that is true. In a Deny
    any of these refuses every call that lacks the key, and all others refuse none of them: it always needs the key.
    """
    quantifier, _, name = operator.rpartition(":")
    base = name.removesuffix("IfExists")
    if base not in (*OPERATORS, *NEGATED, "Null") or quantifier not in ("", "ForAllValues", "ForAnyValue"):
        return None
    if effect == "Deny":
        return True
    absent = "true" in str(value).lower() if base == "Null" else base in NEGATED
    return not (absent or name != base or quantifier == "ForAllValues")


def callers(statement: Mapping[str, Any]) -> list[str]:
    """Return who makes the calls that a statement speaks of: services, identity providers, `ours`, or everybody."""
    principal = statement.get("Principal", "*" if "NotPrincipal" in statement else {"AWS": ""})
    if principal == "*":
        return [ANYBODY]
    names = [(kind, name) for kind, those in principal.items() for name in listed(those)]
    providers = {"Service": lambda name: name, "Federated": lambda name: name.rpartition("/")[2]}
    return [providers.get(kind, lambda name: ANYBODY if name == "*" else OURS)(name) for kind, name in names]


def _of(caller: str) -> list[Row]:
    return [row for row in ROWS if row.caller == ANYBODY or matches(row.caller, caller)]


def _expanded(caller: str, patterns: Sequence[str]) -> list[str]:
    """The actions that patterns of a statement stand for, as far as the table knows; the pattern itself where it knows none."""
    every = list(dict.fromkeys(action for row in _of(caller) for action in row.actions if action != "*"))
    found = {pattern: [one for one in every if matches(pattern.lower(), one.lower())] for pattern in patterns}
    return [action for pattern, actions in found.items() for action in actions or [pattern]]


def _carries(statement: Mapping[str, Any], caller: str, action: str, key: str) -> bool:
    """Whether the action comes with the key, to every resource of the statement that it is called on."""
    kinds = [arn.split(":", 5)[-1] for arn in listed(statement.get("Resource", "*"))]
    rows = [row for row in _of(caller) if "*" in row.actions or action in row.actions]
    return all(_carried(rows, action, key, kind) for kind in kinds)


def _carried(rows: Sequence[Row], action: str, key: str, kind: str) -> bool:
    here = [row for row in rows if "*" in (kind, row.on) or matches(row.on, kind)]
    elsewhere = any(action in row.actions for row in rows) and not any(action in row.actions for row in here)
    # a service's row without keys says that no condition is supported, not even one on what all calls carry
    bare = any(action in row.actions and row.caller != OURS and not row.keys for row in here)
    return elsewhere or (not bare and any(row.carries(key) for row in here))


def table() -> list[str]:
    """Return the rows as a Markdown table: those of our own principals without keys are left to one line."""
    lines = ["| caller | call | keys | page |", "|---|---|---|---|"]
    for row in (row for row in ROWS if row.keys or row.caller != OURS):
        title, url = PAGES[row.page]["title"], PAGES[row.page]["url"]
        calls = ", ".join(f"`{action}`" for action in row.actions) + (f" on `{row.on}`" if row.on != "*" else "")
        keys = ", ".join(f"`{key}`" for key in row.keys) or "none"
        note = f": {row.why}" if row.why else ""
        caller = {ANYBODY: "everybody", OURS: "the account's own"}.get(row.caller, f"`{row.caller}`")
        lines.append(f"| {caller} | {calls} | {keys}{note} | [{title}]({url}) |")
    bare = sum(len(row.actions) for row in ROWS if row.caller == OURS and not row.keys)
    return [*lines, "", f"{bare} more actions of the account's own carry none of these; `{DATA.name}` lists them."]


def page(text: str) -> str:
    """Return a page with the table put between its markers; raises LookupError where it has none."""
    return with_part(text, BEGIN, END, table())


def main(argv: list[str]) -> int:
    """Return 1 where the page does not show the table; with --write it does afterwards."""
    parser = Parser(prog="sandbox.condition_keys", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/security.md")
    wanted: Any = parser.parse_args(argv)
    was = PAGE.read_text(encoding="utf-8")
    now = page(was)
    if wanted.write:
        PAGE.write_text(now, encoding="utf-8")
    elif was != now:
        print(f"{PAGE.relative_to(ROOT)} is out of date: make security")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(ending("sandbox.condition_keys", lambda: main(sys.argv[1:])))
