"""`python -m sandbox.wheels`: the old name of `python -m sluice.program.wheels`, until the next version."""

from runpy import run_module

if __name__ == "__main__":
    run_module("sluice.program.wheels", run_name="__main__", alter_sys=True)
