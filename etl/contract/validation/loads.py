"""What `load`, `unique_within` and `keep_days` of an output must agree on: with each other, the key and the columns."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from etl.contract.faults import Fault, did_you_mean, short_repr
from etl.contract.json_values import is_list, is_object
from etl.contract.loads import DELETE_WORDS, INSERT_WORDS, UPDATE_WORDS, Load, LoadKind
from etl.contract.model import Contract
from etl.contract.policies import ConflictPolicy
from etl.contract.types import Family, family_of, is_floating
from etl.contract.validation.checked_suite import SoundSuite
from etl.contract.validation.suite_paths import PlacedFault

LOAD = ("meta", "load")
WORDS = {"insert": [*INSERT_WORDS], "update": [*UPDATE_WORDS], "delete": [*DELETE_WORDS]}


def load_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    """Yield what is wrong between an output's load, its key, its columns, and how long rows stay."""
    load = sound.meta.get("load")
    options = load if is_object(load) else {"kind": load}
    kind = _kind_of(options.get("kind"))
    if kind is not None:
        yield from _conflict_faults(kind, sound.meta.get("on_conflict"))
        yield from _key_faults(kind, sound.meta.get("key"))
        for name in sorted(options.keys() - {"kind", *kind.options}):
            if name in _ALL_OPTIONS:
                yield PlacedFault((*LOAD, name), f"meta.load is {kind}, which has no {name}", "drop it")
        if kind is LoadKind.CHANGES:
            yield from _change_faults(options, sound)
    yield from _unique_within_faults(sound, kind or LoadKind.APPEND)
    yield from _keep_days_faults(sound)


_ALL_OPTIONS = {option for kind in LoadKind for option in kind.options}


def _kind_of(text: Any) -> LoadKind | None:
    return LoadKind(text) if text in tuple(LoadKind) else None


def _conflict_faults(kind: LoadKind, on_conflict: Any) -> Iterator[PlacedFault]:
    if on_conflict not in tuple(ConflictPolicy):
        return
    meant = Load.from_conflicts(ConflictPolicy(on_conflict)).kind
    if meant is not kind:
        yield PlacedFault(
            ("meta", "on_conflict"),
            f"meta.on_conflict is {on_conflict}, which means {meant}, but meta.load is {kind}",
            "drop on_conflict: load says it",
        )


def _key_faults(kind: LoadKind, key: Any) -> Iterator[PlacedFault]:
    if kind.replaces_rows and key == []:
        yield PlacedFault(
            LOAD,
            f"meta.load is {kind}, but meta.key is [], and rows without a key replace none",
            'name the columns of a key, or write "append"',
        )


def _change_faults(options: dict[str, Any], sound: SoundSuite) -> Iterator[PlacedFault]:
    if not options.get("operation"):
        yield PlacedFault(
            (*LOAD, "operation"),
            "meta.load is changes, and names no operation",
            "name the input column that says what a row does, such as op",
        )
    order, key = options.get("order"), sound.meta.get("key", [])
    if order in (None, []):
        yield PlacedFault(
            (*LOAD, "order"),
            "meta.load is changes, and names no order",
            "list the published columns by which one change of a key is later than another",
        )
    for index, name in enumerate(order if is_list(order) else []):
        if not isinstance(name, str):
            continue
        yield from _order_faults(index, name, sound.columns, key)
    words = Counter(word for name, default in WORDS.items() for word in set(_texts(options.get(name, default))))
    for word in sorted(word for word, times in words.items() if times > 1):
        yield PlacedFault(
            LOAD, f"meta.load has {word!r} as two of insert, update and delete", "let each word mean one of them"
        )


def _texts(values: object) -> list[str]:
    return [value for value in values if isinstance(value, str)] if is_list(values) else []


