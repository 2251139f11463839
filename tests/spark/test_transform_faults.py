"""An error in a transform is a broken rule with the object and the row; what the machine did is not blamed on it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.types import StringType

from etl import datasets
from etl.gate.transform_faults import MAX_PASSES, bisect_failing
from etl.results.verdict import Verdict
from etl.transform_errors import TransformFailed, describe_error, may_come_from_rows, raising_transform_failed
from tests.spark.lake import GOOD, Lake, csv_bytes

Transform = Callable[[DataFrame], DataFrame]


def sale_line(number: int, quantity: int = 2) -> str:
    return GOOD.replace("TXN001", f"TXN{number:03d}").replace(",2,", f",{quantity},")


def add_dated_total(trades: DataFrame) -> DataFrame:
    """Add the total where a day of February is made of the quantity: 31 is none."""
    february = F.to_date(F.concat(F.col("quantity").cast("string"), F.lit("/02/2025")), "d/MM/yyyy")
    total = (F.col("quantity") * F.col("unit_price")).cast("decimal(10,2)")
    return trades.withColumn("total_amount", F.when(february.isNotNull(), total))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Transform], None]:
    """Return what gives a dataset another transform."""
    return lambda name, transform: monkeypatch.setattr(
        "etl.pipeline.transform_of", lambda dataset: transform if dataset == name else datasets.transform_of(dataset)
    )


def of_transform(verdict: Verdict) -> list[str | None]:
    assert (verdict.state, verdict.rows_published) == ("FAILED", 0), verdict.message
    [result] = verdict.broken
    assert (result.rule.partition(".")[2], result.stage, result.severity) == (
        "structure.transform",
        "structure",
        "critical",
    )
    assert "try_" in result.why
    return [*result.samples]


@pytest.mark.long
def test_a_row_that_the_transform_cannot_take_is_named_and_only_its_object_is_refused(
    lake: Lake, written: Callable[[str, Transform], None]
) -> None:
    written("trades", add_dated_total)
    lake.put_files(a__csv=csv_bytes(sale_line(1), sale_line(2)), c__csv=csv_bytes(sale_line(3)))
    lake.put_files(b__csv=csv_bytes(sale_line(4), "", sale_line(5), sale_line(6, 31), sale_line(7)))
    expected = "trades/b.csv: row 5: CANNOT_PARSE_TIMESTAMP: Text '31/02/2025' could not be parsed: "
    suite = json.loads(lake.aws.s3.get_object(Bucket=lake.bucket, Key="contracts/input.json")["Body"].read())
    suite["meta"]["on_poison"] = "isolate"
    lake.put_key("contracts/input.json", json.dumps(suite).encode())
    verdict = lake.run()
    assert (verdict.state, verdict.rows_published) == ("FAILED", 3)
    assert [(result.rule, str(result.samples[0])[: len(expected)]) for result in verdict.broken] == [
        ("trades.structure.transform", expected)
    ]


def test_what_is_about_a_person_is_in_no_message_and_no_log_of_a_failing_transform(
    aws: Any,
    spark: Any,
    written: Callable[[str, Transform], None],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    buyers = Lake(aws, spark, "buyers")
    written("buyers", lambda rows: rows.withColumn("country", F.col("name").cast("int").cast("string")))
    rows = [
        {"customer_id": f"CUST{number}", "name": "Ada Lovelace", "email": "ada@example.com", "country": "GB"}
        | {"signup_date": "2024-12-10"}
        for number in range(3)
    ]
    buyers.put_files(a__jsonl="\n".join(map(json.dumps, rows)).encode())
    verdict = buyers.run()
    assert of_transform(verdict) == ["buyers/a.jsonl: row 1: CAST_INVALID_INPUT"]
    printed = capfd.readouterr()
    assert "Lovelace" not in json.dumps(verdict.as_json()) + printed.out + printed.err + caplog.text


WRONG: dict[str, tuple[Transform, str]] = {
    "a column that is not there": (
        lambda rows: rows.withColumn("total_amount", F.col("quantty")),
        "UNRESOLVED_COLUMN.WITH_SUGGESTION: A column, variable, or function parameter with name `quantty`",
    ),
    "no frame": (lambda _: None, "it returned NoneType, and a DataFrame is published"),  # pyright: ignore
    "a column too few": (lambda rows: rows, "what it returned has no column total_amount"),
    "not our columns": (
        lambda rows: rows.select("transaction_id"),
        "what it returned has no column customer_id, product_id",
    ),
    "an error of Python's": (lambda rows: rows.no_such, "ATTRIBUTE_NOT_SUPPORTED: Attribute `no_such`"),
    "a type that the table cannot take": (
        lambda rows: rows.withColumn("total_amount", F.array("quantity")),
        "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST: Cannot write incompatible data",
    ),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.long] if index else []) for index, name in enumerate(WRONG)]
)
def test_a_transform_that_cannot_be_planned_is_a_broken_rule_in_one_line(
    lake: Lake, written: Callable[[str, Transform], None], name: str
) -> None:
    transform, expected = WRONG[name]
    written("trades", transform)
    lake.put_files(a__csv=csv_bytes(sale_line(1)))
    [sample] = of_transform(lake.run())
    assert str(sample).startswith(expected)
    assert "\n" not in str(sample)


def job_error(spark: SparkSession, column: Any) -> Exception:
    """Return how a job on one row ends."""
    frame = spark.sql("SELECT '31/02/2025' AS day, '0' AS nought").withColumn("made", column)
    with pytest.raises(Exception) as ended:
        frame.write.format("noop").mode("overwrite").save()
    return ended.value


SQL = {
    "to_date(day, 'dd/MM/yyyy')": "CANNOT_PARSE_TIMESTAMP",
    "cast(day AS int)": "CAST_INVALID_INPUT",
    "1 / cast(nought AS int)": "DIVIDE_BY_ZERO",
    "cast(nought AS int) + 2147483647 + 1": "ARITHMETIC_OVERFLOW",
    "split(day, '/')[7]": "INVALID_ARRAY_INDEX",
    "raise_error(day)": "USER_RAISED_EXCEPTION",
    "map_from_arrays(array(day, day), array(1, 2))": "DUPLICATED_MAP_KEY",
    "reflect('java.lang.Integer', 'parseInt', day)": "NumberFormatException",
}


def test_errors_that_rows_make_are_told_by_their_class_and_quote_no_value_where_it_may_be_about_a_person(
    spark: SparkSession,
) -> None:
    for sql, name in SQL.items():
        error = job_error(spark, F.expr(sql))
        assert may_come_from_rows(error), sql
        assert describe_error(error, personal=True) == name
        assert describe_error(error).startswith(f"{name}: ")
        assert "\n" not in describe_error(error)


def test_what_a_python_function_raises_is_its_rows_fault_unless_the_machine_or_a_service_is_to_blame(
    spark: SparkSession,
) -> None:
    def raise_value_error(_: str) -> str:
        raise ValueError("Ada\nLovelace")

    def raise_connection_error(_: str) -> str:
        raise ConnectionError("refused")

    error = job_error(spark, F.udf(raise_value_error, StringType())("day"))
    assert (may_come_from_rows(error), describe_error(error), describe_error(error, personal=True)) == (
        True,
        "ValueError: Ada",
        "ValueError",
    )
    assert not may_come_from_rows(job_error(spark, F.udf(raise_connection_error, StringType())("day")))


class JavaException:
    """A Java exception as Py4J hands it out."""

    def __init__(self, name: str, message: str, cause: "JavaException | None" = None) -> None:
        self.name, self.message, self.cause = name, message, cause

    def getClass(self) -> "JavaException":
        return self

    def getName(self) -> str:
        return self.name

    def getMessage(self) -> str:
        return self.message

    def getCause(self) -> "JavaException | None":
        return self.cause

    def getCondition(self) -> str:
        return ""

    def getSqlState(self) -> str:
        return ""


MACHINES = [
    ("java.lang.OutOfMemoryError", "Java heap space"),
    ("java.nio.file.AccessDeniedException", "s3://raw/trades/a.csv: Status Code: 403"),
    ("software.amazon.awssdk.services.s3.model.S3Exception", "Slow Down (Service: S3, Status Code: 503)"),
    ("java.io.FileNotFoundException", "No such file or directory: s3://raw/trades/a.csv"),
    ("java.net.SocketTimeoutException", "Read timed out"),
    ("org.apache.iceberg.exceptions.CommitFailedException", "Cannot commit"),
    ("org.apache.spark.SparkException", "Job aborted: ExecutorLostFailure (executor 1 exited)"),
    ("org.apache.spark.SparkException", "Python worker exited unexpectedly (crashed)"),
]


def test_what_the_machine_or_a_service_did_is_blamed_on_no_transform() -> None:
    for name, message in MACHINES:
        error = PySparkException("it failed")
        error._origin = JavaException("org.apache.spark.SparkException", "Job aborted", JavaException(name, message))  # pyright: ignore
        assert not may_come_from_rows(error), name
        with pytest.raises(PySparkException), raising_transform_failed(personal=False):
            raise error
    for error in (MemoryError(), PermissionError("no"), KeyboardInterrupt()):
        with pytest.raises(type(error)), raising_transform_failed(personal=False):
            raise error
    with pytest.raises(TransformFailed, match=r"^KeyError$"), raising_transform_failed(personal=True):
        raise KeyError("Ada")


def test_the_one_that_fails_is_found_by_halving_and_nothing_is_named_that_does_not_fail_alone() -> None:
    for number in (1, 2, 3, 7, 64, 1000):
        for bad in {0, number // 3, number - 1}:
            assert bisect_failing(number, lambda low, high, bad=bad: low <= bad < high) == (bad, bad + 1)
    tries: list[tuple[int, int]] = []

    def fails_between(low: int, high: int) -> bool:
        tries.append((low, high))
        return low <= 77_777 < high

    assert bisect_failing(500_000, fails_between, MAX_PASSES) == (77_777, 77_778)
    assert len(tries) <= MAX_PASSES
    low, high = bisect_failing(1 << 40, fails_between, MAX_PASSES)
    assert high - low > 1
    assert bisect_failing(8, lambda low, high: high - low > 3) == (0, 8)
