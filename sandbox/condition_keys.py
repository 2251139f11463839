"""`python -m sandbox.condition_keys`: the old name of `python -m sluice.program.condition_keys`, until the next version."""

from runpy import run_module

if __name__ == "__main__":
    run_module("sluice.program.condition_keys", run_name="__main__", alter_sys=True)
