"""The script that Glue starts."""

import sys

from etl.job import main

main(sys.argv[1:])
