"""Input, output and transform of a dataset must fit, which is read from the module without running the transform."""

import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from sluice.contracts.lint.lint import lint_suites
from sluice.contracts.lint.transform_module import declared_adds
from tests.lake import LAKE
from tests.lake.mutations import Change, change_column, change_meta, change_rule_meta
from tests.unit.contracts.changed import apply_all
from tests.unit.contracts.conftest import Write


def lint_messages(write: Write, transform: str | None) -> list[str]:
    """Return what lint says of the shipped trades contracts beside another transform, None for no file at all."""
    folder = write()
    for name in ("buyers", "goods"):  # what trades refers to
        shutil.copytree(LAKE / "expectations" / name, folder / "expectations" / name)
    datasets = folder / "etl/datasets"
    datasets.mkdir(parents=True)
    if transform is not None:
        (datasets / "trades.py").write_text(transform)
    return [finding.found for finding in lint_suites([str(folder / "expectations" / "trades")]).findings]


def test_a_column_that_no_transform_makes_is_told(write: Write) -> None:
    assert lint_messages(write, "ADDS = ()") == [
        "output column 'total_amount' is made by nobody: "
        "it is neither an input column nor in ADDS of etl/datasets/trades.py"
    ]


def test_a_column_that_is_made_for_nothing_is_told(write: Write) -> None:
    (message,) = lint_messages(write, 'ADDS: tuple[str, ...] = ("total_amount", "tax")')
    assert "has 'tax', which the output does not declare" in message


def test_a_column_that_would_be_made_over_is_told(write: Write) -> None:
    (message,) = lint_messages(write, 'ADDS = ["total_amount", "region"]')
    assert "has 'region', which is an input column" in message


def test_what_else_a_module_assigns_is_nothing_it_adds(write: Write) -> None:
    assert lint_messages(write, "SCALE = 2\nNAMES: dict = {}\nNAMES['x'] = SCALE\nADDS = ('total_amount',)") == []


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        (None, "there is no trades.py in etl/datasets"),
        ("def transform(rows): return rows", "trades.py declares no ADDS"),
        ("ADDS = sorted(NAMES)", "trades.py cannot be imported: NameError: name 'NAMES' is not defined"),
        ("import nowhere", "trades.py cannot be imported: ModuleNotFoundError: No module named 'nowhere'"),
        ("ADDS = 'total_amount'", "ADDS of trades.py is no tuple of names"),
        ("ADDS = (1,)", "ADDS of trades.py is no tuple of names"),
        ("def (", "trades.py is no Python"),
    ],
)
def test_a_transform_that_does_not_say_what_it_adds_is_told(write: Write, transform: str | None, message: str) -> None:
    (finding_text,) = lint_messages(write, transform)
    assert message in finding_text


@pytest.mark.parametrize(
    "transform",
    [
        "ADDS = tuple(f'total_{what}' for what in ['amount'])",
        "from etl.datasets.shared import ADDS",
        "import sys\nprint('{}', file=sys.stdout)\nADDS = ('total_amount',)",
    ],
)
def test_what_a_transform_adds_is_what_its_module_says_when_it_is_imported(
    write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], transform: str
) -> None:
    shared = ModuleType("etl.datasets.shared")
    shared.__dict__["ADDS"] = ["total_amount"]
    monkeypatch.setitem(sys.modules, shared.__name__, shared)
    assert lint_messages(write, transform) == []
    assert capsys.readouterr().out == ""


def spark_modules() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] == "pyspark"]


@pytest.mark.parametrize(
    ("text", "is_real"),
    [
        ("from pyspark.sql import DataFrame, functions as F\nONE = F.lit(1).alias('x')", False),
        ("from pyspark.sql.types import StringType\nclass Mine(StringType): pass", True),
    ],
)
def test_pyspark_is_imported_only_where_a_module_cannot_do_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, is_real: bool
) -> None:
    for name in spark_modules():
        monkeypatch.delitem(sys.modules, name)
    (tmp_path / "amounts.py").write_text(f"{text}\nADDS = ('amount',)\n")
    assert declared_adds(tmp_path / "amounts.py") == ("amount",)
    imported = spark_modules()
    for name in imported:
        del sys.modules[name]
    assert ("pyspark" in imported) is is_real


