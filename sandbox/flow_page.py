"""`python -m sandbox.flow_page`: the old name of `python -m sluice.program.flow_page`, until the next version."""

from runpy import run_module

if __name__ == "__main__":
    run_module("sluice.program.flow_page", run_name="__main__", alter_sys=True)
