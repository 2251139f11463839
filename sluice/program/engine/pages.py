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

from components.settings.project_name import option_key
from sluice.program.engine.life import Step
from sluice.program.engine.project import Project, StepFailed
from sluice.program.engine.steps import (
    EMAIL,
    Change,
    check_settled,
    preview_changes,
    raise_if_any,
    read_stack_file,
    update_with_config,
)
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
    "sluice": 'exec python -m sluice "$@"',
    "make": """[ "$1" = destroy ] || python -m sluice.program.deployed_stack "${2#STACK=}" || exit 1
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


def page_steps(project: Project) -> Iterator[Step]:
    """Yield the steps by the pages' names, in the order in which a stack lives through them."""
    install_programs(project)
    yield "docs/new-stack.md", lambda: make_new_stack(project)
    yield "docs/adding-a-dataset.md", lambda: add_new_dataset(project)
    yield "docs/taking-down.md, the data kept", lambda: take_down_but_data(project)
    yield "docs/taking-down.md, nothing kept", lambda: take_down_all(project)


def code_blocks(project: Project, page: str, language: str = "sh") -> list[str]:
    """Return the marked blocks of a page of the copy."""
    text = (project.tree / "docs" / page).read_text(encoding="utf-8").replace("STACK=prod", f"STACK={STACK}")
    return re.findall(rf"^```{language}(?: \w+)?\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def code_block(project: Project, page: str, phrase: str, language: str = "sh") -> str:
    """Return the first block of a page that has these words; raises StepFailed where none has."""
    for text in code_blocks(project, page, language):
        if phrase in text:
            return text
    raise StepFailed(f"docs/{page} has no block with {phrase!r}")


def install_programs(project: Project) -> None:
    """Write the programs that a page's commands call into a folder of the project."""
    folder = project.home / "bin"
    folder.mkdir()
    for name, script in PROGRAMS.items():
        text = script % shutil.which("pulumi") if name == "pulumi" else script
        (folder / name).write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
        (folder / name).chmod(0o755)


def run_page_commands(project: Project, *commands: str, fails: bool = False) -> None:
    """Run commands after the variables that every page begins with.

    Raises:
        StepFailed: one failed, or none where it `fails`.
    """
    variables = code_block(project, "deploying.md", "export PARTITION")
    places = [str(project.home / "bin"), str(Path(sys.executable).parent), project.environment["PATH"]]
    script = "\n".join(["set -e", f"export PATH={os.pathsep.join(places)}", variables, *commands])
    code, out, err = project.run(["/bin/bash", "-c", script])
    if (code != 0) is not fails:
        raise StepFailed(f"the page's commands ended with {code}:\n{''.join(commands)}\n{(out + err)[-4000:]}")


def make_new_stack(project: Project) -> None:
    """Make the stack: its file, its state, its boundary, and an update that creates everything."""
    state = code_block(project, "deploying.md", "pulumi stack init")
    boundary = code_block(project, "deploying.md", "aws iam create-policy ")
    run_page_commands(project, code_block(project, "new-stack.md", "cat >Pulumi"), state, boundary)
    changes = preview_changes(project, STACK)
    raise_if_any([f"not created: {change}" for change in changes if change.operation != "create"])
    raise_if_any([] if changes else ["the first preview of the new stack creates nothing"])
    run_page_commands(project, code_block(project, "new-stack.md", "make up"))
    check_settled(project, STACK)


def add_new_dataset(project: Project) -> None:
    """Add the dataset from a sample: what is created is its own, and nothing is replaced or deleted."""
    page = "adding-a-dataset.md"
    (project.tree / f"{DATASET}.csv").write_text(SAMPLE, encoding="utf-8")
    run_page_commands(project, code_block(project, page, "sluice profile"))
    complete_drafts(project.tree / "expectations" / DATASET)
    module = project.tree / "etl" / "datasets" / f"{DATASET}.py"
    module.write_text(code_block(project, page, "def transform", "python"), encoding="utf-8")
    add_dataset_entry(project.tree / f"Pulumi.{STACK}.yaml", code_block(project, page, DATASET, "yaml"))
    surprising = [change for change in preview_changes(project, STACK) if not is_expected(change)]
    raise_if_any([f"not the dataset's own: {change}" for change in surprising])
    deploying = [line for line in code_block(project, page, "make up").splitlines() if line.startswith("make")]
    run_page_commands(project, *deploying)
    check_settled(project, STACK)
    raise_if_any(
        []
        if DATASET in read_stack_file(project, STACK)[option_key("datasets")]
        else ["the stack's file lacks the dataset"]
    )


def complete_drafts(suites: Path) -> None:
    """Write what a person has to: each `?` of a draft, and that it is none any more."""
    for file in suites.glob("*.json"):
        text = file.read_text(encoding="utf-8").replace('    "draft": true,\n', "")
        file.write_text(text.replace('"?"', '"as the shops send it"'), encoding="utf-8")


def add_dataset_entry(file: Path, entry: str) -> None:
    """Put a dataset's entry below the option `datasets` of a stack's file, as somebody does in an editor."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    position = next(number for number, line in enumerate(lines) if line.strip() == f"{option_key('datasets')}:")
    file.write_text("".join([*lines[: position + 1], entry, *lines[position + 1 :]]), encoding="utf-8")


def is_expected(change: Change) -> bool:
    """Whether a preview may show it where a dataset was added; the package of code has its transform, and so another name."""
    is_own_resource = change.operation == "create" and DATASET in change.name
    return is_own_resource or change.operation == "update" or change.name == "code-package"


def take_down_but_data(project: Project) -> None:
    """Bring a protected stack to rest and take all of it down but its data; a later update puts the rest around it again."""
    update_with_config(
        project, STACK, {option_key("protect"): "true", option_key("alarm_email"): EMAIL}, {"create", "update"}
    )
    run_page_commands(project, code_block(project, "taking-down.md", "set active false"))
    run_page_commands(project, code_block(project, "taking-down.md", "--exclude-protected"))
    remaining = [resource for resource in project.state(STACK) if resource.get("custom")]
    raise_if_any([f"left, and not protected: {resource['urn']}" for resource in remaining if not is_kept(resource)])
    raise_if_any([] if sum(map(is_kept, remaining)) > 1 else ["the data is gone"])
    run_page_commands(project, "make up STACK=$STACK")
    check_settled(project, STACK)


def is_kept(resource: dict[str, object]) -> bool:
    """Return whether `pulumi destroy --exclude-protected` leaves a resource."""
    return bool(resource.get("protect")) or "pulumi:providers:" in str(resource["type"])


def take_down_all(project: Project) -> None:
    """Take a protected stack down in the page's two steps, and forget it."""
    page = "taking-down.md"
    destroy = code_block(project, page, "make destroy")
    run_page_commands(project, destroy, fails=True)
    run_page_commands(project, code_block(project, page, "set protect false"), destroy)
    raise_if_any([f"still there: {resource['urn']}" for resource in project.state(STACK) if resource.get("custom")])
    run_page_commands(
        project, next(line for line in code_block(project, page, "stack rm").splitlines() if "stack rm" in line)
    )
    raise_if_any([f"Pulumi.{STACK}.yaml is still there"] if (project.tree / f"Pulumi.{STACK}.yaml").exists() else [])
