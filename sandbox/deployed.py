"""`python -m sandbox.deployed`: the old name of `python -m sluice.program.deployed_stack`, until the next version."""

from runpy import run_module

if __name__ == "__main__":
    run_module("sluice.program.deployed_stack", run_name="__main__", alter_sys=True)
