"""The AWS CLI's own parser over commands, none of which reaches AWS: run by the Python of `.awscli`, which has the CLI.

It reads a JSON list of commands, each the words behind `aws`, and writes what the CLI says of each, "" where it takes them.
Parameters are held against the service's model, with its closed sets; `--query` is parsed by the CLI. Its folder is thrown
away afterwards.
"""
# The CLI is in an environment that the type check does not see.
# pyright: reportMissingImports=false, reportMissingModuleSource=false

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from awscli.botocore.validate import ParamValidator
from awscli.clidriver import CLIDriver, CLIOperationCaller, create_clidriver
from awscli.customizations.s3 import subcommands as s3


class NotTaken(Exception):
    """The service's model does not take a parameter."""


def main() -> None:
    """Judge the commands on stdin."""
    os.environ |= {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
    driver = create_clidriver()
    CLIOperationCaller.invoke = judge_call
    for command in vars(s3).values():  # those of `aws s3` are no operations: nothing is called behind their parser
        if isinstance(command, type) and issubclass(command, s3.S3Command) and "_run_main" in vars(command):
            command._run_main = lambda self, parsed_args, parsed_globals: 0
    commands = json.load(sys.stdin)
    for name in (word.removeprefix("file://") for words in commands for word in words if word.startswith("file://")):
        Path(name).parent.mkdir(parents=True, exist_ok=True)  # an earlier command of the page writes it
        Path(name).write_text("{}", encoding="utf-8")
    print(json.dumps([fault_of(driver, words) for words in commands]))


def fault_of(driver: CLIDriver, words: list[str]) -> str:
    """Return what the CLI says of a command's words, "" where it takes them."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
        try:
            code = driver.main(words)
        except SystemExit as ended:
            code = ended.code
    return "" if code == 0 else said.getvalue().strip()[-300:] or f"it ends with {code}"


def judge_call(caller: Any, service: str, operation: str, parameters: dict[str, Any], _: Any) -> int:
    """Hold the parameters of a call against the service's model, in place of the call; 0 where they fit.

    Raises:
        NotTaken: they do not.
    """
    shape = caller._session.get_service_model(service).operation_model(operation).input_shape
    faults = (
        [ParamValidator().validate(parameters, shape).generate_report(), *unlisted(parameters, shape)] if shape else []
    )
    if any(faults):
        raise NotTaken("; ".join(filter(None, faults)))
    return 0


def unlisted(value: Any, shape: Any) -> Iterator[str]:
    """Yield the texts that are in no closed set of their shape."""
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in value.items():
            yield from unlisted(member, shape.members[name]) if name in shape.members else ()
    elif shape.type_name == "list" and isinstance(value, list):
        for member in value:
            yield from unlisted(member, shape.member)
    elif getattr(shape, "enum", None) and value not in shape.enum:
        yield f"{value!r} is none of {', '.join(shape.enum)}"


if __name__ == "__main__":
    main()