def test_a_dataset_takes_the_transform_that_it_names(write: Write) -> None:
    folder = write(change_meta(transform="amounts"))
    datasets = folder / "etl/datasets"
    datasets.mkdir(parents=True)
    (datasets / "amounts.py").write_text("ADDS = ('total_amount',)\ndef transform(rows): return rows\n")
    for name in ("buyers", "goods"):
        shutil.copytree(LAKE / "expectations" / name, folder / "expectations" / name)
    assert lint_suites([str(folder / "expectations/trades")]).findings == []
    (datasets / "amounts.py").write_text("ADDS = ()\ndef transform(rows): return rows\n")
    (finding,) = lint_suites([str(folder / "expectations/trades")]).findings
    assert finding.found.endswith("nor in ADDS of etl/datasets/amounts.py")


def test_a_transform_that_is_not_there_is_told_with_those_that_are(write: Write) -> None:
    folder = write(change_meta(transform="amuonts"))
    (folder / "etl/datasets").mkdir(parents=True)
    for name in ("amounts", "other"):
        (folder / f"etl/datasets/{name}.py").write_text("ADDS = ()\n")
    for name in ("buyers", "goods"):
        shutil.copytree(LAKE / "expectations" / name, folder / "expectations" / name)
    (finding,) = lint_suites([str(folder / "expectations/trades")]).findings
    assert finding.found == "meta.transform names 'amuonts', and there is no etl/datasets/amuonts.py"
    assert finding.remedy == "did you mean 'amounts'? there are amounts, other; or write that module"
    assert (
        '"transform": "amuonts"'
        in (folder / "expectations/trades/output.json").read_text().splitlines()[finding.line - 1]
    )


def test_an_id_in_both_suites_is_told(write: Write) -> None:
    folder = write(change_rule_meta("trades.region.published", rule="trades.region.known"))
    (finding,) = lint_suites([str(folder / "expectations")]).findings
    assert (finding.kind, finding.rule) == ("pair", "trades.region.known")


QUANTITY, DAY = 3, 5  # columns of trades


def columnar_input(index: int, declared: str) -> Change:
    """Let the input be Parquet, in which a column has a type of its own."""
    return apply_all(change_meta(format="parquet"), change_column(index, type=declared))


@pytest.mark.parametrize(
    ("input_type", "published"),
    [
        ("int", "int"),
        ("int", "bigint"),
        ("int", "decimal(12,2)"),
        ("decimal(8,2)", "decimal(10,2)"),
        ("decimal(8,2)", "decimal(10,4)"),
        ("decimal(9,0)", "int"),
    ],
)
def test_a_type_of_a_columnar_input_may_stay_or_widen(write: Write, input_type: str, published: str) -> None:
    folder = write(change_column(QUANTITY, type=published), columnar_input(QUANTITY, input_type))
    assert lint_suites([str(folder / "expectations")]).findings == []


@pytest.mark.parametrize(
    ("index", "input_type", "published"),
    [
        (QUANTITY, "bigint", "int"),
        (QUANTITY, "int", "decimal(11,2)"),
        (QUANTITY, "decimal(10,2)", "decimal(10,1)"),
        (QUANTITY, "decimal(10,2)", "decimal(10,3)"),
        (QUANTITY, "decimal(12,2)", "decimal(10,2)"),
        (QUANTITY, "decimal(10,0)", "int"),
        (QUANTITY, "boolean", "int"),
        (DAY, "int", "date"),
        (DAY, "boolean", "date"),
    ],
)
def test_a_type_of_a_columnar_input_that_narrows_or_changes_is_told_with_both_types(
    write: Write, index: int, input_type: str, published: str
) -> None:
    folder = write(change_column(index, type=published), columnar_input(index, input_type))
    (finding,) = lint_suites([str(folder / "expectations")]).findings
    assert (finding.kind, finding.file.rpartition("/")[2]) == ("pair", "output.json")
    assert (
        f"comes as {input_type} and is published as {published}, neither the same nor a wider number" in finding.found
    )
    assert finding.remedy.startswith(f"declare {input_type} in the output")
    lines = (folder / "expectations/trades/output.json").read_text().splitlines()
    assert finding.column
    assert f'"{finding.column}"' in lines[finding.line - 1]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "orc"])
def test_a_text_may_become_any_type_since_its_cast_is_proven(write: Write, form: str) -> None:
    assert lint_suites([str(write(input_change=change_meta(format=form)) / "expectations")]).findings == []


@pytest.mark.parametrize("transform", sorted((LAKE / "etl/datasets").glob("[a-z]*.py")), ids=lambda path: path.stem)
def test_every_shipped_transform_says_what_it_adds(transform: Path) -> None:
    assert isinstance(declared_adds(transform), tuple)
