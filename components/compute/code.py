"""What runs on Glue, as objects whose key carries their content's hash: a run in progress keeps what it began with."""

import hashlib
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.compute import packages
from components.compute.wheels import LOCK
from components.settings.contracts import ROOT
from components.settings.stack_settings import Dataset

SCRIPT = ROOT / "etl" / "__main__.py"


def fingerprint(content: bytes) -> str:
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

    `mark` is the package's hash, which a run writes into the snapshots that it publishes.
    """

    script: pulumi.Output[str]
    package: pulumi.Output[str]
    wheels: pulumi.Output[str]
    contracts: dict[str, ContractUrls]
    mark: str

    def __init__(self, name: str, args: CodeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("sluice:lake:Code", name, None, opts)
        self.name, self.bucket = name, args.bucket
        packed = packages.package()
        self.mark = fingerprint(packed)
        locked = fingerprint(LOCK.read_bytes())
        self.script = self.put("script", "code/job-{}.py", SCRIPT.read_text(encoding="utf-8"))
        zipped = packages.kept(packed, f"etl-{self.mark}.zip")
        self.package = self.object("package", f"code/etl-{self.mark}.zip", source=zipped)
        # the key says which wheels they are, so the file is no news: a preview without it shows no change
        wheels = packages.asset(args.wheels)
        self.wheels = self.object("wheels", f"code/wheels2-{locked}.gluewheels.zip", ["source"], source=wheels)
        self.contracts = {
            one.name: ContractUrls(
                self.put(f"{one.name}-input", f"contracts/{one.name}/input-{{}}.json", one.terms.input),
                self.put(f"{one.name}-output", f"contracts/{one.name}/output-{{}}.json", one.terms.output),
            )
            for one in args.datasets
        }
        self.register_outputs({"script": self.script, "package": self.package, "wheels": self.wheels})

    def put(self, what: str, key: str, text: str) -> pulumi.Output[str]:
        """As text, so that a preview shows a reviewer what changed in it."""
        return self.object(what, key.format(fingerprint(text.encode())), content=text)

    def object(
        self, what: str, key: str, ignored: list[str] | None = None, **body: pulumi.Input[str] | pulumi.Asset
    ) -> pulumi.Output[str]:
        """An object that stays when its key changes, for the runs and the rollbacks that look for it."""
        made = aws.s3.BucketObjectv2(
            f"{self.name}-{what}",
            bucket=self.bucket,
            key=key,
            **body,  # pyright: ignore[reportArgumentType]
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True, ignore_changes=ignored),
        )
        return pulumi.Output.concat("s3://", made.bucket, "/", made.key)
