"""`python -m sandbox demo`: a good day, a bad day and the mended day, told to somebody who has seen none of it."""

import json
import time
from pathlib import Path
from typing import Any

from etl.wording import counted
from sluice.sandbox import published_rows
from sluice.sandbox.demo.gold_day import gold
from sluice.sandbox.demo.killed_run import killed_run
from sluice.sandbox.demo.quarantine_day import arrive, late_customer
from sluice.sandbox.emulator import emulator
from sluice.sandbox.emulator.subscriber import Message, Subscriber
from sluice.sandbox.lake import Dataset
from sluice.sandbox.output import Telling
from sluice.sandbox.try_day import RunFailed, deployed_lake

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
    tell.say(
        "Files land in a raw bucket as they come. A job checks them against a contract, writes the rows where no reader "
        "looks, checks what it wrote, and only then publishes them, all or nothing. Here an AWS emulator stands for the "
        "cloud: no account is needed, nothing leaves this machine, and nothing stays on it. Allow five minutes."
    )
    tell.heading("1. The lake")
    with emulator.running() as at:
        lake = deployed_lake(at, tell)
        dataset = lake[DATASET]
        tell.say(
            "The Pulumi program ran unchanged: buckets, catalog, job, roles, alarms and topic exist in the emulator."
        )
        inbox = Subscriber.of(at, dataset.topic())
        _good_day(tell, dataset)
        _bad_day(tell, dataset, inbox)
        _mended_day(tell, dataset)
        late_customer(tell, dataset, lake["customers"])
        killed_run(tell, dataset)
        gold(tell, dataset, lake["products"], lake["sales_daily"])
    tell.heading(f"That was it, in {time.monotonic() - began:.0f} s. What next")
    tell.facts(
        {
            "python -m sandbox try sales FILE...": "your own files through the same gate",
            "python -m sandbox up": "the lake left running, for the AWS CLI, boto3 and Pulumi",
            "expectations/sales/": "the contract: change a rule and try again",
        }
    )
    return 0


def _good_day(tell: Telling, dataset: Dataset) -> None:
    tell.heading("2. A good day")
    arrive(tell, dataset, "good.csv", "2025-01-17.csv", "SUCCEEDED")
    tell.say(f"Readers of {dataset.arguments['--table'].removeprefix('lake.')} now see:")
    tell.rows(published_rows.published(dataset, MOST_ROWS))


def _bad_day(tell: Telling, dataset: Dataset, inbox: Subscriber) -> None:
    tell.heading("3. A bad day: a negative quantity, a sale sent twice, a price of nothing")
    before = published_rows.snapshot(dataset)
    run = arrive(tell, dataset, "bad.csv", "2025-01-18.csv", "FAILED")
    tell.say("Glue shows: ", run.message)
    tell.say("The rules of the contract that broke:")
    tell.violations(run.verdict["violations"])
    after = published_rows.snapshot(dataset)
    if before != after:
        raise RunFailed(f"the bad day changed what readers see: snapshot {before} became {after}")
    tell.say(f"Nothing of it is seen by a reader: snapshot {before} before, {after} after.")
    alarm = dataset.alarm()
    tell.say(f"The alarm {alarm.name} is in ", alarm.state, ".")
    _show(tell, alarm.name, inbox.received(MESSAGES_OF_A_BAD_DAY))


def _mended_day(tell: Telling, dataset: Dataset) -> None:
    tell.heading("4. The same day, mended and uploaded under the same key")
    arrive(tell, dataset, "mended.csv", "2025-01-18.csv", "SUCCEEDED")
    tell.say("Readers see both days:")
    tell.rows(published_rows.published(dataset, MOST_ROWS))


def _show(tell: Telling, alarm: str, messages: list[Message]) -> None:
    """Show the alarm's message whole, the others by what they say they are."""
    shown = next((message for message in messages if alarm in message.subject), None)
    if shown is None:
        raise RunFailed(f"no message of {alarm} reached the topic's subscriber, only {messages}")
    tell.say(
        f"A subscriber of the topic received {counted(len(messages), 'message')}. The alarm's, {shown.subject!r}, says:"
    )
    tell.facts(flat(json.loads(shown.text)))
    for message in messages:
        if message is not shown:
            tell.say(f"By another path came {message.subject!r}: {_gist(message.text)}")


def flat(value: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Return a JSON object's values by their path; empty ones are left out."""
    out: dict[str, Any] = {}
    for name, item in value.items():
        if isinstance(item, dict):
            out |= flat(item, f"{before}{name}.")
        elif item not in (None, "", []):
            out[f"{before}{name}"] = json.dumps(item) if isinstance(item, list) else item
    return out


def _gist(text: str) -> str:
    try:
        said = flat(json.loads(text))
    except ValueError:
        return text
    return str(said.get("AlarmDescription") or said.get("detail.state") or text)
