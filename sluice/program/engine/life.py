"""What a stack goes through in its life, and what each step has to leave behind."""

import json
from collections.abc import Callable, Iterator

from components.settings.contracts import load_contract
from components.settings.project_name import option_key
from sluice.program.engine import refused, steps
from sluice.program.engine.project import Project
from sluice.program.engine.steps import (
    OBJECT,
    Change,
    check_settled,
    raise_if_any,
    read_stack_file,
    update_stack,
    update_with_config,
    write_config,
)
from sluice.program.policies.keeping import GUARDS

Step = tuple[str, Callable[[], object]]
OPTIONS = {
    option_key("start"): "arrival",
    option_key("redshift"): "true",
    option_key("redshift_subnets"): "subnet-1,subnet-2,subnet-3",
    option_key("redshift_security_groups"): "sg-1",
}
"""Every option that adds resources; the warehouse has a secret among its inputs."""


def life_steps(project: Project, stack: str) -> Iterator[Step]:
    """Yield each step by its name, in order."""
    yield "init and config set", lambda: steps.init_stack(project, stack)
    yield "refused before the first up", lambda: refused.check_first_update_refused(project, stack)
    yield "first up", lambda: update_stack(project, stack, lambda change: change.operation == "create")
    yield "another prefix or region refused", lambda: refused.check_move_refused(project, stack)
    yield "refresh", lambda: check_refresh(project, stack)
    yield (
        "a contract changed, one job first",
        lambda: change_contract(project, stack, independent_dataset(project, stack)),
    )
    yield "config set --path", lambda: set_entry(project, stack, independent_dataset(project, stack))
    yield "datasets in another order", lambda: reverse_order(project, stack)
    yield "a dataset out and in", lambda: remove_and_add_dataset(project, stack, unneeded_dataset(project, stack))
    if stack == "dev":
        yield "every option on and off", lambda: switch_options(project, stack)
    yield "taken down", lambda: take_down(project, stack)


def dataset_needs(project: Project, stack: str) -> dict[str, set[str]]:
    """Return what each dataset of a stack needs before it, by name."""
    entries = read_stack_file(project, stack)[option_key("datasets")]
    return {
        name: {*entry.get("needs", ()), *load_contract(name, project.tree).sources} for name, entry in entries.items()
    }


def independent_dataset(project: Project, stack: str) -> str:
    """Return the dataset whose contract changes: the first by name that needs no other."""
    needs = dataset_needs(project, stack)
    return min(name for name in needs if not needs[name])


def unneeded_dataset(project: Project, stack: str) -> str | None:
    """Return the dataset that is taken out: the last by name that no other needs, None in a stack of one."""
    needs = dataset_needs(project, stack)
    return max(needs.keys() - set().union(*needs.values())) if len(needs) > 1 else None


def check_refresh(project: Project, stack: str) -> None:
    """See that a refresh changes nothing, and that what was deleted beyond the engine comes back."""
    project.pulumi("refresh", "--yes", "--expect-no-changes", "--stack", stack)
    cloud = json.loads(project.cloud.read_text(encoding="utf-8"))
    [deleted] = [key for key in cloud if key.startswith("aws:cloudwatch/dashboard:Dashboard ")]
    project.cloud.write_text(json.dumps({key: cloud[key] for key in cloud if key != deleted}), encoding="utf-8")
    project.pulumi("refresh", "--yes", "--stack", stack)
    name = deleted.rpartition(" ")[2].removesuffix("-id")
    changes = update_stack(project, stack, lambda change: change.operation == "create" and change.name == name)
    raise_if_any([] if changes else [f"{name} was deleted by others, and is not made again"])


def change_contract(project: Project, stack: str, dataset: str) -> None:
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
    raise_if_any(job_faults(project, stack, target, version))
    update_stack(project, stack, lambda change: change.operation == "update" or change.type == OBJECT)


