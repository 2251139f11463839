"""What a stack goes through in its life, and what each step has to leave behind."""

import json
from collections.abc import Callable, Iterator

from sluice.program.engine import refused, steps
from sluice.program.engine.project import Project
from sluice.program.engine.steps import OBJECT, Change, none, settled, stack_file, up, up_with, write
from sluice.program.policies.keeping import GUARDS

Step = tuple[str, Callable[[], object]]
CHANGED, REMOVED = "customers", "sales_daily"
"""The dataset whose contract changes, and the one that is taken out."""
OPTIONS = {
    "sluice:start": "arrival",
    "sluice:redshift": "true",
    "sluice:redshift_subnets": "subnet-1,subnet-2,subnet-3",
    "sluice:redshift_security_groups": "sg-1",
}
"""Every option that adds resources; the warehouse has a secret among its inputs."""


def life(project: Project, stack: str) -> Iterator[Step]:
    """Yield each step by its name, in order."""
    yield "init and config set", lambda: steps.begin(project, stack)
    yield "refused before the first up", lambda: refused.at_first(project, stack)
    yield "first up", lambda: up(project, stack, lambda change: change.operation == "create")
    yield "another prefix or region refused", lambda: refused.moved(project, stack)
    yield "refresh", lambda: refreshed(project, stack)
    yield "a contract changed, one job first", lambda: contract_changed(project, stack, CHANGED)
    yield "config set --path", lambda: entry_set(project, stack, CHANGED)
    yield "datasets in another order", lambda: order_turned(project, stack)
    yield "a dataset out and in", lambda: dataset_out_and_in(project, stack, REMOVED)
    if stack == "dev":
        yield "every option on and off", lambda: options_on_and_off(project, stack)
    yield "taken down", lambda: taken_down(project, stack)


def refreshed(project: Project, stack: str) -> None:
    """See that a refresh changes nothing, and that what was deleted beyond the engine comes back."""
    project.pulumi("refresh", "--yes", "--expect-no-changes", "--stack", stack)
    cloud = json.loads(project.cloud.read_text(encoding="utf-8"))
    [gone] = [key for key in cloud if key.startswith("aws:cloudwatch/dashboard:Dashboard ")]
    project.cloud.write_text(json.dumps({key: cloud[key] for key in cloud if key != gone}), encoding="utf-8")
    project.pulumi("refresh", "--yes", "--stack", stack)
    name = gone.rpartition(" ")[2].removesuffix("-id")
    back = up(project, stack, lambda change: change.operation == "create" and change.name == name)
    none([] if back else [f"{name} was deleted by others, and is not made again"])


def contract_changed(project: Project, stack: str, dataset: str) -> None:
    """Raise the version of a contract, as a pull request does: objects come and go, nothing else is replaced.

    An update of its job alone comes first: what the job says of itself has to stay true.
    """
    file = project.tree / "expectations" / dataset / "output.json"
    suite = json.loads(file.read_text(encoding="utf-8"))
    major, minor, patch = suite["meta"]["version"].split(".")
    suite["meta"]["version"] = version = f"{major}.{minor}.{int(patch) + 1}"
    file.write_text(json.dumps(suite, indent=2), encoding="utf-8")
    target = next(node["urn"] for node in project.state(stack) if node["urn"].endswith(f"::{dataset}-job-job"))
    project.pulumi("up", "--yes", "--skip-preview", "--target", target, "--stack", stack)
    none(lies(project, stack, target, version))
    up(project, stack, lambda change: change.operation == "update" or change.type == OBJECT)


def lies(project: Project, stack: str, job: str, version: str) -> list[str]:
    """Return what a job that was updated alone says wrongly: a version that it does not run, an object that is not there."""
    state = {resource["urn"]: resource.get("inputs", {}) for resource in project.state(stack)}
    inputs = state[job]
    there = {f"s3://{each['bucket']}/{each['key']}" for each in state.values() if {"bucket", "key"} <= each.keys()}
    named = {key: inputs["defaultArguments"][f"--{key}"] for key in ("input-contract", "output-contract")}
    return [
        *(f"its {key} {url} is not there" for key, url in named.items() if url not in there),
        *([f"it says {version}, and runs {named['output-contract']}"] if version in json.dumps(inputs) else []),
    ]


def entry_set(project: Project, stack: str, dataset: str) -> None:
    """Change one value of a dataset's entry by the CLI, which writes numbers as texts: only that dataset changes."""
    project.pulumi("config", "set", "--path", f"sluice:datasets.{dataset}.workers", "3", "--stack", stack)
    changes = up(project, stack, lambda change: change.operation == "update" and change.name.startswith(f"{dataset}-"))
    none([] if changes else [f"{dataset} has not got 3 workers"])


def dataset_out_and_in(project: Project, stack: str, dataset: str) -> None:
    """Take a dataset out and add it again, at another place: what is another's is not touched."""
    before = dict(stack_file(project, stack)["sluice:datasets"])
    rest = {name: entry for name, entry in before.items() if name != dataset}
    taken_out = up_with(project, stack, {"sluice:datasets": rest}, {"delete", "update"})
    added = up_with(project, stack, {"sluice:datasets": {dataset: before[dataset], **rest}}, {"create", "update"})
    touched = [change for change in (*taken_out, *added) if change.operation in ("create", "delete")]
    none([f"another dataset's: {change}" for change in touched if others(change, rest)])


def others(change: Change, datasets: dict[str, object]) -> bool:
    return bool(set(change.name.split("-")) & datasets.keys())


def order_turned(project: Project, stack: str) -> None:
    """Turn the order of the datasets round: nothing changes."""
    datasets = stack_file(project, stack)["sluice:datasets"]
    write(project, stack, {"sluice:datasets": dict(reversed(datasets.items()))})
    settled(project, stack)


def options_on_and_off(project: Project, stack: str) -> None:
    """Switch on every option that adds resources, then off; the state as it lies on the disk shows no secret."""
    before = stack_file(project, stack)
    up_with(project, stack, OPTIONS, {"create", "update", "delete"})
    kept = json.loads(project.pulumi("stack", "export", "--stack", stack))["deployment"]["resources"]
    named = [node["inputs"]["adminUsername"] for node in kept if "adminUsername" in node.get("inputs", {})]
    none([] if named and all("ciphertext" in value for value in named) else ["the administrator's name is in plain"])
    off = {"sluice:start": before.get("sluice:start", "schedule"), "sluice:redshift": "false"}
    up_with(project, stack, off, {"create", "update", "delete"})


def taken_down(project: Project, stack: str) -> None:
    """Destroy the stack; a protected one refuses until its protection is taken off, which is a step of its own."""
    if stack_file(project, stack).get("sluice:protect") in (True, "true"):
        before = {resource["urn"] for resource in project.state(stack)}
        project.pulumi("destroy", "--yes", "--skip-preview", "--stack", stack, fails=True)
        lost = sorted(before - {resource["urn"] for resource in project.state(stack)})
        none([f"gone although the stack is protected: {urn}" for urn in lost if guards_data(urn)])
        up_with(project, stack, {"sluice:protect": "false"}, {"update", "create"})
    project.pulumi("destroy", "--yes", "--skip-preview", "--stack", stack)
    none([f"still there: {resource['urn']}" for resource in project.state(stack)])


KEPT = ("Bucket", "Key", *GUARDS)


def guards_data(urn: str) -> bool:
    """Whether the resource holds data, or protects it."""
    return Change("", urn).type.rpartition(":")[2] in KEPT
