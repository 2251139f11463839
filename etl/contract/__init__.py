"""What a dataset promises: its suites with columns, types, rules and names, loaded strictly.

Imports neither Spark nor Great Expectations.
"""
