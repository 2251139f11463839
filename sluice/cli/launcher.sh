#!/bin/sh
# The command `sluice`, which set-up copies to .venv/bin: the code of the folder that .venv is in, from wherever it is called.
bin=$(cd "$(dirname "$0")" && pwd) || exit 3
exec "$bin/python" -P -c 'import sys; sys.path.insert(0, sys.argv.pop(1)); from sluice.cli.app import main; sys.exit(main())' \
	"${bin%/*/*}" "$@"
