"""The pages on a new stack, a new dataset and taking a stack down, followed by the CLI that is on the PATH.

Their commands run in bash, in the order of the page, in a copy of the program. `pulumi` is the CLI, with a state on this
machine and a passphrase in place of S3 and KMS; `make` runs what the Makefile runs; `aws` answers who is asking, and
nothing else. What the pages do to S3, KMS and IAM is tried in the emulator (`tests/sandbox/test_stack_pages.py`).
"""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from sluice.program.engine.life import Step
from sluice.program.engine.project import Project, StepFailed
from sluice.program.engine.steps import EMAIL, Change, none, preview, settled, stack_file, up_with
from sluice.program.graph import ACCOUNT

STACK, DATASET = "test", "stores"
SAMPLE = """store_id,city,region,opened,square_metres
S001,Lyon,EU-WEST,2019-03-01,420
S002,Porto,EU-WEST,2020-06-15,310
S003,Austin,US-EAST,2021-09-30,655
S004,Osaka,AP-SOUTH,2023-02-10,280
"""
"""Somebody's file of the dataset."""
PROGRAMS = {
    "aws": f"""case "$*" in
  *"--query Account"*) echo {ACCOUNT} ;;
  *"--query Arn"*) echo arn:aws:sts::{ACCOUNT}:assumed-role/admin/me ;;
esac""",
    "git": "",
    "make": """[ "$1" = destroy ] || python -m sandbox.deployed "${2#STACK=}" || exit 1
exec pulumi "$1" --stack "${2#STACK=}" """,
    "pulumi": """[ "$1" = login ] && exit 0
[ "$1" = up ] || [ "$1" = destroy ] && agreed=--yes
while [ $# -gt 0 ]; do
  if [ "$1" = --secrets-provider ]; then shift; else words+=("$1"); fi
  shift
done
exec %s "${words[@]}" $agreed --non-interactive --color=never""",
}
"""What stands on the PATH before everything else, in bash."""


def pages(project: Project) -> Iterator[Step]:
    """Yield the steps by the pages' names, in the order in which a stack lives through them."""
    install(project)
    yield "docs/new-stack.md", lambda: new_stack(project)
    yield "docs/adding-a-dataset.md", lambda: new_dataset(project)
    yield "docs/taking-down.md, the data kept", lambda: data_kept(project)
    yield "docs/taking-down.md, nothing kept", lambda: nothing_kept(project)


