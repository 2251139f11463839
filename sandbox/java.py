"""`python -m sandbox.java`: an old name, until the next version."""

import sys

from sluice.cli.old_names import run_old_name

if __name__ == "__main__":
    sys.exit(run_old_name("sandbox.java"))
