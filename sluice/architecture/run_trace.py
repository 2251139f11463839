"""One run of the job on a small valid day, watched call by call: which modules it passes, and where one rule is handed on."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from etl.contract.model import Contract, Rule
from etl.datasets import transform_of
from etl.results.rule_result import RuleResult
from sluice.architecture.code_figures import ROOT
from sluice.contracts.prove.gate_proofs import reference_keys
from sluice.contracts.prove.lake import Lake
from sluice.contracts.prove.proof import bench_dataset
from sluice.contracts.prove.session import lake_session
from sluice.contracts.prove.valid_day import find_valid_day


@dataclass
class RunTrace:
    """What a run called.

    Attributes:
        rule: the id of the rule that is followed.
        modules: modules of the job in which a function was called, as paths.
        hops: functions that were handed the rule, its id or its result, as (path, name).
    """

    rule: str
    modules: set[str] = field(default_factory=set)
    hops: set[tuple[str, str]] = field(default_factory=set)

    @property
    def hop_modules(self) -> set[str]:
        """The modules of the functions that were handed the rule."""
        return {path for path, _ in self.hops}

    def note_call(self, frame: FrameType, event: str, _argument: Any) -> None:
        """Note a call, as `sys.setprofile` reports it."""
        path = frame.f_code.co_filename
        if event != "call" or not path.startswith(JOB):
            return
        module = Path(path).relative_to(ROOT).as_posix()
        self.modules.add(module)
        count = frame.f_code.co_argcount + frame.f_code.co_kwonlyargcount
        if any(self._is_rule(frame.f_locals.get(name)) for name in frame.f_code.co_varnames[:count]):
            self.hops.add((module, frame.f_code.co_qualname))

    def _is_rule(self, value: object) -> bool:
        if isinstance(value, Rule | RuleResult):
            return value.rule == self.rule
        return isinstance(value, str) and value == self.rule


JOB = f"{ROOT / 'etl'}/"


def trace_run(contracts: tuple[Contract, Contract], rule: str) -> RunTrace:
    """Run the job once, in this process and an emulator, on a day that keeps both contracts.

    Args:
        contracts: input and output of a dataset that comes as files.
        rule: the id of a rule of either.
    """
    run_date, trace = datetime.now(UTC).date(), RunTrace(rule)
    with lake_session() as spark:
        started = datetime.now(UTC)
        day = find_valid_day(bench_dataset(spark, contracts, run_date, started))
        lake = Lake.create_lake(spark, contracts, transform_of(contracts[1].transform_module), run_date, started)
        lake.publish_references(reference_keys(day, lake))
        with _watched(trace):
            lake.run_files(day.raw)
    return trace


@contextmanager
def _watched(trace: RunTrace) -> Iterator[None]:
    threading.setprofile(trace.note_call)
    sys.setprofile(trace.note_call)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # pyright: ignore[reportArgumentType]
