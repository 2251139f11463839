"""The emulator's own process: MiniStack with Glue jobs that really run, on a socket its owner opened.

Started by `sluice.sandbox.emulator` as `python -m sluice.sandbox.emulator.server <socket's file descriptor> <home>`. It
ends when its standard input does, which happens however its owner ends, and takes its runs and its folder with it. Its
keys, which MiniStack takes for the root user's too, are in its environment.
"""

import asyncio
import os
import shutil
import sys
import threading
from pathlib import Path

from hypercorn.asyncio import serve
from hypercorn.config import Config

from sluice.sandbox.emulator import (
    alarm_adapter,
    destination_adapter,
    flow_adapter,
    glue_adapter,
    state_integrations,
    sts_adapter,
    topic_adapter,
)
from sluice.sandbox.emulator.admission import Admission, with_admission
from sluice.sandbox.emulator.keys import AccessKeys, EmulatorConnection
from sluice.sandbox.emulator.mailbox import MailboxWriter
from sluice.sandbox.emulator.recorder import with_recording


def main(listener: int, home: Path) -> None:
    """Serve until the owner is gone."""
    threading.Thread(target=_end_with_owner, args=[home], daemon=True).start()
    from ministack.app import app  # noqa: PLC0415  the watch stands before the half second this takes

    keys, port = AccessKeys.from_environment(), int(os.environ["GATEWAY_PORT"])
    glue_adapter.install_glue(home, EmulatorConnection(f"http://{os.environ['BIND_HOST']}:{port}", keys))
    alarm_adapter.install_alarms()
    flow_adapter.install_flow()
    state_integrations.install_integrations()
    mailbox = MailboxWriter.open(home)
    topic_adapter.install_topics(mailbox)
    destination_adapter.install_destinations(mailbox)
    sts_adapter.install_sts()
    admission = Admission.for_port(port, keys.access_key_id, sts_adapter.is_issued_key)
    config = Config()
    config.bind = [f"fd://{listener}"]
    config.loglevel = "WARNING"
    try:
        asyncio.run(serve(with_admission(with_recording(app, home), admission), config))
    finally:
        glue_adapter.kill_runs()


def _end_with_owner(home: Path) -> None:
    sys.stdin.buffer.read()
    glue_adapter.kill_runs()
    shutil.rmtree(home, ignore_errors=True)
    os._exit(0)  # nothing here outlives the process, so nothing needs an orderly farewell


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
