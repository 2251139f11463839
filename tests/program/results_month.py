"""A month of results, written by the job's own code, and its tables as Athena would read them, in DuckDB.

`make answers` writes what the saved queries answer of it into docs/athena.md.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import duckdb
from sqlglot import exp, parse_one

from etl.contract.results_layout import RUNS, run_key
from etl.contract.severity import Severity
from etl.contract.stage import Stage
from etl.results.result_lines import render_lines
from etl.results.results_writer import write_results
from etl.results.rule_result import RuleResult
from etl.results.rule_state import RuleState
from etl.results.run_line import RunFigures, run_line, run_line_adapter
from etl.results.verdict import RunState, Verdict
from etl.runtime.arguments import RunKind
from sluice.program.docs_part import replace_part
from sluice.program.graph import ROOT, Graph, run_program
from tests.lake import LAKE

TABLE, QUERY = "aws:glue/catalogTable:CatalogTable", "aws:athena/namedQuery:NamedQuery"
STACK = "prod"
TODAY = date(2026, 1, 31)
PAGE = ROOT / "docs" / "athena.md"
BEGIN, END = "<!-- answers, written by `make answers` -->", "<!-- end of answers -->"
Row = dict[str, Any]

KNOWN, QUANTITY, AMOUNT, LOW = (
    ("trades.customer_id.known", Severity.WARNING),
    ("trades.quantity.range", Severity.WARNING),
    ("trades.amount.positive", Severity.CRITICAL),
    ("trades.row_count.usual", Severity.CRITICAL),
)
EMAIL, NAME = ("buyers.email.format", Severity.WARNING), ("buyers.name.present", Severity.CRITICAL)
LATER_FIELDS = ("metrics", "corrected", "isolated", "is_ordinary")
"""Fields of a run's line that the first ones had not."""


@dataclass(frozen=True)
class SampleRun:
    """A run of the month; one that `is_old` is from before there were results of rules, and later fields."""

    verdict: Verdict
    figures: RunFigures
    is_old: bool = False

    def write(self, s3: "Folder") -> None:
        """Write what the job writes of it."""
        if not self.is_old:
            aws: Any = SimpleNamespace(s3=s3)
            assert write_results(aws, "assets", self.verdict, self.figures) == ()
            return
        line = json.loads(render_lines(run_line_adapter(), [run_line(self.verdict, self.figures)]))
        older = {name: value for name, value in line.items() if name not in LATER_FIELDS}
        key = run_key(RUNS, self.verdict.dataset, self.verdict.started[:10], self.verdict.run_id)
        s3.put_object(Bucket="assets", Key=key, Body=f"{json.dumps(older)}\n".encode())


@dataclass(frozen=True)
class Folder:
    """A bucket as a folder, as far as results are written."""

    path: Path

    def put_object(self, *, Key: str, Body: bytes, **_: Any) -> None:
        """Write an object."""
        file = self.path / Key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(Body)


def judged(rule: tuple[str, Severity], state: RuleState, rows: int = 0) -> RuleResult:
    """Return a rule's result; `rows` broke it."""
    return RuleResult(rule[0], Stage.OUTPUT, rule[1], state, rows)


def sample_run(
    run_id: str,
    started: str,
    rows: tuple[int, int, int] = (0, 0, 0),
    rules: tuple[RuleResult, ...] = (),
    published_at: str | None = None,
    dpu_seconds: float | None = 720,
    failed: bool = False,
    is_old: bool = False,
    freshness_hours: int | None = 26,
    **fields: Any,
) -> SampleRun:
    """Return a run of the dataset that its id begins with; `rows` are read, published and set aside."""
    dataset = {"t": "trades", "b": "buyers", "o": "orders"}[run_id[3]]
    state = RunState.FAILED if failed else RunState.SUCCEEDED
    verdict = Verdict(dataset, run_id, f"sluice-prod-{dataset}", f"{started}:00+00:00", state, **fields)
    verdict.rows_read, verdict.rows_published, verdict.rows_quarantined = rows
    verdict.rules, verdict.seconds = list(rules), 81.4
    published = published_at and f"{published_at}:30+00:00"
    return SampleRun(verdict, RunFigures(started[:10], 51_400, dpu_seconds, published, freshness_hours), is_old)


