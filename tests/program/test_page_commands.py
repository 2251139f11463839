"""Each command that a page names is one: its module is there and takes the words, and so are make's targets and files."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from sluice.program.stack_files import ROOT
from sluice.sandbox.up import PULUMI_COMMANDS, example_commands
from tests.fences import PAGES, Hold, read_fences
from tests.program.page_parsers import TARGETS, fault_of_words

FOLDERS = tuple(f"{path.name}/" for path in ROOT.iterdir() if path.is_dir() and path.name[0] != ".")
VALUES = {"STACK": "prod", "ACCOUNT": "123456789012", "REGION": "eu-west-1", "role": "deploy"}
"""What stands for a variable of a page; others are numbers."""
EXAMPLES = ("stores", "expectations/orders")
"""The dataset that a page has its reader make, and the one that the commands' own examples name."""


class Command(NamedTuple):
    """One command of a page; `typed_as_is` where a reader types it as it stands, and not a mention of it in a sentence."""

    page: str
    argv: tuple[str, ...]
    typed_as_is: bool


def commands_on(page: str, text: str) -> Iterator[Command]:
    """Yield the commands of a page's blocks, and those between backticks in its sentences."""
    for fence in read_fences(page, text):
        lines = re.sub(r"\\\n\s*", " ", fence.text).splitlines() if fence.info in set(Hold) else ()
        for line in lines:
            yield from (Command(page, argv, True) for argv in split_commands(line))
    prose = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.DOTALL | re.MULTILINE)
    for quoted in re.findall(r"`([^`\n]+)`", prose):
        if re.match(r"(\.venv/bin/)?(python -m |sluice )|make ", quoted) and "[OPTIONS]" not in quoted:
            yield from (Command(page, argv, False) for argv in split_commands(quoted))


def split_commands(line: str) -> Iterator[tuple[str, ...]]:
    """Yield the simple commands of a line of a shell, places filled in; nothing of a line that is none."""
    line = re.sub(r"\$\{?(\w+)\}?", lambda match: VALUES.get(match[1], "1"), re.sub(r"<[\w -]+>", "1", line))
    lexer = shlex.shlex(line.replace("...", "").strip("$ "), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    command: list[str] = []
    try:
        for token in [*lexer, ";"]:
            if set(token) <= set("();<>|&"):
                if command:
                    yield tuple(command)
                command = []
            elif token.strip("[]"):
                command.append(token.strip("[]"))
    except ValueError:  # an apostrophe: a sentence, or what a program printed
        return


ALL = [command for page, text in PAGES.items() for command in commands_on(page, text)]
PYTHON = [
    command
    for command in ALL
    # installing completion is done while the words are parsed, and changes the reader's own shell
    if "--install-completion" not in command.argv
    and (
        command.argv[0].rpartition("/")[2] == "sluice"
        or (command.argv[1:2] == ("-m",) and command.argv[0].endswith("python"))
    )
]


def command_fault(command: Command) -> str:
    """Return what a program's own parser says of a command's words; nothing where it takes them."""
    program, *words = command.argv
    fault = fault_of_words((program.rpartition("/")[2], *words))
    is_partial = re.search("the following arguments are required|[Mm]issing (argument|option|command)", fault)
    is_name = not words or (words[0] == "-m" and len(words) == 2 and "No module" not in fault)
    mention = not command.typed_as_is and (is_name or is_partial or "COMMAND" in words)
    return "" if mention else fault


def test_a_module_takes_the_words_that_a_page_gives_it() -> None:
    assert len(PYTHON) > 40
    faults = {command: command_fault(command) for command in PYTHON}
    assert {command: fault for command, fault in faults.items() if fault} == {}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("sluice up --emty", "did you mean '--empty'?"),
        ("sluice begin", "there is no command 'begin'"),
        ("sluice skip trades", "missing argument 'OBJECT'"),
        ("sluice prove", ""),
    ],
)
def test_a_command_that_is_none_is_noticed(line: str, fault: str) -> None:
    (command,) = commands_on("page.md", f"```sh\n{line}\n```\n")
    assert fault in command_fault(command)


def test_make_has_every_target_that_a_page_names() -> None:
    named = {
        (command.page, target)
        for command in ALL
        if command.argv[0] == "make"
        for target in command.argv[1:]
        if re.fullmatch(r"[a-z][a-z-]*", target)
    }
    assert len(named) > 30
    assert sorted((page, target) for page, target in named if target not in TARGETS) == []


def test_every_file_of_the_repository_that_a_command_names_is_there() -> None:
    named = {
        (command.page, file_name) for command in ALL for file_name in command.argv if file_name.startswith(FOLDERS)
    }
    missing = [
        (page, file_name)
        for page, file_name in named
        if not any(example in file_name for example in EXAMPLES) and not list(ROOT.glob(file_name.rstrip("/")))
    ]
    assert sorted(missing) == []


@pytest.mark.parametrize(
    "page",
    sorted({command.page for command in PYTHON if command.argv[0] == "python" and "/decisions/" not in command.page}),
)
def test_a_page_says_whose_python_before_it_names_one(page: str) -> None:
    """Packages are in the environment that make set up: another Python does not know them."""
    before = re.split(r"(?<!/)python -m ", PAGES[page])[0]
    assert "`. .venv/bin/activate`" in before


def test_the_page_on_the_emulator_has_the_commands_that_it_prints() -> None:
    """An export, and no prefix of one command: with a passphrase for a key, each of Pulumi's commands needs it."""
    page = PAGES["docs/deploying.md"]
    assert "\n".join(["```sh account", *PULUMI_COMMANDS, "```"]) in page
    assert "PULUMI_CONFIG_PASSPHRASE=" in PULUMI_COMMANDS[0].removeprefix("export ")
    assert "sluice up --empty" in page


def test_no_page_makes_a_stack_without_saying_what_its_key_is() -> None:
    stack_inits = [
        command for command in ALL if command.argv[:3] == ("pulumi", "stack", "init") and command.typed_as_is
    ]
    keyless = [command for command in stack_inits if "--secrets-provider" not in command.argv]
    assert len(stack_inits) > 2
    assert [command.argv for command in keyless] == [("pulumi", "stack", "init", "local")]


OUTPUTS = {"raw": "raw-bucket", "assets": "assets-bucket"}


def test_a_lake_without_a_sample_day_names_a_file_of_the_users_and_a_dataset_of_files() -> None:
    printed = list(example_commands(OUTPUTS | {"jobs": {"trades_daily": "job-daily", "goods": "job-goods"}}))
    assert printed[0] == "aws s3 cp FILE s3://raw-bucket/goods/"


def test_the_pages_are_found() -> None:
    assert {Path(page).name for page in PAGES} >= {"deploying.md", "runbook.md", "operating.md"}
