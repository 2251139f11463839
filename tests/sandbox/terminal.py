"""A bash in which the commands of our pages run: AWS is the emulator, GitHub a file, Pulumi and make are written down.

Each command is a few lines that hand its words to the test's own process, which has boto3 loaded already. So the words
are checked by botocore, and calls end as the emulator ends them.
"""

import contextlib
import io
import json
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jmespath
from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError

from sluice.cli.app import main
from sluice.sandbox.emulator.emulator import ACCOUNT, REGION, Emulator
from tests.fences import Hold, fences_of
from tests.lake import LAKE
from tests.program import gh_stub

ROOT = Path(__file__).resolve().parents[2]
PLACES = {"<owner>/<name>": "me/lake", "<login>": "ann"}
"""What a reader fills in."""
CLIENT = """#!/bin/bash
name=${{0##*/}}
if [ "$name $1" = "python -c" ]; then exec {python} -ISE "$@"; fi
case " $* " in *" --input - "*) piped=$(cat) ;; esac
exec 3<>/dev/tcp/127.0.0.1/{port}
printf '%s\\0' $(($# + 2)) "$piped" "$name" "$@" >&3
read -r code <&3
if [ "$code" = 0 ]; then cat <&3; else cat <&3 >&2; fi
exit "$code"
"""
"""It sends how many words follow, what was piped in, and its words; it gets its exit code, and what it writes."""
GITHUB = {
    ("repos/me/lake", ".full_name"): "me/lake",
    ("repos/me/lake", ".owner.id"): "1001",
    ("repos/me/lake", ".id"): "2002",
    ("users/ann", ".id"): "11",
}


def shell_blocks(page: str, *holds: Hold) -> list[str]:
    """Return the blocks of a page of docs/ that a reader runs against an emulator, or those of other holds, filled in."""
    return [fill_in(fence.text) for fence in fences_of(f"docs/{page}", *(holds or (Hold.EMULATOR,)))]


def fill_in(text: str) -> str:
    """Return a page's text with a value in each place that a reader fills in."""
    for place, value in PLACES.items():
        text = text.replace(place, value)
    return text


