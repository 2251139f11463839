"""What commands print fits 80 columns, and 40: into no terminal, without colour, with ids and objects of usual lengths."""

import re
import sys
from collections.abc import Callable
from typing import Any

import pytest
import typer

from sluice.cli import commands
from sluice.cli.app import build_app, load_command, main
from sluice.cli.errors import WrongUse, run_to_exit_code
from sluice.contracts.backtest import rendering
from sluice.contracts.prove import command as prove
from sluice.contracts.prove.report import ProofReport
from sluice.operations import status_report
from sluice.operations.commands import start
from sluice.operations.job_runs import EndedRun
from sluice.operations.output import Dialog, print_ended_run, print_table, say
from sluice.operations.short_ids import with_short_ids
from sluice.operations.status import DatasetState
from sluice.sandbox.output import SandboxConsole
from sluice.word_wrap import COPIED_LINE, WORD, cell_width
from tests.unit.contracts.test_backtest_told import HEADING, make_sample_report
from tests.unit.contracts.test_prove_told import BITING_PROOF, GUARDING_PROOF, UNPROVEN
from tests.unit.operations.test_status_told import SEEN

RUN, OTHER = f"jr_0a1b{'5' * 60}", f"jr_ff{'7' * 62}"
COLOUR = re.compile("\x1b\\[[0-9;]*m")
SNAPSHOT = "4813574031861919888"
KEY = "trades/year=2026/month=01/day=31/trades-of-store-0017-2026-01-31T06-00-00.csv"
MESSAGE = f"ContractBroken: trades broke its contract, nothing was published: trades.quantity.range (2) in {KEY} row 3"
SKIP = f"sluice skip trades {KEY} --version 3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY --why TEXT"
ENDED = EndedRun(RUN, "FAILED", MESSAGE, None, 1.0)


def deployed(name: str) -> Any:
    return type("Deployed", (), {"name": name, "job": f"sluice-prod-{name}"})()


def print_status() -> None:
    runs = [{**run, "run": name, "message": MESSAGE} for run in SEEN["runs"] for name in (RUN, OTHER)]
    readers = {**SEEN["readers"], "snapshot": SNAPSHOT}
    verdict = {**SEEN["verdict"], "run_id": RUN, "skip": [SKIP]}
    unread = {"key": KEY, "version": "1", "bytes": 10, "put": "2026", "instead_of": None}
    objects = {**SEEN["objects"], "unread": [unread] * 4, "deleted": [KEY, KEY]}
    findings = {**SEEN, "runs": runs, "verdict": verdict, "objects": objects, "readers": readers}
    status_report.print_states([DatasetState("trades", "sluice-prod-trades", findings, {"aside": MESSAGE}, False)])


def print_quarantine() -> None:
    rows = [
        {
            "run": run,
            "set_aside_at": "2026-01-31T06:00:00+00:00",
            "rows": 12,
            "rules": {"trades.quantity.range": 12, "a.b": 3},
        }
        for run in (RUN, OTHER)
    ]
    print_table(with_short_ids(rows, "run"))
    print_table(
        [
            {
                "row": "r" * 40,
                "rules": ["trades.quantity.range"],
                "object": KEY,
                "ordinal": 3,
                "source": {"a": "b c " * 9},
            }
        ]
    )


def print_rollback() -> None:
    choice = {"snapshot": SNAPSHOT, "published": "2026-01-31T06:00:00+00:00", "rows": 3, "run": RUN, "kind": "run"}
    print_table(with_short_ids(with_short_ids([{**choice, "would": "undo a rollback"}], "snapshot"), "run"))
    say(Dialog(as_json=False), f"readers of lake.sluice_prod.trades see {SNAPSHOT}; 1 snapshot to choose from")


def print_start() -> None:
    print_table(with_short_ids([start.describe_run(deployed("trades"), ENDED)], "run"))
    print_ended_run(Dialog(as_json=False), deployed("trades"), ENDED)


def print_fault() -> None:
    def refuse() -> int:
        raise WrongUse(
            f"{RUN}, {OTHER} of trades is under way: wait for its end, or stop it; nothing was done\n  {KEY}"
        )

    run_to_exit_code("sluice rerun", refuse)


