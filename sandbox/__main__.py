"""`python -m sandbox`: the old name of `python -m sluice.sandbox`, until the next version."""

from runpy import run_module

if __name__ == "__main__":
    run_module("sluice.sandbox", run_name="__main__", alter_sys=True)
