"""Say what a changed contract would have refused of data that is at hand, next to the published one.

SUITE is a contract's file as the working tree has it. The published one is the same dataset's at BASE: by default where
this branch left main; on main itself, the commit before (or the last commit, where contracts are changed and not
committed). Each is judged together with its twin of the same time, and with the working tree's transform.

DATA are raw files in the format that the input's contract declares, or, for an output suite, one table:
a folder of Parquet files, also as parquet:DIR, or of an Iceberg table; or a name such as lake.database.orders in a
catalog that Spark is told of by the environment, with the AWS credentials it takes:

  PYSPARK_SUBMIT_ARGS="
    --conf spark.sql.catalog.lake=org.apache.iceberg.spark.SparkCatalog
    --conf spark.sql.catalog.lake.type=glue
    --conf spark.sql.catalog.lake.io-impl=org.apache.iceberg.aws.s3.S3FileIO
    --conf spark.sql.catalog.lake.client.region=REGION pyspark-shell"

An input suite judges raw rows as text. An output suite judges rows as they would be published, raw files typed and
transformed first, without what the input's own rules say of them. A row is refused where it breaks a critical rule, a
file or a day where a run of only its rows would fail, also for a rule on all of them, such as a row count. What no
expectation can state counts as in a run: a header, a broken row, a text that its type would change. The key has to be
unique in all that is given, and every row that shares one breaks it; in each file alone, where rows take the place of
others (load). The table of a snapshot is one copy, and is judged as one run.
Rules that compare with other datasets are not evaluated. A rule in error, which the engine cannot judge, refuses the run
and breaks no row: it is told apart, and stands in --json as `rules_in_error` of either side. Rules on runs take
about a third of a second for each file, day and contract.

Rules with bounds from earlier runs are walked over the days in their order, each held to what the days before it had, and it
is said on which they would have rung. Days are those of --day, else those that files' names have. A day counts for the days
after it whether it rang or not, as one that was accepted. With --stack the days are the runs of a deployed lake, by its
results, and no data is read. What rang changes no exit code.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from etl.contract.loads import LoadKind
from etl.contract.model import Contract
from sluice.cli.errors import WrongUse
from sluice.cli.exit_codes import ExitCode
from sluice.contracts.backtest.contract_pair import load_changed, load_published
from sluice.contracts.backtest.data import Table, find_day_column, parse_data_arguments, require_data_files
from sluice.contracts.backtest.rendering import BacktestHeading, print_report, render_markdown
from sluice.contracts.backtest.walked_results import WalkedResults, print_walk
from sluice.contracts.diff.git_history import base_commit, resolve_commit
from sluice.contracts.output_form import JsonOption, MarkdownOption, OutputForm, choose_form
from sluice.contracts.suite_files import short_path
from sluice.contracts.tables import as_json
from sluice.progress import Progress

# The session is for few rows; compiling costs a second more, and a day of 100,000 rows half as much.
COMPILED = {"spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "FALLBACK"}


def run(
    suite: Annotated[Path, typer.Argument(metavar="SUITE", help="The changed suite file.")],
    context: typer.Context,
    data_arguments: Annotated[list[str] | None, typer.Argument(metavar="DATA", help="Raw files, or one table.")] = None,
    base: Annotated[str | None, typer.Option(metavar="BASE", help="The commit with the published contracts.")] = None,
    day_option: Annotated[
        str | None,
        typer.Option(
            "--day",
            metavar="COLUMN",
            help="The column that says a row's day; by default the date that the output is partitioned by.",
        ),
    ] = None,
    stack: Annotated[
        str | None,
        typer.Option("--stack", metavar="STACK", help="Walk the results of this stack's runs, without DATA."),
    ] = None,
    markdown: MarkdownOption = False,
    json: JsonOption = False,
) -> ExitCode:
    """Print what either contract would have refused; at fault where the changed one refuses more."""
    form = choose_form(markdown=markdown, json=json)
    after = load_changed(suite)
    if stack is not None:
        if data_arguments or base or day_option:
            raise WrongUse("--stack walks the results of runs, and takes no DATA, --base or --day")
        _walk_results(context, after.contract, stack, BacktestHeading(short_path(suite), "", None), form)
        return ExitCode.DONE
    if not data_arguments:
        raise WrongUse("name raw files or one table as DATA, or a stack whose results are walked by --stack")
    data = parse_data_arguments(data_arguments, after.contract.stage)
    raw = not isinstance(data, Table)
    if raw and after.twin is None:
        raise WrongUse(f"raw files are read by both contracts of a dataset: the other one beside {suite} is missing")
    if raw:
        require_data_files(data, after.input_contract)
    day = find_day_column(after, day_option)
    commit = resolve_commit(base) if base else base_commit()
    before = load_published(after.contract, commit)
    if raw and before and before.twin is None:
        before = None
    # Other commands, and the telling of wrong use, need no Spark, whose import takes its seconds too.
    dataset = after.contract.dataset
    with Progress() as progress:
        progress.show(dataset, "waits for Spark")
        from sluice.contracts.backtest.backtest import BacktestInput, run_backtest  # noqa: PLC0415
        from sluice.contracts.prove.session import spark_session  # noqa: PLC0415

        with spark_session() as spark:
            for name, value in COMPILED.items():
                spark.conf.set(name, value)
            progress.show(dataset, "reads the data, and holds it against both contracts")
            is_copy = not raw and after.contract.loading.kind is LoadKind.SNAPSHOT
            judged = BacktestInput(spark, data, day, datetime.now(UTC).date().isoformat(), is_copy)
            report = run_backtest(judged, before, after)
    heading = BacktestHeading(short_path(suite), commit[:10], day)
    if form is OutputForm.JSON:
        print(as_json({**heading.as_json(), **report.as_json()}))
    elif form is OutputForm.MARKDOWN:
        print(render_markdown(report, heading))
    else:
        print_report(report, heading)
    return ExitCode.AT_FAULT if report.refuses_more else ExitCode.DONE


def _walk_results(
    context: typer.Context, contract: Contract, stack: str, heading: BacktestHeading, form: OutputForm
) -> None:
    """Print on which runs of a deployed dataset the suite's rules with bounds from earlier runs would have rung.

    Raises:
        WrongUse: it has no such rule, or the dataset is not deployed there.
    """
    # Files and tables need no account.
    from sluice.contracts.history.dataset_history import read_results  # noqa: PLC0415
    from sluice.contracts.history.walk import count_rings  # noqa: PLC0415
    from sluice.operations.command_options import deployed_dataset  # noqa: PLC0415

    if not contract.history:
        raise WrongUse(f"{heading.suite} has no meta.history, so results say nothing of it; give it files or a table")
    results = read_results(deployed_dataset(context, contract.dataset, stack), datetime.now(UTC).date())
    print_walk(WalkedResults(heading.suite, stack, results, count_rings(contract, results.lines)), form)
