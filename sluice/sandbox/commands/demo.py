"""Show what the gate does with the sample: a good day, a bad day, the mended day, told step by step.

It takes six minutes, and needs no account and no Docker. Nothing leaves this machine, and nothing stays on it.
"""

from sluice.cli.exit_codes import ExitCode
from sluice.sandbox.commands.dataset_files import end_on_signals


def run() -> ExitCode:
    """Tell the story."""
    end_on_signals()
    from sluice.sandbox.demo.demo import run_demo  # noqa: PLC0415  boto3 and pyarrow, which help need not wait for

    run_demo()
    return ExitCode.DONE
