"""`python -m sluice.sandbox.demo.record_bad_day`: make the sample that a site shows where no verdict of a bad day is given.

It is what a run in the sandbox left: its verdict and its Data Docs, as the assets bucket held them.
"""

import json
import shutil
from pathlib import Path
from typing import Any

DATASET, DAY, FILE = "sales", "2025-01-18", Path(__file__).parent / "days" / "bad.csv"
SAMPLE = Path(__file__).with_name("bad_day")


def main() -> None:
    """Run the bad day in an emulator of its own and keep what it left, in place of the earlier sample."""
    from sluice.sandbox.deploy import deploy_program  # noqa: PLC0415
    from sluice.sandbox.emulator import emulator  # noqa: PLC0415
    from sluice.sandbox.lake import deployed_datasets  # noqa: PLC0415

    with emulator.running_emulator() as emulated:
        deploy_program(emulated)
        dataset = deployed_datasets(emulated)[DATASET]
        dataset.upload_day([FILE])
        verdict = dataset.run(DAY).verdict
        shutil.rmtree(SAMPLE, ignore_errors=True)
        _keep_file(
            f"verdicts/{DATASET}/{verdict['run_id']}.json", json.dumps(verdict, indent=1, ensure_ascii=False).encode()
        )
        _keep_pages(emulated.client("s3"), verdict["data_docs"])


def _keep_pages(s3: Any, uri: str) -> None:
    bucket, _, prefix = uri.removeprefix("s3://").partition("/")
    for entry in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]:
        _keep_file(entry["Key"], s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read())


def _keep_file(name: str, body: bytes) -> None:
    path = SAMPLE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body.rstrip() + b"\n")


if __name__ == "__main__":
    main()
