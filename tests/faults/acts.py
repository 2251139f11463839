"""What an operator does to a lake, beside the model: runs that read again, replay or withdraw, rollbacks and maintenance."""

from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

from etl.maintenance.arguments import MaintenanceArguments
from etl.maintenance.maintenance_run import Maintenance
from etl.maintenance.report import MaintenanceState, Report
from etl.runtime.withdraw_request import WithdrawRequest
from sluice.cli.app import main
from tests.faults.fresh import job_command_line
from tests.faults.lake import FaultyLake
from tests.faults.model import Model
from tests.faults.tables import Table
from tests.keys import KEYS

SNAPSHOT_DAYS = 7


@dataclass(frozen=True)
class Act:
    """A run of the job: its arguments, and what a model has after it."""

    name: str
    arguments: dict[str, Any]
    apply: Callable[[Model], object]


def rerun_act(key: str) -> Act:
    """Return a run that reads an object again."""
    return Act(f"rerun {key}", {"rerun": (key,)}, lambda model: model.rerun(key))


def withdraw_act(key: str) -> Act:
    """Return a run that has an object leave."""

    request = WithdrawRequest(key, why="in error", who="the test")
    return Act(f"withdraw {key}", {"withdraw": request}, lambda model: model.withdraw(key))


def deploy_job(faulty: FaultyLake) -> None:
    """Let the lake's job be in Glue, where commands find what they act on."""
    name = f"sluice-f{faulty.number}-trades"
    iam = KEYS.client("iam", faulty.proxy.upstream)
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    tokens = job_command_line(faulty.job_arguments(), faulty.name)
    defaults = {name: value for name, value in zip(tokens[::2], tokens[1::2], strict=True) if name[2:].islower()}
    defaults |= {"--stack": f"f{faulty.number}"}
    script: Any = {"Name": "glueetl", "ScriptLocation": f"s3://{faulty.bucket}/none.py", "PythonVersion": "3"}
    faulty.direct.glue.create_job(Name=name, Role=role, Command=script, GlueVersion="6.0", DefaultArguments=defaults)


def run_command(faulty: FaultyLake, command: str, *options: str) -> None:
    """Run a command as from the command line.

    Raises:
        AssertionError: it failed.
    """
    output = StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        code = main([command, "trades", *options, "--stack", f"f{faulty.number}"], faulty.account)
    assert code == 0, output.getvalue()


@dataclass
class Operator:
    """Who acts on a lake; `earlier` are tables that readers saw, by snapshot, to which a rollback may go."""

    faulty: FaultyLake
    earlier: dict[str, Table] = field(default_factory=dict[str, Table])
    deployed: bool = False

    def remember_table(self) -> None:
        """Keep what readers see now."""
        if snapshot := self.faulty.head().snapshot:
            self.earlier[snapshot] = self.faulty.model.table

    def replays(self) -> list[Act]:
        """Let the contract know the regions of all that is aside; return the runs that then replay it."""
        self.faulty.accept_regions()
        objects = dict[str, set[str]]()
        for key, run in self.faulty.quarantined_objects():
            objects.setdefault(run, set()).add(key)
        return [
            Act(f"replay {run}", {"replay": run}, lambda model, keys=frozenset(keys): model.replay(keys))
            for run, keys in sorted(objects.items())
        ]

    def roll_back(self, snapshot: str) -> None:
        """Let readers see an earlier snapshot."""
        self._deploy_once()
        run_command(self.faulty, "rollback", snapshot, "--yes")
        self.faulty.model.roll_back(self.earlier[snapshot])
        snapshots = [*self.earlier]
        self.earlier = {kept: self.earlier[kept] for kept in snapshots[: snapshots.index(snapshot) + 1]}

    def let_in(self) -> int:
        """Have runs read again what is skipped; return how many objects."""
        self._deploy_once()
        model = self.faulty.model
        keys = sorted(key for key, version in model.skipped if model.raw[key].version == version)
        if keys:
            run_command(self.faulty, "unskip", *(key.removeprefix("trades/") for key in keys), "--yes")
        model.skipped.clear()
        return len(keys)

    def maintain(self, after: timedelta = timedelta(0)) -> str:
        """Maintain the tables as if it began some time from now; return what was done.

        Raises:
            AssertionError: it did not succeed.
        """
        order = self.faulty.job_arguments(table=self.faulty.name)
        arguments = MaintenanceArguments(
            *(order.dataset, order.job, order.table, order.location, order.verdicts),
            *(SNAPSHOT_DAYS, 0, "maintain", order.run_id),
        )
        report = Report(order.dataset, order.run_id, order.job, "now")
        spark = self.faulty.spark
        Maintenance(arguments, self.faulty.direct, report, lambda: spark, datetime.now(UTC) + after).run()
        assert report.state is MaintenanceState.SUCCEEDED, report.message
        if after >= timedelta(SNAPSHOT_DAYS):
            self.earlier.clear()
        return report.message

    def _deploy_once(self) -> None:
        if not self.deployed:
            deploy_job(self.faulty)
            self.deployed = True
