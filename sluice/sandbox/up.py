"""`python -m sandbox up`: the emulator left running, for the AWS CLI, boto3 and the real Pulumi CLI."""

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from components.settings.contracts import terms
from sluice.sandbox.emulator import emulator
from sluice.sandbox.emulator.emulator import Emulator
from sluice.sandbox.jobs.spark import REGION
from sluice.sandbox.output import Telling

PORT = 4566
PULUMI = (
    "export PULUMI_BACKEND_URL=file://$(mktemp -d) PULUMI_CONFIG_PASSPHRASE=",  # a state that ends with the emulator
    "pulumi stack init local",
    "pulumi up --stack local",
)
DAYS = {"sales": "sluice/sandbox/demo/days/good.csv", "customers": "sluice/sandbox/demo/days/customers.jsonl"}
"""The sample day of each dataset that has one, below the repository's root."""


def up(port: int, *, empty: bool) -> NoReturn:
    """Serve on `port` until Ctrl-C; `empty` leaves the deployment to the real Pulumi CLI.

    Raises:
        PortTaken: somebody listens there already.
        EmulatorFailed: it ended by itself.
    """
    tell = Telling()
    with emulator.running(port) as at:
        outputs: Mapping[str, Any] = {}
        if empty:
            tell.say(f"An empty AWS emulator answers at {at.endpoint}")
        else:
            outputs = _deploy(tell, at)
        _point_at(tell, at)
        if empty:
            _pulumi(tell, port)
        else:
            tell.heading("Drive it as on AWS, from another terminal in this folder, after these exports")
            tell.verbatim(*drive(outputs), style="cyan")
        tell.heading("Ctrl-C ends it, and everything in it is gone")
        at.wait()


def _deploy(tell: Telling, at: Emulator) -> Mapping[str, Any]:
    with tell.step("deploying the lake into an AWS emulator on this machine"):
        from sluice.sandbox.deploy import deploy  # noqa: PLC0415  Pulumi takes a second, while the emulator starts

        outputs = deploy(at).outputs
    tell.heading(f"The lake is up at {at.endpoint}")
    tell.facts(
        {
            name: ", ".join(sorted(value.values())) if isinstance(value, dict) else value
            for name, value in sorted(outputs.items())
        }
    )
    return outputs


def drive(outputs: Mapping[str, Any]) -> Iterator[str]:
    """Yield commands that take a day through the lake, for the first dataset that a sample day is of.

    In a lake that has none of these, they name a file of the user's, for the first dataset that takes files.
    """
    jobs = outputs["jobs"]
    of_files = [dataset for dataset in sorted(jobs) if not terms(dataset).sources]
    dataset = next((name for name in DAYS if name in jobs), of_files[0])
    yield f"aws s3 cp {DAYS.get(dataset, 'FILE')} s3://{outputs['raw']}/{dataset}/"
    yield f"aws glue start-job-run --job-name {jobs[dataset]}"
    yield f"aws glue get-job-runs --job-name {jobs[dataset]}"
    yield f"aws s3 cp s3://{outputs['assets']}/verdicts/{dataset}/latest.json -"
    yield ".venv/bin/python -m operate start"


def _point_at(tell: Telling, at: Emulator) -> None:
    tell.heading("Point the AWS CLI, boto3, Pulumi and other SDKs at it")
    tell.say("It answers nobody else: no other keys, which are new at each start, and no web page.")
    tell.verbatim(
        f"export AWS_ENDPOINT_URL={at.endpoint} AWS_REGION={REGION} AWS_DEFAULT_REGION={REGION}",
        "export " + " ".join(f"{name}={value}" for name, value in at.keys.environment().items()),
        style="cyan",
    )


def _pulumi(tell: Telling, port: int) -> None:
    tell.heading("Deploy with the real Pulumi CLI, from another terminal in this folder, after these exports")
    if port != PORT:
        tell.say(f"Pulumi.local.yaml names port {PORT}: start without --port, or change it there to {port}")
    tell.verbatim(*PULUMI, style="cyan")
