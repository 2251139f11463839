"""`python -m operate`: the old name of `python -m sluice.operations`, until the next version."""

from runpy import run_module

if __name__ == "__main__":
    run_module("sluice.operations", run_name="__main__", alter_sys=True)