def _order_faults(index: int, name: str, columns: dict[str, str], key: list[str]) -> Iterator[PlacedFault]:
    path = (*LOAD, "order", index)
    if name not in columns:
        yield PlacedFault(
            path,
            f"meta.load's order names {short_repr(name)}, which is not declared",
            f"{did_you_mean(name, columns)}meta.columns has {', '.join(columns)}",
        )
    elif is_floating(columns[name]) or family_of(columns[name]) in (Family.NESTED, Family.BINARY):
        yield PlacedFault(
            path,
            f"meta.load's order names {name!r}, which is {columns[name]}: it puts changes in no order that can be trusted",
            "name a time, a date, a whole number, a decimal or a text",
        )
    elif name in key:
        yield PlacedFault(
            path,
            f"meta.load's order names {name!r}, which is of the key: changes of one key are then all at once",
            "name a column by which they differ",
        )


def _unique_within_faults(sound: SoundSuite, kind: LoadKind) -> Iterator[PlacedFault]:
    bound, path = sound.meta.get("unique_within"), ("meta", "unique_within")
    if not is_object(bound):
        return
    if kind is not LoadKind.APPEND or sound.meta.get("on_conflict") == ConflictPolicy.REPLACE:
        yield PlacedFault(
            path,
            "meta.unique_within bounds where a key is looked for, but rows here take the place of others, wherever these are",
            'drop it, or write "load": "append"',
        )
    elif sound.meta.get("key") == []:
        yield PlacedFault(path, "meta.unique_within stands beside a meta.key of []", "drop it, or name a key")
    yield from _dated_column_faults(sound, (*path, "column"), bound.get("column"), "unique_within", dates_alone=False)


def _keep_days_faults(sound: SoundSuite) -> Iterator[PlacedFault]:
    bound = sound.meta.get("keep_days")
    if is_object(bound):
        path = ("meta", "keep_days", "column")
        yield from _dated_column_faults(sound, path, bound.get("column"), "keep_days", dates_alone=True)


def _dated_column_faults(
    sound: SoundSuite, path: tuple[str, ...], name: Any, owner: str, *, dates_alone: bool
) -> Iterator[PlacedFault]:
    if not isinstance(name, str):
        return
    if name not in sound.columns:
        yield PlacedFault(
            path,
            f"meta.{owner} names {short_repr(name)}, which is not declared",
            f"{did_you_mean(name, sound.columns)}meta.columns has {', '.join(sound.columns)}",
        )
        return
    family = family_of(sound.columns[name])
    if family is not Family.DATE and (dates_alone or not (family and family.is_time)):
        kinds = "date" if dates_alone else "date or time"
        yield PlacedFault(
            path, f"meta.{owner} names {name!r}, which is {sound.columns[name]} and no {kinds}", f"name a {kinds}"
        )


def load_pair_faults(input_contract: Contract, output_contract: Contract) -> Iterator[Fault]:
    """Yield what is wrong between an output's load and the input that its rows come from."""
    load = output_contract.loading
    if input_contract.sources:
        if load.kind is not LoadKind.APPEND:
            named = "load" if output_contract.load else "on_conflict"
            value = load.kind if output_contract.load else output_contract.on_conflict
            yield Fault(f"meta.{named} is {value}, but a day is built whole and no other may have its keys", "drop it")
        keep = output_contract.keep_days
        if keep and keep.column != input_contract.day:
            yield Fault(
                f"meta.keep_days goes by {keep.column!r}, but this dataset is built day by day of {input_contract.day!r}",
                f"name {input_contract.day!r}: a day leaves as a whole",
            )
        return
    if load.kind is LoadKind.SNAPSHOT and input_contract.on_poison.publishes_others:
        yield Fault(
            "meta.on_poison is isolate, but of a snapshot one copy is read, and it is the whole table",
            'drop on_poison from the input, or write "load": "upsert"',
        )
    if load.kind is LoadKind.CHANGES:
        yield from _operation_faults(load, input_contract)


def _operation_faults(load: Load, input_contract: Contract) -> Iterator[Fault]:
    columns = {column.name: column for column in input_contract.columns}
    if load.operation not in columns:
        yield Fault(
            f"meta.load names the operation {load.operation!r}, which is no column of the input",
            f"{did_you_mean(load.operation, columns)}the input's columns are {', '.join(columns)}",
        )
    elif not columns[load.operation].type.is_text:
        yield Fault(
            f"meta.load names the operation {load.operation!r}, which is {columns[load.operation].type} in the input",
            "declare it as a string, or name a column that is",
        )
