"""`python -m review`: the old name of `python -m sluice.contracts`, until the next version."""

from runpy import run_module

if __name__ == "__main__":
    run_module("sluice.contracts", run_name="__main__", alter_sys=True)
