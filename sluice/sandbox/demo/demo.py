"""A good day, a bad day and the mended day, told to somebody who has seen none of it."""

import time
from pathlib import Path

from components.settings.project_name import option_key
from sluice.cli.errors import WrongUse
from sluice.program.stack_files import load_stack_file
from sluice.sandbox import published_rows
from sluice.sandbox.demo.changes_day import run_changes_day
from sluice.sandbox.demo.flow_runs import run_by_flow
from sluice.sandbox.demo.gold_day import run_gold_day
from sluice.sandbox.demo.half_day import run_half_day
from sluice.sandbox.demo.killed_run import run_killed_day
from sluice.sandbox.demo.quarantine_day import run_quarantine_day, upload_and_run
from sluice.sandbox.demo.site_picture import build_demo_site
from sluice.sandbox.demo.withdrawn_day import run_withdrawn_day
from sluice.sandbox.emulator import emulator
from sluice.sandbox.emulator.mailbox import Mailbox
from sluice.sandbox.lake import Dataset
from sluice.sandbox.output import SandboxConsole
from sluice.sandbox.try_day import RunFailed, deploy_lake

DAYS_FOLDER = Path(__file__).with_name("days")
DATASET = "sales"
SAMPLE_DATASETS = (DATASET, "customers", "products", "sales_daily")
ROW_LIMIT = 20


def run_demo() -> int:
    """Tell the story; return the exit code.

    Raises:
        WrongUse: the stack `local` has not all datasets of the sample.
        RunFailed: a day ended otherwise than the story goes.
    """
    deployed = load_stack_file("local").get(option_key("datasets")) or {}
    if missing := [name for name in SAMPLE_DATASETS if name not in deployed]:
        raise WrongUse(
            f"the demo tells of the sample, and Pulumi.local.yaml lacks {', '.join(missing)}: try a dataset of yours by "
            "sluice try DATASET FILE"
        )
    started_at = time.monotonic()
    console = SandboxConsole()
    console.print_heading("Sluice: a gate that lets data into a lake")
    console.print_paragraph(
        "Files land in a raw bucket as they come. A job checks them against a contract, writes the rows where no reader "
        "looks, checks what it wrote, and only then publishes them, all or nothing. Here an AWS emulator stands for the "
        "cloud: no account is needed, nothing leaves this machine, and nothing stays on it but a site in .site. Allow "
        "six minutes."
    )
    console.print_heading("1. The lake")
    with emulator.running_emulator() as emulated_aws:
        lake = deploy_lake(emulated_aws, console)
        dataset = lake[DATASET]
        console.print_paragraph(
            "The Pulumi program ran unchanged: buckets, catalog, job, roles, alarms and topic exist in the emulator."
        )
        _run_good_day(console, dataset)
        _run_bad_day(console, dataset, emulated_aws.mailbox)
        _run_mended_day(console, dataset, emulated_aws.mailbox)
        run_quarantine_day(console, dataset, lake["customers"])
        run_killed_day(console, dataset)
        run_gold_day(console, dataset, lake["products"], lake["sales_daily"])
        run_withdrawn_day(console, dataset, lake["sales_daily"])
        run_changes_day(console, lake["customers"])
        run_half_day(console, dataset)
        build_demo_site(console, dataset)
    console.print_heading(f"That was it, in {time.monotonic() - started_at:.0f} s. What next")
    console.print_facts(
        {
            "sluice try sales FILE...": "your own files through the same gate",
            "sluice up": "the lake left running, for the AWS CLI, boto3 and Pulumi",
            "expectations/sales/": "the contract: change a rule and try again",
        }
    )
    return 0


def _run_good_day(console: SandboxConsole, dataset: Dataset) -> None:
    console.print_heading("2. A good day")
    upload_and_run(console, dataset, "good.csv", "2025-01-17.csv", "SUCCEEDED", run_by_flow)
    console.print_paragraph(f"Readers of {dataset.arguments['--table'].removeprefix('lake.')} now see:")
    console.print_rows(published_rows.published_rows(dataset, ROW_LIMIT))


def _run_bad_day(console: SandboxConsole, dataset: Dataset, mailbox: Mailbox) -> None:
    console.print_heading("3. A bad day: a negative quantity, a sale sent twice, a price of nothing")
    snapshot_before = published_rows.current_snapshot_id(dataset)
    run = upload_and_run(console, dataset, "bad.csv", "2025-01-18.csv", "FAILED", run_by_flow)
    console.print_paragraph("Glue shows: ", run.message)
    console.print_paragraph("The rules of the contract that broke:")
    console.print_violations(run.verdict["violations"])
    snapshot_after = published_rows.current_snapshot_id(dataset)
    if snapshot_before != snapshot_after:
        raise RunFailed(f"the bad day changed what readers see: snapshot {snapshot_before} became {snapshot_after}")
    console.print_paragraph(
        f"Nothing of it is seen by a reader: snapshot {snapshot_before} before, {snapshot_after} after."
    )
    alarm = dataset.evaluated_alarm()
    console.print_paragraph(f"The alarm {alarm.name} is in ", alarm.state, ".")
    _print_message(console, mailbox, seen=0)


def _run_mended_day(console: SandboxConsole, dataset: Dataset, mailbox: Mailbox) -> None:
    console.print_heading("4. The same day, mended and uploaded under the same key")
    upload_and_run(console, dataset, "mended.csv", "2025-01-18.csv", "SUCCEEDED", run_by_flow)
    _print_message(console, mailbox, seen=1)
    console.print_paragraph("Readers see both days:")
    console.print_rows(published_rows.published_rows(dataset, ROW_LIMIT))


def _print_message(console: SandboxConsole, mailbox: Mailbox, seen: int) -> None:
    """Show the message that a reader got beside those `seen` before, which has to be one.

    Raises:
        RunFailed: none came, or more than one.
    """
    reader = next((delivery.endpoint for delivery in mailbox.wait_for(seen + 1)), None)
    messages = mailbox.wait_for(seen + 1, reader)[seen:]
    if len(messages) != 1:
        raise RunFailed(f"one message should have come, and there are {len(messages)}: {messages}")
    [message] = messages
    console.print_paragraph(f"{message.endpoint} gets one message, {message.subject!r}:")
    console.print_verbatim(*message.text.rstrip().splitlines())
