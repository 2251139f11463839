"""Everything that is measured: the job without a check, the job of HEAD, and its peers, a module each.

A module imports its peer's library where it is used and not at its top: the library is imported while the JVM starts, as the
job of HEAD does it too.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from importlib.metadata import version
from typing import Any

from bench.job import Job, Judge
from bench.rules import strange
from etl.contract.model import Contract

MODULES = ("ungated", "sluice", "stock_gx", "cuallee", "pandera", "spark_sql")


@dataclass(frozen=True)
class Variant:
    """One way to do the job.

    Attributes:
        name: what it is asked for by; `title` is how the table calls it.
        how: how it was set up, a sentence.
        run: takes a day through and returns the rules that it found broken.
        by_default: whether it is measured where nothing else is said.
        libraries: imports what it needs; runs beside the JVM's start.
        package: the distribution whose version the table shows, "" for none.
        any_rule: whether it judges every rule of a contract, or only plain ones.
        environment: what its process needs in its environment.
    """

    name: str
    title: str
    how: str
    run: Callable[[Job], set[str]]
    by_default: bool = True
    libraries: Callable[[], object] = lambda: None
    package: str = ""
    any_rule: bool = False
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def version(self) -> str:
        """The version of its package."""
        return version(self.package) if self.package else ""

    def left_out(self, contracts: list[Contract]) -> str:
        """Say why it is not measured with these contracts; empty where it is."""
        rules = [] if self.any_rule else [one for contract in contracts for one in strange(contract)]
        return f"has no translation of {', '.join(rules)}" if rules else ""


def gates(name: str, title: str, how: str, judge: Judge, keep: bool = False, **more: Any) -> list[Variant]:
    """Return a peer around the job, reading anew or from a cache (`keep`), whichever is its best, and the other way."""
    ways = {False: ("-uncached", "reads anew"), True: ("-cached", "the frame cached")}
    best = Variant(name, title, f"{how}; {ways[keep][1]}", partial(_around, judge=judge, keep=keep), **more)
    other = partial(_around, judge=judge, keep=not keep)
    said = f"{how}; {ways[not keep][1]}"
    return [best, replace(best, name=name + ways[not keep][0], how=said, run=other, by_default=False)]


def _around(job: Job, judge: Judge, keep: bool) -> set[str]:
    return job.gated(judge, keep)


def variants() -> dict[str, Variant]:
    """Return every variant by its name, in the table's order."""
    found = [one for name in MODULES for one in import_module(f"{__name__}.{name}").VARIANTS]
    return {one.name: one for one in found}
