"""What both contracts of a dataset that is built from tables must agree on."""

from collections.abc import Iterator

from etl.contract.faults import Fault, did_you_mean
from etl.contract.model import Contract, Reconciliation, TableSource


def disagreements(given: Contract, published: Contract) -> Iterator[Fault]:
    """Yield what is wrong with a dataset's pair of contracts, each fault with a remedy."""
    if not given.sources:
        if published.reconciles:
            yield Fault(
                "meta.reconciles stands beside an input of files", "drop it, or name sources in the input's meta"
            )
        return
    if warned := [rule.rule for rule in (*given.rules, *published.rules) if rule.severity == "warning"]:
        yield Fault(
            "a row that is built from published ones cannot be set aside: it would be missing in a sum",
            "make the rule critical or info",
            warned[0],
        )
    if published.on_conflict != "refuse":
        yield Fault(
            f"meta.on_conflict is {published.on_conflict}, but a day is built whole and no other may have its keys",
            "drop it",
        )
    if given.day not in published.key:
        yield Fault(f"meta.key lacks {given.day!r}, the input's day", "add it: a day is built again by itself")
    days = next(source for source in given.sources if source.day)
    for one in published.reconciles:
        yield from _reconciled(one, days)


def _reconciled(one: Reconciliation, days: TableSource) -> Iterator[Fault]:
    if one.dataset != days.dataset:
        yield Fault(
            f"meta.reconciles names {one.dataset!r}, which is not the source whose days are built",
            f"name {days.dataset}",
        )
        return
    for name in (*one.by.values(), *one.sums.values()):
        if name not in (*days.columns, "*"):
            yield Fault(
                f"meta.reconciles names {name!r}, which is no column of source {one.dataset!r} in the input",
                f"{did_you_mean(name, days.columns)}name one of {', '.join(days.columns)}, "
                "or * in sums for the number of rows",
            )
