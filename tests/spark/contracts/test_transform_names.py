"""Lint tells a transform that names a column which it does not get, and starts no Spark where its text leaves no doubt."""

import ast
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sluice.cli.app import main
from sluice.contracts.lint.lint import lint_suites
from sluice.contracts.lint.transform_columns import doubtful_names
from sluice.contracts.lint.transform_trial import trial_failure
from tests.lake import LAKE

COLUMNS = frozenset(("quantity", "unit_price", "region"))
HEAD = "from pyspark.sql import functions as F\nADDS = ('total',)\n"

CLEAR = {
    "its columns": "def transform(trades):\n    return trades.withColumn('total', F.col('quantity') * trades.unit_price)",
    "one that it made": "def transform(rows):\n    return rows.withColumns({'a': F.lit(1)}).withColumn('b', F.col('a'))",
    "types": "def transform(rows):\n    return rows.withColumn('a', F.col('region').try_cast('decimal(10,2)'))",
    "a docstring": 'def transform(rows):\n    """Nothing."""\n    return rows',
    "what it does not use": "NO = 'nobody'\ndef derive(a):\n    return a.nobody\ndef transform(rows):\n    return rows",
}
DOUBTED = {
    "a misspelt name": ("def transform(rows):\n    return rows.withColumn('a', F.col('quantty'))", ["quantty"]),
    "a misspelt attribute": ("def transform(rows):\n    return rows.withColumn('a', rows.quantty + 1)", ["quantty"]),
    "one in brackets": ("def transform(rows):\n    return rows.withColumn('a', rows['quantty'])", ["quantty"]),
    "one of a constant": ("NAME = 'quantty'\ndef transform(rows):\n    return rows.drop(NAME)", ["quantty"]),
    "one of a helper": (
        "def _a():\n    return F.col('quantty')\ndef transform(rows):\n    return rows.withColumn('a', _a())",
        ["quantty"],
    ),
    "an expression": ("def transform(rows):\n    return rows.where('quantty > 1')", ["quantty > 1"]),
    "a name that is made": ("def transform(rows):\n    return rows.drop(f'{rows}')", ["a name that is made"]),
}


@pytest.mark.parametrize("name", CLEAR)
def test_a_transform_whose_text_names_only_what_it_gets_or_makes_is_not_in_doubt(name: str) -> None:
    assert doubtful_names(ast.parse(HEAD + CLEAR[name]), COLUMNS) == []


@pytest.mark.parametrize("name", DOUBTED)
def test_a_transform_that_names_anything_else_is_in_doubt(name: str) -> None:
    text, names = DOUBTED[name]
    assert doubtful_names(ast.parse(HEAD + text), COLUMNS) == names


def test_the_shipped_transforms_start_no_spark() -> None:
    for path in (LAKE / "expectations").glob("*/output.json"):
        input_suite, output_suite = (
            json.loads((path.parent / f"{stage}.json").read_text()) for stage in ("input", "output")
        )
        names = [{column["name"] for column in suite["meta"]["columns"]} for suite in (input_suite, output_suite)]
        module = (LAKE / f"etl/datasets/{path.parent.name}.py").read_text()
        assert doubtful_names(ast.parse(module), frozenset(names[0] & names[1])) == [], path.parent.name


def write_project(folder: Path, transforms: dict[str, str]) -> Path:
    """Write a project of datasets with the contracts of trades, each with a transform of its own."""
    (folder / "etl/datasets").mkdir(parents=True)
    for name, text in transforms.items():
        (folder / f"etl/datasets/{name}.py").write_text(text)
        (folder / "expectations" / name).mkdir(parents=True)
        for stage in ("input", "output"):
            suite: dict[str, Any] = json.loads(
                (LAKE / f"expectations/trades/{stage}.json").read_text().replace('"trades.', f'"{name}.')
            )
            for part in ("references", "max_quarantined"):
                suite["meta"].pop(part, None)
            suite["expectations"] = [
                expectation
                for expectation in suite["expectations"]
                if not expectation["meta"]["rule"].endswith(".known")
            ]
            (folder / "expectations" / name / f"{stage}.json").write_text(json.dumps(suite))
    return folder / "expectations"


TRANSFORMS = {
    "missing": "def transform(rows):\n    return rows.withColumn('total_amount', F.col('quantty') * F.col('unit_price'))",
    "sound": "def transform(rows):\n    return rows.withColumn('total_amount', F.expr('quantity * unit_price'))",
    "nothing": "def transform(rows):\n    rows.withColumn('total_amount', F.expr('quantity * unit_price'))",
}


def test_a_transform_is_tried_on_what_it_gets_and_no_rows(spark: Any, tmp_path: Path) -> None:
    failures = {}
    for name, text in TRANSFORMS.items():
        (tmp_path / f"{name}.py").write_text(HEAD + text)
        types = {"quantity": "int", "unit_price": "decimal(10,2)"}
        failures[name] = trial_failure(spark, str(tmp_path / f"{name}.py"), types, [*types, "total_amount"])
    assert (failures["sound"], failures["nothing"]) == ("", "it returned NoneType, and a DataFrame is published")
    assert "with name `quantty` cannot be resolved" in failures["missing"]


@pytest.mark.long
def test_a_transform_in_doubt_is_tried_on_no_rows(tmp_path: Path) -> None:
    added = HEAD.replace("total", "total_amount")
    paths = write_project(tmp_path, {name: added + text for name, text in TRANSFORMS.items()})
    faults = {
        finding.file.split("/")[-2]: finding
        for finding in lint_suites([str(paths)]).findings
        if "fails on a frame" in finding.found
    }
    assert faults.keys() == {"missing", "nothing"}
    assert "with name `quantty` cannot be resolved" in faults["missing"].found
    assert "it gets what both suites declare: transaction_id, " in faults["missing"].remedy
    assert faults["nothing"].found.endswith("it returned NoneType, and a DataFrame is published")


def test_where_spark_does_not_start_lint_says_that_the_transform_was_not_tried_and_finds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = write_project(tmp_path, {"sound": HEAD.replace("total", "total_amount") + TRANSFORMS["sound"]})
    monkeypatch.setattr("sluice.contracts.lint.transform_columns.sys", SimpleNamespace(executable="false"))
    outputs = {}
    for form in ("--json", "--markdown", "--"):
        assert main(["lint", *([form] if form != "--" else []), str(paths)]) == 0
        outputs[form] = capsys.readouterr().out
    note = "the transforms of sound were not tried: Spark did not start here; it needs Java 17 or 21"
    assert json.loads(outputs["--json"])["notes"] == [note]
    assert all(note in text for text in outputs.values())