@dataclass
class Terminal:
    """The commands of one folder; `calls` are those that only were written down. Without an emulator `aws` fails."""

    emulator: Emulator | None
    folder: Path
    calls: list[list[str]] = field(default_factory=list)

    @property
    def github(self) -> dict[str, Any]:
        """The environments on GitHub, as `gh_stub` keeps them."""
        return json.loads((self.folder / "github.json").read_text())

    def client(self, service: str) -> Any:
        """Return boto3's client of the emulator."""
        assert self.emulator
        return self.emulator.client(service)

    def follow_pages(self, *pages: str, **variables: str) -> None:
        """Run all blocks of some pages one after the other in one bash.

        Raises:
            AssertionError: as `run_script` has it.
        """
        set_before = [f"{name}={value}" for name, value in variables.items()]
        self.run_script("\n".join([*set_before, *(block for page in pages for block in shell_blocks(page))]))

    def run_script(self, script: str) -> None:
        """Run a script, which ends at its first failure.

        Raises:
            AssertionError: it failed; with what it wrote.
        """
        with self._serve_commands():
            completed = subprocess.run(
                ["/bin/bash", "-c", f"set -e\n{script}"],
                cwd=self.folder,
                env={"PATH": f"{self.folder}/bin:/usr/bin:/bin", "HOME": str(self.folder)},
                capture_output=True,
                text=True,
                check=False,
            )
        assert completed.returncode == 0, completed.stderr + completed.stdout

    @contextlib.contextmanager
    def _serve_commands(self) -> Iterator[None]:
        answer = self.run_command

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                count = int(self._read_word())
                piped, *argv = [self._read_word() for _ in range(count)]
                code, text = answer(argv, piped)
                self.wfile.write(f"{code}\n{text}".encode())

            def _read_word(self) -> str:
                letters = iter(lambda: self.rfile.read(1), b"\0")
                return b"".join(letters).decode()

        with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
            self._install(server.server_address[1])
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            try:
                yield
            finally:
                server.shutdown()

    def _install(self, port: int) -> None:
        (self.folder / "bin").mkdir(exist_ok=True)
        for name in ("aws", "gh", "pulumi", "make", "git", "python", "sluice"):
            file = self.folder / "bin" / name
            file.write_text(CLIENT.format(python=sys.executable, port=port))
            file.chmod(0o755)

    def run_command(self, argv: list[str], piped: str) -> tuple[int, str]:
        """Do one command; return its exit code, and what it writes: on stdout, or where it failed on stderr."""
        name, *arguments = argv
        commands: dict[str, Callable[[list[str], str], str]] = {"aws": self.aws, "gh": self.gh, "sluice": self.sluice}
        try:
            return 0, commands[name](arguments, piped) if name in commands else self.record_call(argv)
        except (ClientError, ParamValidationError, ValueError, LookupError) as fault:
            return 1, f"{' '.join(argv)[:300]}: {fault!r}\n"

    def record_call(self, argv: list[str]) -> str:
        self.calls.append(argv)
        if argv[:3] == ["pulumi", "stack", "export"]:
            (self.folder / argv[argv.index("--file") + 1]).write_text("{}")
        return ""

    def sluice(self, argv: list[str], _: str) -> str:
        if argv[:1] != ["deployer"]:
            raise ValueError("only the deployer is run here")
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
            if main(argv):
                raise ValueError(err.getvalue())
        return out.getvalue()

    def gh(self, argv: list[str], stdin: str) -> str:
        if argv[:1] == ["workflow"]:
            return self.record_call(["gh", *argv])
        if argv[0] == "api" and argv[1].endswith("/actions/oidc/customization/sub"):
            return '{"use_default":true,"use_immutable_subject":true}'
        if argv[0] == "api" and tuple(argv[1::2]) in {(path, expression) for path, expression in GITHUB}:
            return GITHUB[argv[1], argv[3]] + "\n"
        with contextlib.redirect_stdout(io.StringIO()) as out:
            gh_stub.main(argv, self.folder / "github.json", stdin)
        return out.getvalue()

    def aws(self, argv: list[str], _: str) -> str:
        service, operation, *options = argv
        if service == "s3":
            return self.record_call(["aws", *argv])
        client = self.client({"s3api": "s3"}.get(service, service))
        arguments = dict(self._parse_options(options))
        query, output = arguments.pop("query", None), arguments.pop("output", "json")
        method = operation.replace("-", "_")
        model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
        shapes = {xform_name(name, "-"): (name, shape) for name, shape in model.input_shape.members.items()}
        response = getattr(client, method)(
            **{shapes[key][0]: self._parse_value(shapes[key][1], value) for key, value in arguments.items()}
        )
        response.pop("ResponseMetadata", None)
        if response.get("Account") == ACCOUNT:
            response["Arn"] = f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/me"
        # the CLI leaves times as texts
        plain = json.loads(json.dumps(response, default=str))
        return render_response(jmespath.search(query, plain) if query else plain, output)

    def _parse_options(self, argv: list[str]) -> Iterator[tuple[str, Any]]:
        remaining = iter(argv)
        for option in remaining:
            assert option.startswith("--"), argv
            name = option.removeprefix("--")
            yield (name, True) if name == "set-as-default" else (name, next(remaining))

    def _parse_value(self, shape: Any, value: Any) -> Any:
        """Return an option's value as botocore takes it: a file's text, a structure in the CLI's short form, a list."""
        if isinstance(value, str) and value.startswith("file://"):
            value = (self.folder / value.removeprefix("file://")).read_text()
        if shape.type_name == "structure":
            pairs = (pair.split("=", 1) for pair in value.split(","))
            return {name: {"true": True, "false": False}.get(text, text) for name, text in pairs}
        if shape.type_name == "integer":
            return int(value)
        return [value] if shape.type_name == "list" else value


def render_response(reply: Any, output: str) -> str:
    """Return a response as the CLI writes it, `text` or `json`."""
    if output == "json":
        return json.dumps(reply) + "\n"
    if isinstance(reply, list):
        return "\t".join(map(str, reply)) + "\n"
    return f"{reply}\n"


def make_terminal(emulator: Emulator, folder: Path) -> Terminal:
    """Return a terminal in a folder with the stack file of prod, whose state has the key that all stacks shared."""
    file = (LAKE / "Pulumi.prod.yaml").read_text()
    (folder / "Pulumi.prod.yaml").write_text(f"secretsprovider: awskms://alias/pulumi-secrets?region={REGION}\n{file}")
    (folder / "Pulumi.yaml").write_text((ROOT / "Pulumi.yaml").read_text())
    (folder / "github.json").write_text("{}")
    return Terminal(emulator, folder)
