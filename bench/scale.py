"""How the program grows with its datasets: `make bench-scale` declares lakes of many, and holds them against AWS's limits.

A lake's own datasets are repeated under numbered names, each group with its references. Nothing is deployed: the
program runs as `sluice plan` runs it. Sizes are of what it would hand to AWS.
"""

import json
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from bench.page import SCALE_PAGE, markdown_table, replace_between
from components.settings.lake_folder import lake_folder, use_lake
from sluice.console import print_lines
from sluice.program.graph import Graph, run_program

NUMBERS = (4, 20, 100, 300, 1_000)
BEGIN, END = "<!-- measured by make bench-scale -->", "<!-- end of what was measured -->"
STACK = "prod"


@dataclass(frozen=True)
class Limit:
    """A limit of a service.

    Attributes:
        what: what is limited, in words.
        most: the limit where nobody asked for another.
        page: where AWS says it.
        measure: returns what a stack has of it.
    """

    what: str
    most: int
    page: str
    measure: Callable[[Graph], int]


def count_of(kind: str) -> Callable[[Graph], int]:
    """Return what counts the resources of a type."""
    return lambda graph: sum(node.type == kind for node in graph.nodes.values())


def machine_bytes(graph: Graph) -> int:
    """Return the bytes of the largest definition of a state machine."""
    nodes = graph.nodes_of_type("aws:sfn/stateMachine:StateMachine")
    return max(len(node.inputs["definition"].encode()) for node in nodes)


def role_policy_characters(graph: Graph) -> int:
    """Return the characters of the longest inline policies of a role; IAM counts no white space."""
    lengths = Counter[str]()
    for node in graph.nodes_of_type("aws:iam/rolePolicy:RolePolicy"):
        lengths[node.inputs["role"]] += len(re.sub(r"\s", "", node.inputs["policy"]))
    return max(lengths.values())


def dashboard_widgets(graph: Graph) -> int:
    """Return the widgets of the dashboard."""
    bodies = [node.inputs["dashboardBody"] for node in graph.nodes.values() if "dashboardBody" in node.inputs]
    return max(len(json.loads(body)["widgets"]) for body in bodies)


def lifecycle_rules(graph: Graph) -> int:
    """Return the rules of the longest lifecycle of a bucket."""
    nodes = graph.nodes_of_type("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")
    return max(len(node.inputs["rules"]) for node in nodes)


def execution_events(graph: Graph) -> int:
    """Return about how many events the history of one flow of all datasets has: a state is entered and left."""
    return EVENTS_PER_DATASET * count_of("sluice:lake:Job")(graph) + EVENTS_PER_FLOW


EVENTS_PER_DATASET, EVENTS_PER_FLOW = 36, 40
"""Of a run that ends badly and is told: 12 states, four calls; and of the flow around."""

LIMITS = (
    Limit("rules of an event bus", 300, "Amazon EventBridge quotas", count_of("aws:cloudwatch/eventRule:EventRule")),
    Limit("IAM roles of an account", 1_000, "IAM and AWS STS quotas", count_of("aws:iam/role:Role")),
    Limit("characters of a role's inline policies", 10_240, "IAM and AWS STS quotas", role_policy_characters),
    Limit("bytes of a state machine", 1_048_576, "AWS Step Functions, Quotas", machine_bytes),
    Limit("events of an execution", 25_000, "AWS Step Functions, Quotas", execution_events),
    Limit("jobs of Glue", 1_000, "AWS Glue endpoints and quotas", count_of("aws:glue/job:Job")),
    Limit("triggers of Glue", 1_000, "AWS Glue endpoints and quotas", count_of("aws:glue/trigger:Trigger")),
    Limit("crawlers of Glue", 1_000, "AWS Glue endpoints and quotas", count_of("aws:glue/crawler:Crawler")),
    Limit(
        "alarms of a region",
        5_000,
        "Amazon CloudWatch, Service quotas",
        count_of("aws:cloudwatch/metricAlarm:MetricAlarm"),
    ),
    Limit("widgets of a dashboard", 500, "Amazon CloudWatch, Service quotas", dashboard_widgets),
    Limit("lifecycle rules of a bucket", 1_000, "Amazon S3, Lifecycle configuration", lifecycle_rules),
)


