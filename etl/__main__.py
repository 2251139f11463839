"""The script that Glue starts: a dataset's run, or its maintenance."""

import sys

if "--maintain" in sys.argv[1:]:
    from etl.maintenance.job import main
else:
    from etl.job import main

main(sys.argv[1:])
