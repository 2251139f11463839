"""Hundreds of made-up cases, in one process: `make fuzz`, FUZZ_CASES=1000 for more. No part of `make test`."""

import os
from typing import Any

from hypothesis import HealthCheck, given, settings

from tests.spark.suites import CASES, SuiteCase
from tests.spark.ways import find_differences

MANY = int(os.environ.get("FUZZ_CASES", "300"))


@settings(
    max_examples=MANY, deadline=None, database=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(drawn_case=CASES)
def test_both_ways_come_to_the_same_results(spark: Any, drawn_case: SuiteCase) -> None:
    differing, _ = find_differences(spark, drawn_case)
    assert differing == []
