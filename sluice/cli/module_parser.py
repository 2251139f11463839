"""Arguments of the modules that make, the workflows and the benchmark run by `python -m`, which are no commands of `sluice`."""

import argparse
from typing import NoReturn

from sluice.cli.exit_codes import ExitCode
from sluice.console import print_error


class CommandParser(argparse.ArgumentParser):
    """Tells of wrong use in one line, which names the argument."""

    def error(self, message: str) -> NoReturn:
        """End with the code of wrong use."""
        print_error(f"{self.prog}: {message}; see {self.prog} --help")
        raise SystemExit(ExitCode.WRONG_USE)
