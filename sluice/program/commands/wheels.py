"""Download what Glue installs for the job, for Glue's Python and by the lock's hashes, and pack it as .wheels/.

Where the bundle that is there is what the lock says, nothing is downloaded.
"""

from sluice.cli.exit_codes import ExitCode


def run() -> ExitCode:
    """Build the bundle."""
    from sluice.program.wheels import build_bundle  # noqa: PLC0415  with the command's own imports help is slower

    build_bundle()
    return ExitCode.DONE
