"""Prices that the program itself computes with; `sluice/program/bill/prices.json` has the same, with all others."""

USD_PER_DPU_HOUR = 0.308
"""AWS Glue pricing: Spark jobs on Glue 6.0, standard execution."""
