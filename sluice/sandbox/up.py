"""The emulator left running, for the AWS CLI, boto3 and the real Pulumi CLI."""

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from components.settings.contracts import load_contract
from sluice.sandbox.commands.up import PORT
from sluice.sandbox.demo.sample_days import SAMPLE_DAYS
from sluice.sandbox.emulator import emulator
from sluice.sandbox.emulator.emulator import Emulator
from sluice.sandbox.jobs.spark import REGION
from sluice.sandbox.output import SandboxConsole

PULUMI_COMMANDS = (
    "export PULUMI_BACKEND_URL=file://$(mktemp -d) PULUMI_CONFIG_PASSPHRASE=",  # a state that ends with the emulator
    "pulumi stack init local",
    "pulumi up --stack local",
)


def serve_sandbox(port: int, *, empty: bool) -> NoReturn:
    """Serve on `port` until Ctrl-C; `empty` leaves the deployment to the real Pulumi CLI.

    Raises:
        PortTaken: somebody listens there already.
        EmulatorFailed: it ended by itself.
    """
    console = SandboxConsole()
    with emulator.running_emulator(port) as emulated_aws:
        outputs: Mapping[str, Any] = {}
        if empty:
            console.print_paragraph(f"An empty AWS emulator answers at {emulated_aws.endpoint}")
        else:
            outputs = _deploy_lake(console, emulated_aws)
        _print_exports(console, emulated_aws)
        if empty:
            _print_pulumi_commands(console, port)
        else:
            console.print_heading("Drive it as on AWS, from another terminal in this folder, after these exports")
            console.print_verbatim(*example_commands(outputs), style="cyan")
        console.print_heading("Look at what people and services are told, each message as its endpoint gets it")
        console.print_verbatim(emulated_aws.mailbox.page.as_uri(), style="cyan")
        console.print_heading("Ctrl-C ends it, and everything in it is gone")
        emulated_aws.wait_for_end()


def _deploy_lake(console: SandboxConsole, emulated_aws: Emulator) -> Mapping[str, Any]:
    with console.time_step("deploying the lake into an AWS emulator on this machine"):
        from sluice.sandbox.deploy import deploy_program  # noqa: PLC0415  Pulumi takes a second, while the emulator starts

        outputs = deploy_program(emulated_aws).outputs
    console.print_heading(f"The lake is up at {emulated_aws.endpoint}")
    console.print_facts(
        {
            name: ", ".join(sorted(value.values())) if isinstance(value, dict) else value
            for name, value in sorted(outputs.items())
        }
    )
    return outputs


def example_commands(outputs: Mapping[str, Any]) -> Iterator[str]:
    """Yield commands that take a day through the lake, for the first dataset that a sample day is of.

    In a lake that has none of these, they name a file of the user's, for the first dataset that takes files.
    """
    jobs = outputs["jobs"]
    file_datasets = [dataset for dataset in sorted(jobs) if not load_contract(dataset).sources]
    dataset = next((name for name in SAMPLE_DAYS if name in jobs), file_datasets[0])
    yield f"aws s3 cp {SAMPLE_DAYS.get(dataset, 'FILE')} s3://{outputs['raw']}/{dataset}/"
    yield f"aws glue start-job-run --job-name {jobs[dataset]}"
    yield f"aws glue get-job-runs --job-name {jobs[dataset]}"
    yield f"aws s3 cp s3://{outputs['assets']}/verdicts/{dataset}/latest.json -"
    yield ".venv/bin/sluice start"


def _print_exports(console: SandboxConsole, emulated_aws: Emulator) -> None:
    console.print_heading("Point the AWS CLI, boto3, Pulumi and other SDKs at it")
    console.print_paragraph("It answers nobody else: no other keys, which are new at each start, and no web page.")
    console.print_verbatim(
        f"export AWS_ENDPOINT_URL={emulated_aws.endpoint} AWS_REGION={REGION} AWS_DEFAULT_REGION={REGION}",
        "export " + " ".join(f"{name}={value}" for name, value in emulated_aws.keys.as_environment().items()),
        style="cyan",
    )


def _print_pulumi_commands(console: SandboxConsole, port: int) -> None:
    console.print_heading("Deploy with the real Pulumi CLI, from another terminal in this folder, after these exports")
    if port != PORT:
        console.print_paragraph(
            f"Pulumi.local.yaml names port {PORT}: start without --port, or change it there to {port}"
        )
    console.print_verbatim(*PULUMI_COMMANDS, style="cyan")
