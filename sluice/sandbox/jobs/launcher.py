"""Run a job's script as Glue's own launcher would, inside the run's process. Knows nothing of this repository.

Called as `python -P launcher.py <script> <file for the error> <the job's arguments...>`.
"""

import os
import runpy
import signal
import sys
import threading
import traceback
from pathlib import Path


def main(script: str, error: str, arguments: list[str]) -> int:
    """Return the script's exit code; leave what Glue would show as the run's error message in the file `error`."""
    _end_with_the_emulator()
    sys.argv = [script, *arguments]
    sys.path.insert(0, str(Path(script).parent))
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as system_exit:
        if system_exit.code in (None, 0):
            return 0
        Path(error).write_text(f"SystemExit: {system_exit.code}")
        return system_exit.code if isinstance(system_exit.code, int) else 1
    except BaseException as fault:
        traceback.print_exc()
        Path(error).write_text(f"{type(fault).__name__}: {fault}")
        return 1
    return 0


def _end_with_the_emulator() -> None:
    # The emulator holds the other end of this standard input: it closes however the emulator ends.
    emulator_stdin = os.dup(0)
    null_device = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null_device, 0)
    os.close(null_device)

    def kill_when_closed() -> None:
        os.read(emulator_stdin, 1)
        os.killpg(0, signal.SIGKILL)  # with the JVM

    threading.Thread(target=kill_when_closed, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
