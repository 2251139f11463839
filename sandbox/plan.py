"""`python -m sandbox.plan`: the old name of `python -m sluice.program.plan`, until the next version."""

from runpy import run_module

if __name__ == "__main__":
    run_module("sluice.program.plan", run_name="__main__", alter_sys=True)