def blocks(project: Project, page: str, mark: str = "sh") -> list[str]:
    """Return the marked blocks of a page of the copy."""
    text = (project.tree / "docs" / page).read_text(encoding="utf-8").replace("STACK=prod", f"STACK={STACK}")
    return re.findall(rf"^```{mark}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def block(project: Project, page: str, words: str, mark: str = "sh") -> str:
    """Return the first block of a page that has these words; raises StepFailed where none has."""
    for text in blocks(project, page, mark):
        if words in text:
            return text
    raise StepFailed(f"docs/{page} has no block with {words!r}")


def install(project: Project) -> None:
    folder = project.home / "bin"
    folder.mkdir()
    for name, script in PROGRAMS.items():
        text = script % shutil.which("pulumi") if name == "pulumi" else script
        (folder / name).write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
        (folder / name).chmod(0o755)


def follow(project: Project, *commands: str, fails: bool = False) -> None:
    """Run commands after the variables that every page begins with.

    Raises:
        StepFailed: one failed, or none where it `fails`.
    """
    variables = block(project, "deploying.md", "export PARTITION")
    places = [str(project.home / "bin"), str(Path(sys.executable).parent), project.environment["PATH"]]
    script = "\n".join(["set -e", f"export PATH={os.pathsep.join(places)}", variables, *commands])
    code, out, err = project.run(["/bin/bash", "-c", script])
    if (code != 0) is not fails:
        raise StepFailed(f"the page's commands ended with {code}:\n{''.join(commands)}\n{(out + err)[-4000:]}")


def new_stack(project: Project) -> None:
    """Make the stack: its file, its state, its boundary, and an update that creates everything."""
    state = block(project, "deploying.md", "pulumi stack init")
    boundary = block(project, "deploying.md", "aws iam create-policy ")
    follow(project, block(project, "new-stack.md", "cat >Pulumi"), state, boundary)
    changes = preview(project, STACK)
    none([f"not created: {change}" for change in changes if change.operation != "create"])
    none([] if changes else ["the first preview of the new stack creates nothing"])
    follow(project, block(project, "new-stack.md", "make up"))
    settled(project, STACK)


def new_dataset(project: Project) -> None:
    """Add the dataset from a sample: what is created is its own, and nothing is replaced or deleted."""
    page = "adding-a-dataset.md"
    (project.tree / f"{DATASET}.csv").write_text(SAMPLE, encoding="utf-8")
    follow(project, block(project, page, "review profile"))
    complete(project.tree / "expectations" / DATASET)
    module = project.tree / "etl" / "datasets" / f"{DATASET}.py"
    module.write_text(block(project, page, "def transform", "python"), encoding="utf-8")
    enter(project.tree / f"Pulumi.{STACK}.yaml", block(project, page, DATASET, "yaml"))
    surprising = [change for change in preview(project, STACK) if not expected(change)]
    none([f"not the dataset's own: {change}" for change in surprising])
    deploying = [line for line in block(project, page, "make up").splitlines() if line.startswith("make")]
    follow(project, *deploying)
    settled(project, STACK)
    none([] if DATASET in stack_file(project, STACK)["sluice:datasets"] else ["the stack's file lacks the dataset"])


def complete(suites: Path) -> None:
    """Write what a person has to: each `?` of a draft, and that it is none any more."""
    for file in suites.glob("*.json"):
        text = file.read_text(encoding="utf-8").replace('    "draft": true,\n', "")
        file.write_text(text.replace('"?"', '"as the shops send it"'), encoding="utf-8")


def enter(file: Path, entry: str) -> None:
    """Put a dataset's entry below `sluice:datasets` of a stack's file, as somebody does in an editor."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if line.strip() == "sluice:datasets:")
    file.write_text("".join([*lines[: place + 1], entry, *lines[place + 1 :]]), encoding="utf-8")


def expected(change: Change) -> bool:
    """Whether a preview may show it where a dataset was added; the package of code has its transform, and so another name."""
    own = change.operation == "create" and DATASET in change.name
    return own or change.operation == "update" or change.name == "code-package"


def data_kept(project: Project) -> None:
    """Bring a protected stack to rest and take all of it down but its data; a later update puts the rest around it again."""
    up_with(project, STACK, {"sluice:protect": "true", "sluice:alarm_email": EMAIL}, {"create", "update"})
    follow(project, block(project, "taking-down.md", "sluice:active false"))
    follow(project, block(project, "taking-down.md", "--exclude-protected"))
    left = [resource for resource in project.state(STACK) if resource.get("custom")]
    none([f"left, and not protected: {resource['urn']}" for resource in left if not kept(resource)])
    none([] if sum(map(kept, left)) > 1 else ["the data is gone"])
    follow(project, "make up STACK=$STACK")
    settled(project, STACK)


def kept(resource: dict[str, object]) -> bool:
    return bool(resource.get("protect")) or "pulumi:providers:" in str(resource["type"])


def nothing_kept(project: Project) -> None:
    """Take a protected stack down in the page's two steps, and forget it."""
    page = "taking-down.md"
    destroy = block(project, page, "make destroy")
    follow(project, destroy, fails=True)
    follow(project, block(project, page, "sluice:protect false"), destroy)
    none([f"still there: {resource['urn']}" for resource in project.state(STACK) if resource.get("custom")])
    follow(project, next(line for line in block(project, page, "stack rm").splitlines() if "stack rm" in line))
    none([f"Pulumi.{STACK}.yaml is still there"] if (project.tree / f"Pulumi.{STACK}.yaml").exists() else [])
