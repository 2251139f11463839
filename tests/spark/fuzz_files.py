"""Hundreds of made-up files through the gate, in one process: `make fuzz`, FUZZ_CASES=1000 for more. No part of `make test`.

Files in which nothing is wrong must come back equal; damaged ones must be refused by a rule that says what is wrong. Where a
contract sets broken lines aside, the others come back equal, and a replay brings those that a mended contract reads.
"""

import json
import os
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.made_files.avro_files import avro_files
from tests.made_files.broken_lines import BrokenFile, broken_csv, broken_json
from tests.made_files.columnar_files import orc_files, parquet_files
from tests.made_files.csv_files import csv_files
from tests.made_files.damage import damaged
from tests.made_files.excel_files import excel_files
from tests.made_files.json_files import json_files
from tests.made_files.made_file import MadeFile
from tests.spark.file_gate import find_fault
from tests.spark.level_gate import find_level_fault

MANY = int(os.environ.get("FUZZ_CASES", "300"))


def many_files(share: float) -> settings:
    """Return the settings of a test that takes a share of the cases."""
    return settings(
        max_examples=max(1, round(MANY * share)),
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


def require_right_end(spark: Any, file: MadeFile) -> None:
    fault = find_fault(spark, file)
    assert fault is None, f"{fault}\n{file.recipe}\n{json.dumps(file.suites['input']['meta'])}"


@many_files(1)
@given(file=csv_files())
def test_a_file_of_csv_comes_back_equal(spark: Any, file: MadeFile) -> None:
    require_right_end(spark, file)


@many_files(0.5)
@given(file=json_files())
def test_a_file_of_json_comes_back_equal(spark: Any, file: MadeFile) -> None:
    require_right_end(spark, file)


@many_files(0.5)
@given(file=parquet_files())
def test_a_file_of_parquet_comes_back_equal(spark: Any, file: MadeFile) -> None:
    require_right_end(spark, file)


@many_files(0.2)
@given(file=orc_files())
def test_a_file_of_orc_comes_back_equal(spark: Any, file: MadeFile) -> None:
    require_right_end(spark, file)


@many_files(0.3)
@given(file=avro_files())
def test_a_file_of_avro_comes_back_equal(spark: Any, file: MadeFile) -> None:
    require_right_end(spark, file)


@many_files(0.3)
@given(file=excel_files())
def test_a_workbook_comes_back_equal(spark: Any, file: MadeFile) -> None:
    require_right_end(spark, file)


@many_files(0.4)
@given(case=st.one_of(broken_csv(), broken_json()))
def test_broken_lines_go_aside_and_a_mended_contract_replays_them(spark: Any, case: BrokenFile) -> None:
    fault = find_level_fault(spark, case)
    assert fault is None, f"{fault}\n{case.file.recipe}\n{json.dumps(case.file.suites['input']['meta'])}"


@many_files(1)
@given(file=damaged())
def test_a_damaged_file_is_refused_by_what_is_wrong(spark: Any, file: MadeFile) -> None:
    require_right_end(spark, file)
