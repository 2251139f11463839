"""What runs on Glue, as objects whose key carries their content's hash: a run in progress keeps what it started with."""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.contracts import ROOT
from components.settings import Dataset

BUILT = ROOT / ".wheels"
BUNDLE = BUILT / "sluice.gluewheels.zip"
LOCK = ROOT / "requirements-glue.txt"
EPOCH = (1980, 1, 1, 0, 0, 0)


def fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def package(folder: Path = ROOT / "etl") -> bytes:
    """The package as a zip, byte for byte the same wherever and whenever it is made from the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*.py"), key=lambda p: p.relative_to(folder).as_posix()):
            entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, path.read_bytes())
    return packed.getvalue()


def as_file(content: bytes, name: str) -> pulumi.FileAsset:
    """The content as a file beside the bundle: as text in the plan it would drown what a reviewer looks for."""
    path = BUILT / name
    if not path.exists():
        BUILT.mkdir(exist_ok=True)
        path.write_bytes(content)
    return pulumi.FileAsset(str(path.relative_to(ROOT)))


def wheels(needed: bool) -> pulumi.Asset:
    """The bundle, or a stand-in where a plan is made without it; the engine refuses a deployment without the file."""
    if BUNDLE.exists():
        return pulumi.FileAsset(str(BUNDLE.relative_to(ROOT)))
    return pulumi.StringAsset("run make wheels" if needed else "nothing is installed on an emulator")


@dataclass(frozen=True)
class ContractUrls:
    """Where the run finds its contracts."""

    input: pulumi.Output[str]
    output: pulumi.Output[str]


class Code(pulumi.ComponentResource):
    """Script, package, wheels and contracts in the assets bucket; hands out `s3://` URLs."""

    script: pulumi.Output[str]
    package: pulumi.Output[str]
    wheels: pulumi.Output[str]
    contracts: dict[str, ContractUrls]

    def __init__(
        self, name: str, bucket: pulumi.Output[str], datasets: tuple[Dataset, ...], needs_wheels: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:  # fmt: skip
        super().__init__("sluice:lake:Code", name, None, opts)
        self.name, self.assets = name, bucket
        # a run in progress and a rollback find their code: the old object stays when the key changes
        self.kept = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        self.script = self.text("script", "code/job-{}.py", (ROOT / "etl" / "__main__.py").read_text(encoding="utf-8"))
        packed = package()
        mark = fingerprint(packed)
        self.package = self.file("package", f"code/etl-{mark}.zip", as_file(packed, f"etl-{mark}.zip"))
        locked = fingerprint(LOCK.read_bytes() if LOCK.exists() else b"")
        self.wheels = self.file("wheels", f"code/wheels-{locked}.gluewheels.zip", wheels(needs_wheels))
        self.contracts = {
            d.name: ContractUrls(
                self.text(f"{d.name}-input", f"contracts/{d.name}/input-{{}}.json", d.terms.input),
                self.text(f"{d.name}-output", f"contracts/{d.name}/output-{{}}.json", d.terms.output),
            )
            for d in datasets
        }  # fmt: skip
        self.register_outputs({"script": self.script, "package": self.package, "wheels": self.wheels})

    def text(self, what: str, key: str, content: str) -> pulumi.Output[str]:
        """As text, so that a preview shows what changed in it."""
        made = aws.s3.BucketObjectv2(
            f"{self.name}-{what}", bucket=self.assets, key=key.format(fingerprint(content.encode())), content=content,
            content_type="application/json" if key.endswith("json") else "text/x-python", opts=self.kept,
        )  # fmt: skip
        return pulumi.Output.concat("s3://", made.bucket, "/", made.key)

    def file(self, what: str, key: str, source: pulumi.Asset) -> pulumi.Output[str]:
        made = aws.s3.BucketObjectv2(
            f"{self.name}-{what}", bucket=self.assets, key=key, source=source, content_type="application/zip",
            opts=self.kept,
        )  # fmt: skip
        return pulumi.Output.concat("s3://", made.bucket, "/", made.key)
