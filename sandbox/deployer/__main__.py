"""`python -m sandbox.deployer`: the old name of `python -m sluice.program.deployer`, until the next version."""

from runpy import run_module

if __name__ == "__main__":
    run_module("sluice.program.deployer", run_name="__main__", alter_sys=True)
