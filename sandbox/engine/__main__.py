"""`python -m sandbox.engine`: the old name of `python -m sluice.program.engine`, until the next version."""

from runpy import run_module

if __name__ == "__main__":
    run_module("sluice.program.engine", run_name="__main__", alter_sys=True)
