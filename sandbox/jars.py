"""`python -m sandbox.jars`: the old name of `python -m sluice.sandbox.jobs.jars`, until the next version."""

from runpy import run_module

if __name__ == "__main__":
    run_module("sluice.sandbox.jobs.jars", run_name="__main__", alter_sys=True)
