"""The script that Glue starts: a dataset's run, its maintenance, or rows of it to forget."""

import sys

if "--maintain" in sys.argv[1:]:
    from etl.maintenance.job import main
elif "--forget" in sys.argv[1:]:
    from etl.forget.job import main
else:
    from etl.job import main

main(sys.argv[1:])
