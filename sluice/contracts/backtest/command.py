"""Say what a changed contract would have refused of data that is at hand, next to the published one.

SUITE is a contract's file as the working tree has it. The published one is the same dataset's at BASE: by default where
this branch left main; on main itself, the commit before (or the last commit, where contracts are changed and not
committed). Each is judged together with its twin of the same time, and with the working tree's transform.

DATA are raw files in the format that the input's contract declares, or, for an output suite, one table:
a folder of Parquet files, also as parquet:DIR, or of an Iceberg table; or a name such as lake.database.orders in a
catalog that Spark is told of by the environment, with the AWS credentials it takes:

  PYSPARK_SUBMIT_ARGS="--conf spark.sql.catalog.lake=org.apache.iceberg.spark.SparkCatalog
    --conf spark.sql.catalog.lake.type=glue --conf spark.sql.catalog.lake.io-impl=org.apache.iceberg.aws.s3.S3FileIO
    --conf spark.sql.catalog.lake.client.region=REGION pyspark-shell"

An input suite judges raw rows as text. An output suite judges rows as they would be published, raw files typed and
transformed first, without what the input's own rules say of them. A row is refused where it breaks a critical rule, a
file or a day where a run of only its rows would fail, also for a rule on all of them, such as a row count. What no
expectation can state counts as in a run: a header, a broken row, a text that its type would change. The key has to be
unique in all that is given, and every row that shares one breaks it; in each file alone, where on_conflict is replace.
Rules that compare with other datasets are not evaluated. A rule in error, which the engine cannot judge, refuses the run
and breaks no row: it is told apart, and stands in --json as `rules_in_error` of either side. Rules on runs take
about a third of a second for each file, day and contract.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from sluice.contracts.backtest.contract_pair import load_changed, load_published
from sluice.contracts.backtest.data import Table, find_day_column, parse_data_arguments
from sluice.contracts.backtest.rendering import BacktestHeading, print_report, render_markdown
from sluice.contracts.commands import add_output_formats
from sluice.contracts.diff.git_history import base_commit, resolve_commit
from sluice.contracts.suite_files import WrongUse, short_path
from sluice.contracts.tables import as_json

# The session is for few rows; compiling costs a second more, and a day of 100,000 rows half as much.
COMPILED = {"spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "FALLBACK"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("suite", metavar="SUITE", type=Path, help="the changed suite file")
    parser.add_argument("data", nargs="+", metavar="DATA", help="raw files, or one table")
    parser.add_argument("--base", metavar="BASE", help="the commit with the published contracts")
    help_ = "the column that says a row's day; by default the date that the output is partitioned by"
    parser.add_argument("--day", metavar="COLUMN", help=help_)
    add_output_formats(parser)


def run(options: argparse.Namespace) -> int:
    """Print what either contract would have refused; 1 where the changed one refuses more."""
    after = load_changed(options.suite)
    data = parse_data_arguments(options.data, after.contract.stage)
    raw = not isinstance(data, Table)
    if raw and after.twin is None:
        raise WrongUse(
            f"raw files are read by both contracts of a dataset: the other one beside {options.suite} is missing"
        )
    day = find_day_column(after, options.day)
    commit = resolve_commit(options.base) if options.base else base_commit()
    before = load_published(after.contract, commit)
    if raw and before and before.twin is None:
        before = None
    # Other commands, and the telling of wrong use, need no Spark.
    from sluice.contracts.backtest.backtest import BacktestInput, run_backtest  # noqa: PLC0415
    from sluice.contracts.prove.session import spark_session  # noqa: PLC0415

    with spark_session() as spark:
        for name, value in COMPILED.items():
            spark.conf.set(name, value)
        report = run_backtest(BacktestInput(spark, data, day, datetime.now(UTC).date().isoformat()), before, after)
    heading = BacktestHeading(short_path(options.suite), commit[:10], day)
    if options.json:
        print(as_json({**heading.as_json(), **report.as_json()}))
    elif options.markdown:
        print(render_markdown(report, heading))
    else:
        print_report(report, heading)
    return 1 if report.refuses_more else 0
