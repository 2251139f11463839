"""Rules that the library judges in Python: a pattern tells of most values, and no row is handed to Python for those."""

import copy
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from unittest.mock import create_autospec

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyspark.sql import functions as F

from etl.gate.onepass.observations import FrameObserver
from etl.gate.onepass.python_tests import JSON_TEXT, LEVELS, unproven_rows
from etl.gate.staging import Staging
from tests.lake.mutations import TRADES
from tests.spark.lake import GOOD, Lake, csv_bytes
from tests.spark.test_engine_values import RulesByName, add_rules, outcomes_by_rule
from tests.spark.test_typed_runs import rule

JSON, TIME = "column_values.json_parseable", "column_values.match_strftime_format"
VALID = [
    *("0", "-1.5e+3", "10", "true", "null", '"a b"', '"\\u00e9\\n\\""', '"é\u2028"', " [ ] ", "{}", "\t{ }\r\n"),
    *('[1, "a", null]', '{"a": 1, "b": [true, {"c": "d"}]}', '{"a":{"a":{"a":{"a":1}}}}', "[[[[1]]]]", "[-0.0]"),
    '{"a" : "x,}" ,"a":[]}',
]
INVALID = [
    *(
        "",
        " ",
        "01",
        "1.",
        ".5",
        "+1",
        "1 2",
        "1,2",
        "tru",
        "'a'",
        '"a',
        '"a\nb"',
        '"\\x"',
        '"\\u00g0"',
        "[1,]",
        "[,1]",
    ),
    *(
        '{"a":1,}',
        '{"a"}',
        "{a:1}",
        '{"a":1 "b":2}',
        "[1 2]",
        "[",
        "]",
        "{",
        "[1]]",
        "{}{}",
        '{"a":}',
        "\ufeff1",
        "nan",
    ),
]
BEYOND = ["[" * (LEVELS + 1) + "]" * (LEVELS + 1), "NaN", "[Infinity]", "1" * 4002]
"""What Python takes, and the pattern does not tell of."""


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def proven(spark: Any, metric: str, texts: Sequence[str | None], **kwargs: Any) -> list[bool | None]:
    """Return where a text is known to be as the metric expects."""
    unproven = unproven_rows(metric, F.col("text"), kwargs)
    assert unproven is not None
    rows = spark.createDataFrame([(text,) for text in texts], "text string").select((~unproven).alias("proven"))
    return [row["proven"] for row in rows.collect()]


def test_a_pattern_tells_of_the_json_of_most_exports_and_of_nothing_else(spark: Any) -> None:
    texts = [*VALID, *INVALID, *BEYOND]
    assert [is_json(text) for text in texts] == [text not in INVALID for text in texts]
    assert dict(zip(texts, proven(spark, JSON, texts), strict=True)) == {text: text in VALID for text in texts}
    assert proven(spark, JSON, [None, '[{"a": "' + 'x\\"é' * 50_000 + '"}]', f"[{'1, ' * 50_000}1]"]) == [
        None,
        True,
        True,
    ]


@settings(max_examples=200, deadline=None)
@given(st.text('{}[]:,"\\ \n01eE+-.truefalsn', max_size=12))
def test_no_made_up_text_is_proven_that_python_refuses(text: str) -> None:
    assert not re.search(JSON_TEXT.replace(r"\z", r"\Z"), text) or is_json(text)


def test_a_time_is_proven_without_a_line_end(spark: Any) -> None:
    texts = ["2025-01-31", "2025-01-31\n", "2025-02-30", "2024-02-29", "25-1-1", ""]
    assert proven(spark, TIME, texts, strftime_format="%Y-%m-%d") == [True, False, False, False, False, False]
    assert datetime.strptime(texts[3], "%Y-%m-%d")
    assert unproven_rows(TIME, F.col("text"), {"strftime_format": "%b %d"}) is None
    assert unproven_rows("column_values.match_regex", F.col("text"), {"regex": "a"}) is None