def print_sandbox() -> None:
    console = SandboxConsole()
    console.print_heading("The bad day")
    console.print_paragraph("the run ", "FAILED", f": {MESSAGE}\nand more")
    console.print_rows([{"transaction_id": "TXN1", "rows_quarantined": 3, "object": KEY}])
    console.print_violations(
        [{"rule": "trades.quantity.range", "unexpected": 2, "samples": [KEY] * 3, "why": "One at least. " * 9}]
    )
    console.print_facts({"verdict": f"s3://assets/verdicts/{RUN}.json", "state": "FAILED"})
    console.print_verbatim(SKIP)


def print_prove() -> None:
    prove.print_reports(
        [ProofReport("trips", [BITING_PROOF, GUARDING_PROOF, UNPROVEN], 3.0), ProofReport("x", [], 1.0, MESSAGE)]
    )


PRINTED: dict[str, Callable[[], object]] = {
    "status": print_status,
    "quarantine": print_quarantine,
    "rollback": print_rollback,
    "start, rerun, replay": print_start,
    "a fault": print_fault,
    "demo, try, check, arrive": print_sandbox,
    "prove": print_prove,
    "backtest": lambda: rendering.print_report(make_sample_report(), HEADING),
    "lint": lambda: main(["lint"]),
    "a word that is no command": lambda: main(["frobnicate", "--with-a-long-option"]),
    "an option that is none": lambda: main(["status", "--dayz", "2026-02-30"]),
}


@pytest.fixture(params=[40, 80])
def columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Set how wide the output is; it is no terminal, and has no colour."""
    for name, value in {"COLUMNS": str(request.param), "NO_COLOR": "1", "TERM": "dumb"}.items():
        monkeypatch.setenv(name, value)
    return request.param


def too_wide(text: str, columns: int) -> list[str]:
    """Return the lines that are wider, but for one word, which stands whole, and commands that are there to be copied."""
    wide = [line for line in text.splitlines() if cell_width(line) > columns]
    return [line for line in wide if len(WORD.findall(line)) > 1 and not COPIED_LINE.match(line)]


@pytest.mark.parametrize("name", PRINTED)
def test_what_a_command_prints_fits(name: str, columns: int, capsys: pytest.CaptureFixture[str]) -> None:
    PRINTED[name]()
    written = capsys.readouterr()
    text = written.out + written.err
    assert text.strip()
    assert too_wide(text, columns) == []
    assert "\x1b" not in text


def test_ids_are_short_in_tables_and_what_is_copied_is_whole(columns: int, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("status", "quarantine", "rollback", "start, rerun, replay"):
        PRINTED[name]()
    text = capsys.readouterr().out
    assert columns
    assert RUN not in text
    assert "jr_0a1b5555" in text
    assert f"    {SKIP}\n" in text


def all_commands() -> dict[str, Any]:
    entries = {entry.name: entry for entry in commands.COMMANDS}
    groups = {name: sys.modules[entry.module] for name, entry in entries.items() if entry.module in sys.modules}
    nested = {
        f"{name} {entry.name}": entry for name, module in groups.items() for entry in getattr(module, "SUBCOMMANDS", ())
    }
    return entries | nested


def test_help_fits(columns: int) -> None:
    root = build_app()
    for name, entry in all_commands().items():
        command = load_command(entry, root)
        context = typer.Context(command, info_name=f"sluice {name}")
        shown = [
            line
            for line in COLOUR.sub("", command.get_help(context)).splitlines()
            if line.strip() not in entry.examples
        ]
        copied = [line for line in shown if line.startswith("    ") and ("--conf" in line or "SUBMIT" in line)]
        assert too_wide("\n".join(line for line in shown if line not in copied), columns) == [], name


def test_a_head_that_may_be_broken_keeps_its_blank_where_it_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    rule = {"rule": "trades.quantity.range", "unexpected": 1, "samples": ["-3"], "why": "Nobody sells less than one."}
    SandboxConsole().print_violations([rule])
    assert "broken by" in capsys.readouterr().out


def test_a_value_continues_below_where_it_began(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    SandboxConsole().print_facts({"sluice try trades FILE...": "word " * 20})
    first, second = capsys.readouterr().out.splitlines()[:2]
    assert second.index("word") == first.index("word")
