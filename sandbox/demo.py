"""`python -m sandbox demo`: a good day, a bad day and the mended day, told to somebody who has seen none of it."""

import json
import time
from pathlib import Path

from rich.text import Text

from sandbox import emulator, rows
from sandbox.lake import Dataset, Run
from sandbox.subscriber import Message, Subscriber
from sandbox.telling import Telling
from sandbox.try_day import RunFailed, deployed

DAYS = Path(__file__).with_name("days")
DATASET = "sales"
MOST_ROWS = 20
MESSAGES_OF_A_BAD_DAY = 2  # the alarm's and the failed run's


def demo() -> int:
    """Tell the story; return the exit code.

    Raises:
        RunFailed: a day ended otherwise than the story goes.
    """
    began = time.monotonic()
    tell = Telling()
    tell.heading("Sluice: a gate that lets data into a lake")
    tell.say("Files land in a raw bucket as they come. A job checks them against a contract, writes the rows aside,")
    tell.say(
        "checks what it wrote, and only then publishes them. Here an AWS emulator on this machine stands for the cloud:"
    )
    tell.say("no account, nothing leaves this machine, and nothing stays when it is over.")
    tell.heading("1. The lake")
    with emulator.running() as at:
        dataset = deployed(at, DATASET, tell)
        tell.say(
            "The Pulumi program ran unchanged: buckets, catalog, job, roles, alarms and topic exist in the emulator."
        )
        inbox = Subscriber.of(at, dataset.topic())
        _good_day(tell, dataset)
        _bad_day(tell, dataset, inbox)
        _mended_day(tell, dataset)
    tell.heading(f"That was it, in {time.monotonic() - began:.0f} s. What next")
    tell.say("python -m sandbox try sales FILE...   your own files through the same gate (--help tells more)")
    tell.say("python -m sandbox up                  the emulated lake left running, for the AWS CLI, boto3 and Pulumi")
    tell.say("expectations/sales/                   the contract: change a rule and try again")
    return 0


def _good_day(tell: Telling, dataset: Dataset) -> None:
    tell.heading("2. A good day")
    _run(tell, dataset, "good.csv", "2025-01-17.csv", wanted="SUCCEEDED")
    tell.say(f"Readers of {dataset.arguments['--table'].removeprefix('lake.')} now see:")
    tell.rows(rows.published(dataset, MOST_ROWS))


def _bad_day(tell: Telling, dataset: Dataset, inbox: Subscriber) -> None:
    tell.heading("3. A bad day: a negative quantity, a sale that was sent before, a price of nothing")
    before = rows.snapshot(dataset)
    run = _run(tell, dataset, "bad.csv", "2025-01-18.csv", wanted="FAILED")
    tell.say("Glue shows: ", run.message)
    tell.say("The rules of the contract that broke:")
    tell.violations(run.verdict["violations"])
    after = rows.snapshot(dataset)
    if before != after:
        raise RunFailed(f"the bad day changed what readers see: snapshot {before} became {after}")
    tell.say(f"Nothing of it is seen by a reader: snapshot {before} before, {after} after.")
    alarm = dataset.alarm()
    tell.say(f"The alarm {alarm.name} is in ", alarm.state, ".")
    for message in inbox.received(MESSAGES_OF_A_BAD_DAY):
        _show(tell, message)


def _mended_day(tell: Telling, dataset: Dataset) -> None:
    tell.heading("4. The same day, mended and uploaded under the same key")
    _run(tell, dataset, "mended.csv", "2025-01-18.csv", wanted="SUCCEEDED")
    tell.say("Readers see both days:")
    tell.rows(rows.published(dataset, MOST_ROWS))


def _run(tell: Telling, dataset: Dataset, day: str, name: str, wanted: str) -> Run:
    body = (DAYS / day).read_bytes()
    key = dataset.upload(body, name)
    tell.say(f"{key} arrives in the raw bucket:")
    tell.file(body.decode())
    with tell.step(f"the job {dataset.job} runs on local Spark, from the definition that the Glue API holds"):
        run = dataset.run()
    tell.say(
        "the run ", run.state, f": {run.verdict['rows_read']} rows read, {run.verdict['rows_published']} published"
    )
    if run.state != wanted:
        raise RunFailed(f"the day {day} should have {wanted} and has {run.state}: {run.message}")
    return run


def _show(tell: Telling, message: Message) -> None:
    tell.say("A subscriber of the topic received ", f"{message.subject!r}:")
    try:
        text = json.dumps(json.loads(message.text), indent=1)
    except ValueError:
        text = message.text
    tell.console.print(Text("\n".join(f"    {line}" for line in text.splitlines()), style="dim"))
