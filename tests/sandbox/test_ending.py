"""However a command ends, no process and no file of it stays."""

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from sluice.sandbox.emulator.emulator import EmulatorFailed, running_emulator
from sluice.sandbox.jobs.environment import LOOPBACK
from tests.lake import DAYS
from tests.sandbox.commands import ROOT, alive_among, command_line, descendant_processes, run_sandbox
from tests.sandbox.stub import Workshop
from tests.sandbox.waiting import MOST_SECONDS, wait_until


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGINT, 130),
        pytest.param(signal.SIGTERM, 143, marks=pytest.mark.long),
        pytest.param(signal.SIGKILL, -signal.SIGKILL, marks=pytest.mark.long),
    ],
)
def test_a_try_that_is_ended_while_its_job_runs_leaves_nothing(number: signal.Signals, code: int) -> None:
    process = subprocess.Popen(
        command_line("try", "trades", DAYS / "good.csv"),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,  # a signal for it is none for us
        preexec_fn=heed_interrupts,  # noqa: PLW1509  this process has no thread that holds a lock here
    )
    try:
        wait_until(lambda: any("SparkSubmit" in args for args in descendant_processes(process.pid).values()))
        family = descendant_processes(process.pid)
        assert len(family) >= 3  # the emulator, the job, its JVM
        [home] = [Path(args.split()[-1]) for args in family.values() if "sluice.sandbox.emulator.server" in args]
        assert home.is_dir()
        os.kill(process.pid, number)
        assert process.wait(MOST_SECONDS) == code
        wait_until(lambda: not alive_among(list(family)))
        wait_until(lambda: not home.exists())
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def test_up_serves_on_its_port_until_ctrl_c_and_on_loopback_only() -> None:
    port = free_port()
    process = subprocess.Popen(
        command_line("up", "--empty", "--port", str(port)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_interrupts,  # noqa: PLW1509  this process has no thread that holds a lock here
    )
    try:
        wait_until(lambda: accepts_connection(LOOPBACK, port))
        taken = run_sandbox("up", "--port", str(port))
        assert taken.code == 2
        assert f"port {port}" in taken.err
        own_addresses = {
            str(address_info[4][0]) for address_info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        }
        assert not [address for address in own_addresses - {LOOPBACK} if accepts_connection(address, port)]
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(MOST_SECONDS) == 0
        assert process.stdout
        assert f"http://{LOOPBACK}:{port}" in process.stdout.read()
        assert not accepts_connection(LOOPBACK, port)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def test_an_emulator_that_dies_takes_its_run_along_and_is_reported(tmp_path: Path) -> None:
    beat = tmp_path / "beat"
    with pytest.raises(EmulatorFailed, match="ended with code -9"):
        kill_an_emulator_whose_job_writes(beat)
    beat_before = beat.read_text()
    time.sleep(0.3)
    assert beat.read_text() == beat_before


def kill_an_emulator_whose_job_writes(beat: Path) -> None:
    with running_emulator() as emulator:
        workshop = Workshop.make_in(emulator)
        forever = f"import time\nwhile True:\n    open({str(beat)!r}, 'a').write('.')\n    time.sleep(0.05)"
        workshop.glue.start_job_run(JobName=workshop.create_job(forever))
        wait_until(beat.exists)
        os.kill(emulator.process.pid, signal.SIGKILL)
        emulator.process.wait()
        raise ConnectionError("nobody answers any more")


def heed_interrupts() -> None:
    """A shell starts what runs in its background deaf to Ctrl-C, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def accepts_connection(address: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False
