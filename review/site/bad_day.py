"""`python -m review.site.bad_day`: the old name of `python -m sluice.sandbox.demo.record_bad_day`, until the next version."""

from runpy import run_module

if __name__ == "__main__":
    run_module("sluice.sandbox.demo.record_bad_day", run_name="__main__", alter_sys=True)
