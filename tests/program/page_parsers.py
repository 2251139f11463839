"""The programs' own parsers over the words of a page's commands; nothing that a command does is done."""

import argparse
import contextlib
import functools
import importlib
import inspect
import io
import re
import subprocess
from collections.abc import Callable, Sequence
from unittest import mock

import typer
from pulumi.automation import Stack
from pulumi.automation.interface import API

from components.settings.lake_folder import ROOT
from sluice.cli import app, old_names

Words = Sequence[str]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE)) | {
    name for line in re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE) for name in line.split()
}
VARIABLES = set(re.findall(r"\$\((?:if \$\()?([A-Z_]+)[),]", MAKEFILE)) | set(re.findall(r"required,(\w+)", MAKEFILE))
GITHUB_OPTIONS: dict[tuple[str, ...], set[str]] = {
    ("api",): {
        "--field",
        "--input",
        "--jq",
        "--method",
        "--paginate",
        "--raw-field",
        "--silent",
        "-F",
        "-X",
        "-f",
        "-q",
    },
    ("variable", "set"): {"--body", "--env", "--repo"},
    ("workflow", "disable"): {"--repo"},
    ("workflow", "enable"): {"--repo"},
    ("workflow", "run"): {"--field", "--ref", "--repo", "-f"},
}
"""GitHub CLI manual: no package that Python installs has its parser."""
PULUMI_OPTIONS = {
    "destroy": {"--stack", "--yes"},
    "login": {"--cloud-url", "--local"},
    "preview": {"--stack"},
    "stack_change_secrets_provider": {"--stack"},
    "stack_export": {"--file", "--show-secrets", "--stack", "--version"},
    "stack_import": {"--file", "--force", "--stack"},
    "stack_init": {"--copy-config-from", "--no-select", "--secrets-provider", "--stack"},
    "stack_output": {"--json", "--shell", "--show-secrets", "--stack"},
    "stack_rm": {"--force", "--preserve-config", "--remove-backups", "--stack", "--yes"},
    "up": {"--stack", "--yes"},
}
"""What commands take that the Automation API passes by itself, or that it has not. Pulumi CLI reference."""


class Parsed(BaseException):
    """Raised once the words of a command were taken, before it does anything."""


def fault_of_words(argv: Words) -> str:
    """Return what a program's parser says of a command, "" where it takes the words or is none of those known here."""
    program, *words = argv
    if program.endswith("python") and words[:1] == ["-m"]:
        module, *typed = words[1:]
        if module in old_names.COMMANDS:
            return sluice_fault([*old_names.COMMANDS[module], *typed])
        return sluice_fault(typed) if module == "sluice" else module_fault(old_names.MODULES.get(module, module), typed)
    return PARSERS[program](words) if program in PARSERS else ""


def entry_module(module: str) -> str:
    """Return the module whose `main` a `python -m MODULE` calls: of a package, its `__main__`."""
    return f"{module}.__main__" if (ROOT / module.replace(".", "/")).is_dir() else module


def module_fault(module: str, words: Words) -> str:
    """Return what the parser of `python -m MODULE` says."""
    try:
        entry = importlib.import_module(entry_module(module))
    except ModuleNotFoundError as fault:
        return str(fault)
    parse = argparse.ArgumentParser.parse_args

    def parse_and_stop(self: argparse.ArgumentParser, *arguments: list[str]) -> None:
        parse(self, *arguments)
        raise Parsed

    stderr = io.StringIO()
    with (
        mock.patch.object(argparse.ArgumentParser, "parse_args", parse_and_stop),
        contextlib.redirect_stderr(stderr),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.suppress(SystemExit),
    ):
        try:
            entry.main([*words])
        except Parsed:
            return ""
    return stderr.getvalue() or "it parses nothing"


def sluice_fault(words: Words) -> str:
    """Return what the parser of `sluice` says, down to the command's own."""
    command, name, parents = app.build_app(), "sluice", []
    rest = [*words]
    try:
        while True:
            context = command.make_context(name, rest, parent=parents[-1] if parents else None)
            parents.append(context)
            rest = [*getattr(context, "_protected_args", ()), *context.args]
            if not rest or not hasattr(command, "resolve_command"):
                return ""
            name, command, rest = command.resolve_command(context, rest)
    except typer.Exit:  # such as of --help, which is done while the words are parsed
        return ""
    except typer.TyperException as fault:
        return app.usage_message(fault)


def make_fault(words: Words) -> str:
    """Return what make would not know of its words: a target, or a variable that no recipe reads."""
    targets = [word for word in words if not re.match(r"-|[A-Z_]+=", word)]
    variables = [word.partition("=")[0] for word in words if re.match(r"[A-Z_]+=", word)]
    unknown = sorted({*targets} - TARGETS) + sorted({*variables} - VARIABLES - {"PYTHON"})
    return f"the Makefile has no {', '.join(unknown)}" if unknown else ""


def pulumi_fault(words: Words) -> str:
    """Return which command or option the Pulumi CLI does not have, by the Python SDK that is made from its commands."""
    names = [word for word in words if re.fullmatch(r"[a-z][a-z-]*", word)]
    for length in range(min(len(names), 3), 0, -1):
        entry = "_".join(names[:length]).replace("-", "_")
        methods = [owner[entry] for owner in (vars(API), vars(Stack)) if callable(owner.get(entry))]
        if methods or entry in PULUMI_OPTIONS:
            taken = {
                f"--{name.replace('_', '-')}" for method in methods for name in inspect.signature(method).parameters
            }
            return _unknown_options(words, taken | PULUMI_OPTIONS.get(entry, set()))
    return f"pulumi has no command {' '.join(names[:2])}"


def github_fault(words: Words) -> str:
    """Return which command or option the GitHub CLI does not have."""
    for command, options in GITHUB_OPTIONS.items():
        if (*words[: len(command)],) == command:
            return _unknown_options(words, options)
    return f"no command that is known of gh: {' '.join(words[:2])}"


@functools.cache
def git_usage(command: str) -> str:
    """Return what Git says of a command's options, on whichever channel; "" where it has no such command."""
    completed = subprocess.run(["git", command, "-h"], capture_output=True, text=True, check=False, cwd=ROOT)
    usage = completed.stdout + completed.stderr
    return usage if "usage: git" in usage else ""


def git_fault(words: Words) -> str:
    """Return which command or option Git does not have."""
    usage = git_usage(words[0]) if words else ""
    taken = {match.replace("[no-]", "") for match in re.findall(r"--?[a-z\[\]-]+", usage)}
    return _unknown_options(words, taken) if usage else f"git has no command {' '.join(words[:1])}"


def _unknown_options(words: Words, taken: set[str]) -> str:
    options = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
    return f"no option {', '.join(sorted(options - taken))}" if options - taken else ""


PARSERS: dict[str, Callable[[Words], str]] = {
    "sluice": sluice_fault,
    "make": make_fault,
    "pulumi": pulumi_fault,
    "gh": github_fault,
    "git": git_fault,
}
