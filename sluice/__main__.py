"""`python -m sluice`: the command `sluice`."""

import sys

from sluice.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