@dataclass(frozen=True)
class Measurement:
    """A lake of so many datasets: seconds of processor that the program took, resources, and each limit's figure."""

    datasets: int
    seconds: float
    resources: int
    figures: Mapping[str, int]


def measure(datasets: int, folder: Path) -> Measurement:
    """Declare a lake of `datasets`, written below an empty folder."""
    write_lake(lake_folder(), folder, datasets)
    with use_lake(folder):
        begun = time.process_time()
        graph = run_program(STACK, folder=folder)
        seconds = time.process_time() - begun
    figures = {limit.what: limit.measure(graph) for limit in LIMITS}
    return Measurement(datasets, seconds, len(graph.nodes), figures)


def write_lake(source: Path, folder: Path, datasets: int) -> None:
    """Write a lake whose datasets are those of another, again and again under numbered names."""
    options = yaml.safe_load((source / f"Pulumi.{STACK}.yaml").read_text(encoding="utf-8"))
    key = next(name for name in options["config"] if name.endswith(":datasets"))
    entries = options["config"][key]
    options["config"][key] = dict(numbered_entries(source, folder, entries, datasets))
    (folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump(options, sort_keys=False), encoding="utf-8")
    shutil.copy(source / "Pulumi.yaml", folder)


def numbered_entries(
    source: Path, folder: Path, entries: Mapping[str, object], datasets: int
) -> Iterator[tuple[str, object]]:
    """Write the suites and transforms of each numbered dataset; yield its entry in the stack's options."""
    written = 0
    for number in range(-(-datasets // len(entries))):
        for name, entry in entries.items():
            if written == datasets:
                return
            written += 1
            yield copy_dataset(source, folder, name, number, [*entries]), _renamed_value(entry, number, [*entries])


def copy_dataset(source: Path, folder: Path, name: str, number: int, names: list[str]) -> str:
    """Copy the files of a dataset under its numbered name, which is returned."""
    numbered = numbered_name(name, number)
    suites = folder / "expectations" / numbered
    for file in (source / "expectations" / name).rglob("*"):
        if file.is_file():
            # a saved query is called as its file, whatever dataset it is of
            target = suites / file.relative_to(source / "expectations" / name)
            target = target.with_stem(f"{target.stem}-{number}") if file.suffix == ".sql" else target
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_renamed_text(file.read_text(encoding="utf-8"), number, names), encoding="utf-8")
    transforms = folder / "etl" / "datasets"
    transforms.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "etl" / "datasets" / f"{name}.py", transforms / f"{numbered}.py")
    return numbered


def numbered_name(name: str, number: int) -> str:
    """Return a dataset's name in a group; it stays within the 20 characters of a name."""
    return f"{name[:16]}{number:03}"


def _renamed_text(text: str, number: int, names: list[str]) -> str:
    pattern = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.sub(rf"(?<![A-Za-z0-9_])({pattern})(?![A-Za-z0-9_])", lambda name: numbered_name(name[1], number), text)


def _renamed_value(value: object, number: int, names: list[str]) -> object:
    return json.loads(_renamed_text(json.dumps(value), number, names))


def render_table(measurements: list[Measurement]) -> str:
    """Return the figures as a table: a row for each limit, a column for each lake."""
    head = ["", *(f"{measured.datasets} datasets" for measured in measurements), "limit", "of"]
    rows = [
        ["seconds of processor for the program", *(f"{measured.seconds:.0f}" for measured in measurements), "", ""],
        ["resources", *(f"{measured.resources:,}" for measured in measurements), "", ""],
    ]
    for limit in LIMITS:
        figures = [measured.figures[limit.what] for measured in measurements]
        cells = [f"**{figure:,}**" if figure > limit.most else f"{figure:,}" for figure in figures]
        rows.append([limit.what, *cells, f"{limit.most:,}", limit.page])
    return markdown_table(head, rows)


def main(numbers: list[int]) -> int:
    """Measure lakes of so many datasets and write them into the page."""
    measurements = list[Measurement]()
    for number in numbers:
        with TemporaryDirectory() as folder:
            measurements.append(measure(number, Path(folder)))
        print_lines(f"{number} datasets: {measurements[-1].seconds:.0f} s, {measurements[-1].resources:,} resources")
    replace_between(SCALE_PAGE, BEGIN, END, render_table(measurements))
    return 0


if __name__ == "__main__":
    sys.exit(main([int(number) for number in sys.argv[1:]] or [*NUMBERS]))
