"""A pattern that is said to be enough for a time is: what it matches `strptime` reads, and a day's usual times do match."""

import copy
import json
import re
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import create_autospec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.gate.onepass.fallback_pass import FallbackPass
from etl.gate.onepass.time_patterns import NUMBERS, sufficient_pattern
from tests.lake.mutations import TRADES
from tests.spark.lake import GOOD, Lake, csv_bytes

FORMS = ["%Y-%m-%d", "%d/%m/%Y", "%m%d%y", "%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%d of %Y, %m", "%d", "at %H (%M)"]
RULE = "trades.transaction_date.written"


@given(st.data())
def test_what_a_pattern_matches_is_a_time(data: st.DataObject) -> None:
    directives = data.draw(st.lists(st.sampled_from(list(NUMBERS)), unique=True, max_size=5))
    form = "".join(directive + data.draw(st.text("-/.: TZ+", max_size=2)) for directive in directives)
    for time_form in (form, data.draw(st.sampled_from(FORMS))):
        text = data.draw(
            st.from_regex(str(sufficient_pattern(time_form)), fullmatch=True, alphabet=st.characters(max_codepoint=126))
        )
        assert datetime.strptime(text, time_form)


@pytest.mark.parametrize("form", FORMS)
def test_every_time_but_a_leap_day_matches(form: str) -> None:
    start = datetime(1999, 1, 1, 0, 0, 1, 5)
    times = [start + timedelta(hours=number * 5, minutes=number * 7, seconds=number * 3) for number in range(9000)]
    pattern = re.compile(str(sufficient_pattern(form)))
    unmatched = {(moment.month, moment.day) for moment in times if not pattern.search(moment.strftime(form))}
    apart = "%d" in form and not re.search("%m[^%]*%d|%d[^%]*%m", form)
    assert unmatched <= ({(month, day) for month in range(1, 13) for day in (29, 30, 31)} if apart else {(2, 29)})


@pytest.mark.parametrize("form", ["%b %d", "%Y-%j", "%H%%", "%I:%M %p", "%H:%M%z", "%Y\t%m", "%Yé", "%"])
def test_of_other_formats_nothing_is_known(form: str) -> None:
    assert sufficient_pattern(form) is None


def require_format(lake: Lake, form: str) -> None:
    suite = copy.deepcopy(TRADES["input"])
    meta = {"rule": RULE, "why": "The export writes days as it always did."}
    kwargs = {"column": "transaction_date", "strftime_format": form}
    kind = "expect_column_values_to_match_strftime_format"
    suite["expectations"].append({"type": kind, "kwargs": kwargs, "severity": "critical", "meta": meta})
    lake.aws.s3.put_object(Bucket=lake.bucket, Key="contracts/input.json", Body=json.dumps(suite))


@pytest.mark.parametrize(("date", "looks"), [("2025-01-31", 0), ("2024-02-29", 1)])
def test_python_reads_only_times_that_no_pattern_tells_of(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, date: str, looks: int
) -> None:
    look = create_autospec(FallbackPass.run_pass, side_effect=FallbackPass.run_pass)
    monkeypatch.setattr(FallbackPass, "run_pass", look)
    require_format(lake, "%Y-%m-%d")
    lake.put_files(a__csv=csv_bytes(GOOD.replace("2025-01-15", date)))
    verdict = lake.run()
    assert verdict.rows_published == 1, verdict.message
    assert [(result.way, result.held) for result in verdict.rules if result.rule == RULE] == [("observed", True)]
    assert look.call_count == looks


@pytest.mark.long
def test_a_time_of_another_format_is_told_of(lake: Lake) -> None:
    require_format(lake, "%Y-%d-%m")
    lake.put_files(a__csv=csv_bytes(GOOD, GOOD.replace("TXN001", "TXN002").replace("2025-01-15", "2025-01-12")))
    broken: list[Any] = lake.run().broken
    assert [(result.rule, result.unexpected, result.samples) for result in broken] == [(RULE, 1, ("2025-01-15",))]
