"""The command `sluice`: its table, its help, its exit codes, and what it says of words that it does not take."""

import json
import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from components.settings.lake_folder import ROOT
from sluice.cli import app, reference_page
from sluice.cli.app import build_app, load_command, main
from sluice.cli.commands import COMMANDS, CommandEntry, CommandGroup
from sluice.cli.errors import TRACE_VARIABLE, run_to_exit_code
from sluice.cli.exit_codes import ExitCode
from sluice.program.commands.deployer import SUBCOMMANDS

EVERY = [
    *(((entry.name,), entry) for entry in COMMANDS),
    *((("deployer", entry.name), entry) for entry in SUBCOMMANDS),
]
"""The words that name each command, with its entry."""


class Parsed(BaseException):
    """Raised once a command's words were taken, before it does anything."""


@pytest.fixture
def dry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each command end once its words are parsed."""

    def stop(*_: object) -> None:
        raise Parsed

    monkeypatch.setattr(app.Command, "invoke", stop)


def help_of(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> str:
    assert main([*words, "--help"]) == 0
    return capsys.readouterr().out


def test_help_lists_each_command_once_under_its_heading(capsys: pytest.CaptureFixture[str]) -> None:
    shown = help_of((), capsys)
    headings = [shown.index(f"\n{group}:\n") for group in dict.fromkeys(entry.group for entry in COMMANDS)]
    assert headings == sorted(headings)
    for entry in COMMANDS:
        assert shown.count(f"\n  {entry.name} ") == 1


def test_the_table_is_in_the_order_of_its_headings() -> None:
    order = list(CommandGroup)
    assert [order.index(entry.group) for entry in COMMANDS] == sorted(order.index(entry.group) for entry in COMMANDS)


@pytest.mark.parametrize(("words", "entry"), EVERY)
def test_a_command_shows_what_it_takes_an_example_and_the_exit_codes(
    words: tuple[str, ...], entry: CommandEntry, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = help_of(words, capsys)
    assert f"  sluice {' '.join(words)}" in shown
    assert all(f"{code.value}" in shown and code.meaning in shown for code in ExitCode)
    if entry.name != "deployer":
        assert all(f"\n  {example}\n" in shown for example in entry.examples)
        assert "--debug" in shown


@pytest.mark.usefixtures("dry")
@pytest.mark.parametrize("example", [example for _, entry in EVERY for example in entry.examples])
def test_an_example_can_be_typed_as_it_stands(example: str) -> None:
    program, *words = shlex.split(example)
    assert program == "sluice"
    with pytest.raises(Parsed):
        main(words)


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("words", [(), *(words for words, _ in EVERY)])
def test_help_breaks_no_word_in_a_terminal(
    words: tuple[str, ...], columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "500")
    wide = set(help_of(words, capsys).split())
    monkeypatch.setenv("COLUMNS", str(columns))
    narrow = help_of(words, capsys)
    assert set(narrow.split()) == wide
    if columns == 80:
        examples = {example for _, entry in EVERY for example in entry.examples}
        assert [line for line in narrow.splitlines() if len(line) > 80 and line.strip() not in examples] == []


def test_the_version_is_that_of_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert capsys.readouterr().out == f"sluice {version}\n"


def test_without_a_command_help_is_shown_and_it_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "Contracts:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["lnt"], "sluice: there is no command 'lnt'; did you mean 'lint'? See sluice --help"),
        (["deployer", "boundry"], "did you mean 'boundary'?"),
        (["up", "--emty"], "sluice up: no such option: --emty; did you mean '--empty'? See sluice up --help"),
        (["plan", "prd"], "did you mean 'prod'?"),
        (["plan", "dev", "--diff", "prd"], "did you mean 'prod'?"),
        (["skip", "trades", "a.csv"], "sluice skip: missing option '--why'; see sluice skip --help"),
        (["skip", "trades", "a.csv", "--why", " "], "say why, in a sentence"),
        (["try", "trade", "x.csv"], "did you mean 'trades'?"),
        (["try", "trades", "x.csv", "--with", "buyers"], "'buyers' is not of the form DATASET=FILE"),
        (["prove", "buyer"], "did you mean 'buyers'?"),
        (["lint", "--format", "jnit"], "--format"),
        (["lint", "--format", "json", "--markdown"], "give one of them"),
        (["schema", "--write", "--check"], "give one of them"),
        (["export", "trades"], "--odcs"),
    ],
)
def test_wrong_use_is_one_line_with_what_to_type_and_ends_with_2(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("sluice")


@pytest.mark.parametrize("words", [["--debug", "lint", "nowhere"], ["lint", "nowhere", "--debug"]])
def test_a_trace_is_shown_with_debug_before_or_behind_the_command(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TRACE_VARIABLE, "")
    assert main(words) == 2
    assert "Traceback" in capsys.readouterr().err


def test_a_fault_nobody_foresaw_is_its_first_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TRACE_VARIABLE, raising=False)

    def fail() -> int:
        raise RuntimeError("first\nsecond\nthird")

    assert run_to_exit_code("sluice x", fail) == 3
    assert capsys.readouterr().err == "sluice x: RuntimeError: first (--debug shows where)\n"


def test_several_values_behind_one_option_are_taken() -> None:
    command = load_command(next(entry for entry in COMMANDS if entry.name == "docs"), build_app())
    context = command.make_context("docs", ["--verdicts", "a", "b", "--out", "site", "--verdicts", "c"])
    assert list(context.params["results"]) == ["a", "b", "c"]


def test_the_page_is_that_of_the_commands() -> None:
    assert reference_page.PAGE.read_text(encoding="utf-8") == reference_page.render_page(), "run make commands"


def test_help_imports_no_command_and_nothing_that_is_slow() -> None:
    script = (
        "import sys, json; from sluice.cli.app import main; code = main(['--help']);"
        "slow = {'boto3', 'rich', 'pulumi', 'pyspark', 'pandas', 'yaml', 'sqlglot', 'pyarrow'} & set(sys.modules);"
        "mine = [name for name in sys.modules if name.startswith('sluice.') and not name.startswith(('sluice.cli',"
        " 'sluice.console', 'sluice.word_wrap'))]; print(json.dumps([code, *slow, *mine]))"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout.splitlines()[-1]) == [0]


def test_a_shell_completes_commands_and_datasets(tmp_path: Path) -> None:
    def completed(words: str) -> list[str]:
        surroundings = {"_SLUICE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        command = [sys.executable, "-m", "sluice"]
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **surroundings}
        )
        return ended.stdout.split()

    assert completed("sluice ro") == ["rollback"]
    assert completed("sluice status trades_") == ["trades_daily"]


def test_the_launcher_runs_the_code_of_its_folder_from_anywhere(tmp_path: Path) -> None:
    binaries = tmp_path / "a lake" / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (tmp_path / "a lake" / "sluice").symlink_to(ROOT / "sluice")
    for folder in ("components", "etl"):
        (tmp_path / "a lake" / folder).symlink_to(ROOT / folder)
    (binaries / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (binaries / "sluice").write_bytes((ROOT / "sluice/cli/launcher.sh").read_bytes())
    for program in binaries.iterdir():
        program.chmod(0o755)
    ended = subprocess.run([binaries / "sluice", "lnt"], cwd="/", capture_output=True, text=True, check=False)
    assert (ended.returncode, "did you mean 'lint'?" in ended.stderr) == (2, True), ended.stderr
