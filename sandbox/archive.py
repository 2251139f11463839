"""`python -m sandbox.archive`: the old name of `python -m sluice.sandbox.jobs.class_archive`, until the next version."""

from runpy import run_module

if __name__ == "__main__":
    run_module("sluice.sandbox.jobs.class_archive", run_name="__main__", alter_sys=True)
