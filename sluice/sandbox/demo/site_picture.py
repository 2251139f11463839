"""The demo's last scene: its lake's site, written by `sluice docs` from the emulated assets bucket, and a picture of it."""

import subprocess
import sys
from pathlib import Path

from components.settings.lake_folder import ROOT
from etl.storage.raw_objects import S3Prefix
from sluice.sandbox.chromium import NoBrowser, take_picture
from sluice.sandbox.jobs.environment import clean_environment
from sluice.sandbox.jobs.spark import REGION
from sluice.sandbox.lake import Dataset
from sluice.sandbox.output import SandboxConsole
from sluice.sandbox.try_day import RunFailed

OUT = Path(".site")
COMMAND = "import sys; from sluice.cli.app import main; sys.exit(main(sys.argv[1:]))"


def build_demo_site(console: SandboxConsole, dataset: Dataset, folder: Path = ROOT) -> None:
    """Write the site into `folder`/.site, and a picture of it where a Chromium is at hand.

    Raises:
        RunFailed: the command failed.
    """
    console.print_heading("12. All of it at a glance")
    bucket = S3Prefix.from_uri(dataset.arguments["--verdicts"]).bucket
    with console.time_step(f"sluice docs --results s3://{bucket}"):
        _write_site(dataset, bucket, folder)
    index, picture = folder / OUT / "index.html", folder / OUT / "overview.png"
    console.print_paragraph("How each dataset stands, its days, rules, bad runs and costs, to be opened in a browser:")
    console.print_verbatim(str(index))
    try:
        take_picture(index, picture)
        console.print_paragraph("Its picture:")
        console.print_verbatim(str(picture))
    except NoBrowser as fault:
        console.print_paragraph(f"There is no picture of it: {fault}")


def _write_site(dataset: Dataset, bucket: str, folder: Path) -> None:
    emulator = dataset.emulator
    environment = clean_environment("SLUICE_LAKE") | emulator.keys.as_environment()
    environment |= {"AWS_ENDPOINT_URL": emulator.endpoint, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
    typed = ["docs", "--results", f"s3://{bucket}", "--out", str(folder / OUT)]
    ended = subprocess.run(
        [sys.executable, "-c", COMMAND, *typed], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if ended.returncode != 0:
        raise RunFailed(f"sluice {' '.join(typed)} ended with {ended.returncode}: {ended.stderr.strip()}")
