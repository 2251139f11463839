"""What runs on Glue, as objects whose key carries their content's hash: a run in progress keeps what it began with."""

import hashlib
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute import packages
from components.compute.wheels import LOCK
from components.settings.lake_folder import ROOT
from components.settings.stack_settings import Dataset

SCRIPT = ROOT / "etl" / "__main__.py"


def content_hash(content: bytes) -> str:
    """Return the first 16 hexadecimal digits of a content's SHA-256."""
    return hashlib.sha256(content).hexdigest()[:16]


@dataclass(frozen=True)
class ContractUrls:
    """Where a run finds its contracts."""

    input: pulumi.Output[str]
    output: pulumi.Output[str]


@dataclass(frozen=True)
class CodeArgs:
    """What is uploaded where; `wheels` says whether a deployment needs the bundle."""

    bucket: pulumi.Output[str]
    datasets: tuple[Dataset, ...]
    wheels: bool


class Code(pulumi.ComponentResource):
    """Script, package, wheels and contracts in the assets bucket, handed out as `s3://` URLs.

    `package_hash` is the package's hash, which a run writes into the snapshots that it publishes.
    """

    script: pulumi.Output[str]
    package: pulumi.Output[str]
    wheels: pulumi.Output[str]
    contracts: dict[str, ContractUrls]
    package_hash: str

    def __init__(self, name: str, args: CodeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Code", name, None, opts)
        self.name, self.bucket = name, args.bucket
        package_zip = packages.zip_package()
        self.package_hash = content_hash(package_zip)
        lock_hash = content_hash(LOCK.read_bytes())
        self.script = self.upload_text("script", "code/job-{}.py", SCRIPT.read_text(encoding="utf-8"))
        zipped = packages.file_asset(package_zip, f"etl-{self.package_hash}.zip")
        self.package = self.upload_object("package", f"code/etl-{self.package_hash}.zip", source=zipped)
        # the key says which wheels they are, so the file is no news: a preview without it shows no change
        wheels = packages.wheels_asset(args.wheels)
        self.wheels = self.upload_object(
            "wheels", f"code/wheels2-{lock_hash}.gluewheels.zip", ["source"], source=wheels
        )
        self.contracts = {
            dataset.name: ContractUrls(
                self.upload_text(
                    f"{dataset.name}-input", f"contracts/{dataset.name}/input-{{}}.json", dataset.terms.input
                ),
                self.upload_text(
                    f"{dataset.name}-output", f"contracts/{dataset.name}/output-{{}}.json", dataset.terms.output
                ),
            )
            for dataset in args.datasets
        }
        self.register_outputs({"script": self.script, "package": self.package, "wheels": self.wheels})

    def upload_text(self, label: str, key: str, text: str) -> pulumi.Output[str]:
        """As text, so that a preview shows a reviewer what changed in it."""
        return self.upload_object(label, key.format(content_hash(text.encode())), content=text)

    def upload_object(
        self, label: str, key: str, ignored: list[str] | None = None, **body: pulumi.Input[str] | pulumi.Asset
    ) -> pulumi.Output[str]:
        """An object that stays when its key changes, for the runs and the rollbacks that look for it."""
        bucket_object = aws.s3.BucketObjectv2(
            f"{self.name}-{label}",
            bucket=self.bucket,
            key=key,
            **body,  # pyright: ignore[reportArgumentType]
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True, ignore_changes=ignored),
        )
        return pulumi.Output.concat("s3://", bucket_object.bucket, "/", bucket_object.key)