HELD, BROKEN, NOT_EVALUATED = RuleState.HELD, RuleState.BROKEN, RuleState.NOT_EVALUATED
MONTH = (
    # nobody asks for it: it is older than 30 days
    sample_run("jr_t0", "2025-12-31T04:00", (9, 0, 0), (judged(AMOUNT, BROKEN, 9),), failed=True),
    # two rows broke both warnings
    sample_run(
        "jr_t1",
        "2026-01-27T04:00",
        (1000, 990, 10),
        (judged(KNOWN, BROKEN, 8), judged(QUANTITY, BROKEN, 4), judged(AMOUNT, HELD), judged(LOW, NOT_EVALUATED)),
        "2026-01-27T04:05",
    ),
    # two runs of one day: the first was bad
    sample_run(
        "jr_t2",
        "2026-01-28T04:00",
        (1000, 0, 0),
        (judged(KNOWN, HELD), judged(QUANTITY, BROKEN, 2), judged(AMOUNT, BROKEN, 3), judged(LOW, NOT_EVALUATED)),
        "2026-01-27T04:05",
        540,
        failed=True,
    ),
    sample_run(
        "jr_t3",
        "2026-01-28T10:00",
        (1000, 1000, 0),
        (judged(KNOWN, HELD), judged(QUANTITY, HELD), judged(AMOUNT, HELD), judged(LOW, NOT_EVALUATED)),
        "2026-01-28T10:05",
    ),
    # no run on the 29th
    sample_run(
        "jr_t4",
        "2026-01-30T04:00",
        (500, 450, 50),
        (judged(KNOWN, BROKEN, 50), judged(QUANTITY, HELD), judged(AMOUNT, HELD), judged(LOW, HELD)),
        "2026-01-30T04:05",
    ),
    sample_run(
        "jr_t5",
        "2026-01-30T12:00",
        (50, 45, 5),
        (judged(KNOWN, BROKEN, 5), judged(LOW, NOT_EVALUATED)),
        "2026-01-30T12:05",
        360,
        kind=RunKind.REPLAY,
    ),
    sample_run("jr_t6", "2026-01-31T04:00", published_at="2026-01-30T12:05", dpu_seconds=180, nothing_unread=True),
    # from before the results of rules, and Glue did not say how many units it had
    sample_run(
        "jr_b1",
        "2026-01-30T04:00",
        (100, 95, 5),
        (judged(EMAIL, BROKEN, 5),),
        "2026-01-30T04:02",
        None,
        is_old=True,
    ),
    # parts were published alone, and a part was not
    sample_run(
        "jr_b2",
        "2026-01-31T05:00",
        (200, 80, 20),
        (judged(EMAIL, BROKEN, 20), judged(NAME, BROKEN, 100)),
        "2026-01-31T05:02",
        900,
        failed=True,
        isolated=True,
    ),
    # it came to load no contract
    sample_run(
        "jr_b5",
        "2026-01-31T06:00",
        published_at="2026-01-31T05:02",
        dpu_seconds=None,
        failed=True,
        freshness_hours=None,
    ),
    # of a dataset that the stack has no longer
    sample_run("jr_o1", "2026-01-31T04:00", (7, 7, 0), published_at="2026-01-31T04:05"),
)
FOREIGN_FILES = {
    "results/runs/dataset=buyers/day=2026-01-31/jr_b3.jsonl": b'{"version": 1, "run_id"\n',
    "results/rules/dataset=buyers/day=2026-01-31/jr_b4.jsonl": b'{"version": 2, "rule": {"id": "a"}, "day": 1}\n',
}
"""What the queries pass over: a file that is no JSON, and one of a later version."""


def write_month(folder: Path) -> None:
    """Write the month's files below a folder, by their keys."""
    s3 = Folder(folder)
    for run in MONTH:
        run.write(s3)
    for key, body in FOREIGN_FILES.items():
        s3.put_object(Key=key, Body=body)


