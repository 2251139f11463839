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
from bench.rules import untranslatable_rules
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

    def unsupported_reason(self, contracts: list[Contract]) -> str:
        """Say why it is not measured with these contracts; empty where it is."""
        rules = [] if self.any_rule else [rule for contract in contracts for rule in untranslatable_rules(contract)]
        return f"has no translation of {', '.join(rules)}" if rules else ""


def gate_variants(name: str, title: str, how: str, judge: Judge, keep: bool = False, **more: Any) -> list[Variant]:
    """Return a peer around the job, reading anew or from a cache (`keep`), whichever is its best, and the other way."""
    readings = {False: ("-uncached", "reads anew"), True: ("-cached", "the frame cached")}
    best = Variant(name, title, f"{how}; {readings[keep][1]}", partial(_run_gated, judge=judge, keep=keep), **more)
    other_run = partial(_run_gated, judge=judge, keep=not keep)
    other_how = f"{how}; {readings[not keep][1]}"
    return [best, replace(best, name=name + readings[not keep][0], how=other_how, run=other_run, by_default=False)]


def _run_gated(job: Job, judge: Judge, keep: bool) -> set[str]:
    return job.run_gated(judge, keep)


def load_variants() -> dict[str, Variant]:
    """Return every variant by its name, in the table's order."""
    all_variants = [variant for name in MODULES for variant in import_module(f"{__name__}.{name}").VARIANTS]
    return {variant.name: variant for variant in all_variants}
