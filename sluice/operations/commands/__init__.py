"""One module a command: `arguments(parser)` and `run(dataset, options)`, which returns the exit code."""