class ResultsLake:
    """The tables of a stack over files in a folder, as they are declared: only projected partitions are looked into."""

    def __init__(self, graph: Graph, folder: Path, today: date = TODAY) -> None:
        self.today = today
        self.queries = {node.inputs["name"]: node.inputs["query"] for node in graph.nodes_of_type(QUERY)}
        self.database = duckdb.connect()
        self.database.execute("SET TimeZone = 'UTC'")
        for node in graph.nodes_of_type(TABLE):
            if "partitionKeys" in node.inputs:
                self._create_table(node.inputs, folder)

    def answer(self, name: str) -> list[Row]:
        """Return the rows of a saved query, asked today."""
        parsed = parse_one(self.queries[name], dialect="athena")
        for node in list(parsed.find_all(exp.CurrentDate)):
            node.replace(exp.cast(exp.Literal.string(self.today.isoformat()), "DATE"))
        return self.database.sql(parsed.sql(dialect="duckdb")).to_arrow_table().to_pylist()

    def _create_table(self, table: Row, folder: Path) -> None:
        columns = {
            column["name"]: exp.DataType.build(column["type"], dialect="hive").sql("duckdb")
            for column in table["storageDescriptor"]["columns"]
        }
        declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        keys = ", ".join(f'"{key["name"]}" VARCHAR' for key in table["partitionKeys"])
        self.database.execute(f'CREATE TABLE {table["name"]} ({declared}, "$path" VARCHAR, {keys})')
        shape = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
        for place, dataset, day in projected_partitions(table["parameters"], folder, self.today):
            # a line that is no JSON is one of nulls, as the reader of Athena has it
            self.database.execute(
                f"INSERT INTO {table['name']} SELECT *, '{dataset}', '{day}' FROM read_json('{place}/*.jsonl', "
                f"columns = {{{shape}}}, format = 'newline_delimited', ignore_errors = true, filename = true, "
                "hive_partitioning = false)"
            )


def projected_partitions(parameters: dict[str, str], folder: Path, today: date) -> Iterator[tuple[Path, str, str]]:
    """Yield the folder, dataset and day of each partition that Athena would compute and that has files."""
    assert parameters["projection.enabled"] == "true"
    assert parameters["projection.day.format"] == "yyyy-MM-dd"
    [days] = re.fullmatch(r"NOW-(\d+)DAYS,NOW", parameters["projection.day.range"]).groups()  # pyright: ignore[reportOptionalMemberAccess]
    for dataset in parameters["projection.dataset.values"].split(","):
        for ago in range(int(days) + 1):
            day = (today - timedelta(days=ago)).isoformat()
            place = parameters["storage.location.template"].replace("${dataset}", dataset).replace("${day}", day)
            _, _, key = place.removeprefix("s3://").partition("/")
            if (folder / key).is_dir():
                yield folder / key, dataset, day


def render_answers(lake: ResultsLake) -> list[str]:
    """Return the answers of the lake's queries as a part of the page."""
    lines: list[str] = []
    for name in sorted(name for name in lake.queries if name.startswith("results-")):
        rows = lake.answer(name)
        shown = [row | ({"path": _short_path(row["path"])} if "path" in row else {}) for row in rows]
        header = [*shown[0]]
        lines += ["", f"`{name}`:", "", f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
        lines += [f"| {' | '.join(_cell(row[column]) for column in header)} |" for row in shown]
    return [*lines, ""]


def _short_path(path: str) -> str:
    return f"s3://sluice-prod-assets-123456789012/results/{path.partition('/results/')[2]}"


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        case _:
            return str(value)


def main() -> None:
    """Write the answers into the page."""
    with TemporaryDirectory() as folder:
        write_month(Path(folder))
        lines = render_answers(ResultsLake(run_program(STACK, folder=LAKE), Path(folder)))
    PAGE.write_text(replace_part(PAGE.read_text(encoding="utf-8"), BEGIN, END, lines), encoding="utf-8")


if __name__ == "__main__":
    main()