def job_faults(project: Project, stack: str, job: str, version: str) -> list[str]:
    """Return what a job that was updated alone says wrongly: a version that it does not run, an object that is not there."""
    state = {resource["urn"]: resource.get("inputs", {}) for resource in project.state(stack)}
    inputs = state[job]
    object_urls = {
        f"s3://{resource_inputs['bucket']}/{resource_inputs['key']}"
        for resource_inputs in state.values()
        if {"bucket", "key"} <= resource_inputs.keys()
    }
    contract_urls = {key: inputs["defaultArguments"][f"--{key}"] for key in ("input-contract", "output-contract")}
    return [
        *(f"its {key} {url} is not there" for key, url in contract_urls.items() if url not in object_urls),
        *([f"it says {version}, and runs {contract_urls['output-contract']}"] if version in json.dumps(inputs) else []),
    ]


def set_entry(project: Project, stack: str, dataset: str) -> None:
    """Change one value of a dataset's entry by the CLI, which writes numbers as texts: only that dataset changes."""
    project.pulumi("config", "set", "--path", option_key(f"datasets.{dataset}.workers"), "3", "--stack", stack)
    changes = update_stack(
        project, stack, lambda change: change.operation == "update" and change.name.startswith(f"{dataset}-")
    )
    raise_if_any([] if changes else [f"{dataset} has not got 3 workers"])


def remove_and_add_dataset(project: Project, stack: str, dataset: str | None) -> None:
    """Take a dataset out and add it again, at another place: what is another's is not touched; nothing where it is None."""
    if dataset is None:
        return
    before = dict(read_stack_file(project, stack)[option_key("datasets")])
    other_entries = {name: entry for name, entry in before.items() if name != dataset}
    taken_out = update_with_config(project, stack, {option_key("datasets"): other_entries}, {"delete", "update"})
    added = update_with_config(
        project, stack, {option_key("datasets"): {dataset: before[dataset], **other_entries}}, {"create", "update"}
    )
    touched = [change for change in (*taken_out, *added) if change.operation in ("create", "delete")]
    raise_if_any([f"another dataset's: {change}" for change in touched if is_of_others(change, other_entries)])


def is_of_others(change: Change, datasets: dict[str, object]) -> bool:
    """Return whether a change is of another dataset's resource, by a part of its logical name."""
    return bool(set(change.name.split("-")) & datasets.keys())


def reverse_order(project: Project, stack: str) -> None:
    """Turn the order of the datasets round: nothing changes."""
    datasets = read_stack_file(project, stack)[option_key("datasets")]
    write_config(project, stack, {option_key("datasets"): dict(reversed(datasets.items()))})
    check_settled(project, stack)


def switch_options(project: Project, stack: str) -> None:
    """Switch on every option that adds resources, then off; the state as it lies on the disk shows no secret."""
    before = read_stack_file(project, stack)
    update_with_config(project, stack, OPTIONS, {"create", "update", "delete"})
    resources = json.loads(project.pulumi("stack", "export", "--stack", stack))["deployment"]["resources"]
    admin_names = [node["inputs"]["adminUsername"] for node in resources if "adminUsername" in node.get("inputs", {})]
    raise_if_any(
        []
        if admin_names and all("ciphertext" in value for value in admin_names)
        else ["the administrator's name is in plain"]
    )
    restored = {option_key("start"): before.get(option_key("start"), "schedule"), option_key("redshift"): "false"}
    update_with_config(project, stack, restored, {"create", "update", "delete"})


def take_down(project: Project, stack: str) -> None:
    """Destroy the stack; a protected one refuses until its protection is taken off, which is a step of its own."""
    if read_stack_file(project, stack).get(option_key("protect")) in (True, "true"):
        before = {resource["urn"] for resource in project.state(stack)}
        project.pulumi("destroy", "--yes", "--skip-preview", "--stack", stack, fails=True)
        lost = sorted(before - {resource["urn"] for resource in project.state(stack)})
        raise_if_any([f"gone although the stack is protected: {urn}" for urn in lost if guards_data(urn)])
        update_with_config(project, stack, {option_key("protect"): "false"}, {"update", "create"})
    project.pulumi("destroy", "--yes", "--skip-preview", "--stack", stack)
    raise_if_any([f"still there: {resource['urn']}" for resource in project.state(stack)])


DATA_TYPES = ("Bucket", "Key", *GUARDS)


def guards_data(urn: str) -> bool:
    """Whether the resource holds data, or protects it."""
    return Change("", urn).type.rpartition(":")[2] in DATA_TYPES
