"""`python -m sandbox up`: the emulator left running, for the AWS CLI, boto3 and the real Pulumi CLI."""

from collections.abc import Mapping
from typing import Any, NoReturn

from sandbox import emulator
from sandbox.emulator import Emulator
from sandbox.spark import REGION
from sandbox.telling import Telling

PORT = 4566


def up(port: int, *, empty: bool) -> NoReturn:
    """Serve on `port` until Ctrl-C; `empty` leaves the deployment to the real Pulumi CLI.

    Raises:
        PortTaken: somebody listens there already.
        EmulatorFailed: it ended by itself.
    """
    tell = Telling()
    with emulator.running(port) as at:
        if empty:
            tell.say(f"An empty AWS emulator answers at {at.endpoint}")
        else:
            _deploy(tell, at)
        _point_at(tell, at)
        if empty:
            _pulumi(tell, port)
        tell.heading("Ctrl-C ends it, and everything in it is gone")
        at.wait()


def _deploy(tell: Telling, at: Emulator) -> None:
    with tell.step("deploying the lake into an AWS emulator on this machine"):
        from sandbox.deploy import deploy  # noqa: PLC0415  Pulumi takes a second, while the emulator starts

        outputs = deploy(at).outputs
    tell.heading(f"The lake is up at {at.endpoint}")
    tell.facts(
        {name: ", ".join(value.values()) if isinstance(value, dict) else value for name, value in outputs.items()}
    )
    _drive(tell, outputs)


def _drive(tell: Telling, outputs: Mapping[str, Any]) -> None:
    dataset, job = next(iter(outputs["jobs"].items()))
    tell.heading("Drive it as on AWS")
    tell.verbatim(
        f"aws s3 cp day.csv s3://{outputs['raw']}/{dataset}/",
        f"aws glue start-job-run --job-name {job}",
        "python -m operate start",
        f"aws glue get-job-runs --job-name {job}",
        f"aws s3 cp s3://{outputs['assets']}/verdicts/{dataset}/latest.json -",
        style="cyan",
    )


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
    tell.verbatim(
        "export PULUMI_BACKEND_URL=file://$HOME PULUMI_CONFIG_PASSPHRASE=",
        "pulumi stack init local",
        "pulumi up --stack local",
        style="cyan",
    )
