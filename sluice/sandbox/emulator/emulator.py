"""An AWS emulator of our own on loopback: started, pointed at, and gone without a trace when its owner is."""

import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from sluice.cli.errors import WrongUse
from sluice.operations.account import Account
from sluice.sandbox.emulator.keys import AccessKeys, EmulatorConnection
from sluice.sandbox.emulator.mailbox import Mailbox
from sluice.sandbox.jobs.environment import LOOPBACK, clean_environment, forget_aws
from sluice.sandbox.jobs.spark import REGION

ROOT = Path(__file__).resolve().parents[3]
ACCOUNT = "000000000000"
SECONDS_TO_END = 10


class EmulatorFailed(RuntimeError):
    """The emulator ended although nobody asked it to; the message carries the end of its log."""


class PortTaken(WrongUse):
    """Somebody else listens on the wanted port."""


@dataclass(frozen=True)
class Emulator:
    """A running emulator: where it answers (`endpoint`, a URL) and to whom (`keys`), where it keeps its logs (`home`)."""

    endpoint: str
    keys: AccessKeys
    home: Path
    process: subprocess.Popen[bytes] = field(repr=False)
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    def client(self, service: str) -> Any:
        """Return the boto3 client of `service`, one for each."""
        if service not in self._clients:
            self._clients[service] = self.keys.client(service, self.endpoint)
        return self._clients[service]

    @property
    def connection(self) -> EmulatorConnection:
        """Where it answers, and to whom."""
        return EmulatorConnection(self.endpoint, self.keys)

    @property
    def account(self) -> Account:
        """The emulator as the account that an operator's commands act in."""
        return Account(self.keys.session(), self.endpoint)

    @property
    def mailbox(self) -> Mailbox:
        """What people and services received of it."""
        return Mailbox(self.home)

    def wait_for_end(self) -> NoReturn:
        """Wait for an end that nobody here asked for.

        Raises:
            EmulatorFailed: it came.
        """
        code = self.process.wait()
        log = self.home / "emulator.log"
        tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
        raise EmulatorFailed(f"the emulator ended with code {code}:\n{tail}")

    def run_log(self, run_id: str) -> Path:
        """Return the file that holds what the job run `run_id` wrote to stdout and stderr."""
        return self.home / "runs" / run_id / "log.txt"


@contextmanager
def running_emulator(port: int = 0, keys: AccessKeys | None = None) -> Iterator[Emulator]:
    """Yield an emulator on `port` (0: a free one), and leave no process and no file of it behind.

    It answers only who has its keys, new ones for each where none are given.

    This process forgets the user's own AWS settings, so that no client of it reaches a real account by mistake.

    Raises:
        PortTaken: somebody listens there already.
        EmulatorFailed: it ended by itself meanwhile.
    """
    forget_aws()
    keys = keys or AccessKeys.generate()
    with _open_listener(port) as listener:
        home = Path(tempfile.mkdtemp(prefix="sluice-"))
        bound_port = listener.getsockname()[1]
        process = _start_process(listener, bound_port, home, keys)
    emulator = Emulator(f"http://{LOOPBACK}:{bound_port}", keys, home, process)
    try:
        yield emulator
    except Exception:
        if process.poll() is not None:
            emulator.wait_for_end()
        raise
    finally:
        _end_process(process)
        shutil.rmtree(home, ignore_errors=True)


def _open_listener(port: int) -> socket.socket:
    # Bound and listening here and handed over: the port cannot be lost meanwhile, and requests wait instead of failing.
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as fault:
        listener.close()
        raise PortTaken(
            f"port {port} on {LOOPBACK} is taken ({fault.strerror}): stop what runs there or name another"
        ) from fault
    listener.listen(128)
    return listener


def _start_process(listener: socket.socket, port: int, home: Path, keys: AccessKeys) -> subprocess.Popen[bytes]:
    (home / "tmp").mkdir()
    (home / "emulator.log").touch(0o600)
    with (home / "emulator.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "sluice.sandbox.emulator.server", str(listener.fileno()), str(home)],
            cwd=home,
            env=_server_environment(port, home)
            | keys.as_environment(),  # which `ps` shows to nobody else, unlike arguments
            stdin=subprocess.PIPE,  # open as long as we live; the emulator ends when it closes
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[listener.fileno()],
            start_new_session=True,  # Ctrl-C is for us; we end the emulator
            umask=0o077,  # runs are configured by files, and these hold keys
        )


def _server_environment(port: int, home: Path) -> dict[str, str]:
    return clean_environment("JAVA_HOME") | {
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(home / "tmp"),
        "STATE_DIR": str(home / "state"),
        "S3_DATA_DIR": str(home / "s3"),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": LOOPBACK,
        "MINISTACK_HOST": LOOPBACK,
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "IOT_MTLS_ENABLED": "0",  # else it listens on every interface, port 8883
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nowhere",  # a Docker on this machine is none of our business
        "LOG_LEVEL": "WARNING",
    }


def _end_process(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
