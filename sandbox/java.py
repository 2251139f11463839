"""`python -m sandbox.java`: the old name of `python -m sluice.sandbox.jobs.java`, until the next version."""

from runpy import run_module

if __name__ == "__main__":
    run_module("sluice.sandbox.jobs.java", run_name="__main__", alter_sys=True)