NUMBER = "expect_column_values_to_be_json_parseable"
STRFTIME = "expect_column_values_to_match_strftime_format"
NINE = {"type": "comparison", "column": {"name": "quantity"}, "operator": "==", "parameter": "9"}
RULES: RulesByName = {
    "every": (NUMBER, {"column": "quantity"}),
    "of_some": (NUMBER, {"column": "customer_id", "row_condition": NINE}),
}


def test_a_rule_whose_values_are_proven_is_observed_and_takes_no_python(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[str] = []
    attach = FrameObserver.attach_to

    def attach_noted(self: FrameObserver, *frames: Any) -> Any:
        observed = attach(self, *frames)
        plans.append(observed._jdf.queryExecution().optimizedPlan().toString())
        return observed

    monkeypatch.setattr(FrameObserver, "attach_to", attach_noted)
    add_rules(lake, "input", RULES)
    lake.put_files(a__csv=csv_bytes(GOOD))
    verdict = lake.run()
    assert outcomes_by_rule(verdict) == dict.fromkeys(RULES, ("observed", True)), verdict.message
    assert plans
    assert not any("is_json" in plan for plan in plans)


@pytest.mark.parametrize(
    ("form", "days", "aside", "stagings"),
    [
        ("%Y-%m-%d", ["2025-01-12", "2025-01-31"], 0, 0),
        ("%Y-%m-%d", ["2025-01-12", "2024-02-29"], 0, 1),
        ("%Y-%d-%m", ["2025-01-12", "2025-01-15"], 1, 1),
    ],
)
def test_rows_are_set_aside_by_python_only_where_no_pattern_proves_all(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, form: str, days: list[str], aside: int, stagings: int
) -> None:
    stage = create_autospec(Staging.stage_unobserved, side_effect=Staging.stage_unobserved)
    monkeypatch.setattr(Staging, "stage_unobserved", stage)
    suite = copy.deepcopy(TRADES["input"])
    suite["meta"]["max_quarantined"] = 0.5
    day = rule(
        "column_values_to_match_strftime_format", "day", "warning", column="transaction_date", strftime_format=form
    )
    day["meta"]["rule"] = "trades.transaction_date.form"
    suite["expectations"].append(day)
    lake.put_key("contracts/input.json", json.dumps(suite).encode())
    rows = [GOOD.replace("TXN001", f"TXN00{number}").replace("2025-01-15", day) for number, day in enumerate(days)]
    lake.put_files(a__csv=csv_bytes(*rows))
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published, verdict.rows_quarantined) == ("SUCCEEDED", 2 - aside, aside)
    assert len(lake.rows()) == 2 - aside
    assert stage.call_count == stagings


def test_values_that_no_pattern_proves_are_judged_by_the_library(lake: Lake) -> None:
    rules: RulesByName = {
        "every": (NUMBER, {"column": "transaction_date"}),
        "most": (NUMBER, {"column": "customer_id", "mostly": 0.5}),
        "numbers": (NUMBER, {"column": "quantity"}),
        "days": (STRFTIME, {"column": "transaction_date", "strftime_format": "%d.%m.%Y"}),
        "most_days": (STRFTIME, {"column": "transaction_date", "strftime_format": "%d.%m.%Y", "mostly": 0.5}),
    }
    add_rules(lake, "input", rules)
    lake.put_files(a__csv=csv_bytes(*(GOOD.replace("TXN001", f"TXN00{number}") for number in range(1, 4))))
    verdict = lake.run()
    assert {name: held for name, (_, held) in outcomes_by_rule(verdict).items()} == {
        **dict.fromkeys(("every", "most", "days", "most_days"), False),
        "numbers": True,
    }
    assert {result.rule: (result.unexpected, result.rows_judged) for result in verdict.broken} == dict.fromkeys(
        (f"trades.told.{name}" for name in ("every", "most", "days", "most_days")), (3, 3)
    )
