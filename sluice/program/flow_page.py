"""`python -m sandbox.flow_page [--check]`: the diagrams of docs/flow.md, drawn from the program's graph as Mermaid."""

import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from components.access.flow_policies import QUEUE as ARRIVALS
from components.access.flow_policies import UNDELIVERED
from components.settings.warehouse import GOLD
from sluice.console import Parser, ending
from sluice.program.flow_structure import tasks
from sluice.program.graph import ROOT, Graph, run
from sluice.program.stack_files import SAMPLES
from sluice.program.starts import RULE, SCHEDULE, TARGET, given, machine

PAGE = ROOT / "docs" / "flow.md"
STACK = "prod"
SHOWN = {"schedule": {}, "arrival": {"sluice:start": "arrival"}}
"""The page's diagrams, and the settings that each has over the sample's."""
JOB, OBJECT, QUEUE = "aws:glue/job:Job", "aws:s3/bucketObjectv2:BucketObjectv2", "aws:sqs/queue:Queue"
MACHINE, MAIL = "aws:sfn/stateMachine:StateMachine", "aws:sns/topicSubscription:TopicSubscription"
TOPIC = "aws:sns/topic:Topic"
ATHENA, REDSHIFT = "aws:athena/workgroup:Workgroup", "aws:redshiftserverless/workgroup:Workgroup"


def drawn(graph: Graph) -> list[str]:
    """Return the lines of a stack's diagram: what starts the flow, its stages, the tables, who asks these and who is told."""
    parts = (started, ran, tables, asked, told)
    return ["flowchart TD", *(f"  {line}" for part in parts for line in part(graph))]


def named(graph: Graph, kind: str) -> str:
    (found,) = graph.of(kind)
    return found.inputs["name"]


def queue(graph: Graph, called: str) -> str:
    (name,) = (node.inputs["name"] for node in graph.of(QUEUE) if node.inputs["name"].endswith(f"-{called}"))
    return name


def started(graph: Graph) -> Iterator[str]:
    yield 'files(["files"]) --> raw[("raw")]'
    for node in graph.of(SCHEDULE):
        word = "look" if "datasets" not in given(node) else "start"
        yield f'{key(node.inputs["name"])}{{{{"{node.inputs["scheduleExpression"]}"}}}} -- {word} --> flow'
    sent = {node.inputs["rule"] for node in graph.of(TARGET) if "input" in node.inputs}
    for node in graph.of(RULE):
        if node.inputs["name"] in sent:
            prefix = json.loads(node.inputs["eventPattern"])["detail"]["object"]["key"][0]["prefix"]
            yield f'raw -. "Object Created: {prefix}" .-> queue'
    if sent:
        yield f'queue[/"{queue(graph, ARRIVALS)}"/] -- "emptied by the look" --> flow'


def ran(graph: Graph) -> Iterator[str]:
    """The stages one after the other; jobs of one stage run side by side."""
    yield f'subgraph flow["{named(graph, MACHINE)}"]'
    stages = [(name, one) for name, one in machine(graph)["States"].items() if one["Type"] == "Parallel"]
    for name, stage in stages:
        yield f'  subgraph {key(name)}["{name}"]'
        for branch in stage["Branches"]:
            for dataset, task in tasks(branch).items():
                if "JobName" in task["Arguments"]:
                    yield f'    job_{dataset}["{task["Arguments"]["JobName"]}"]'
        yield "  end"
    yield from (f"  {key(one)} --> {key(then)}" for (one, _), (then, _) in pairwise(stages))
    yield "end"


def tables(graph: Graph) -> Iterator[str]:
    """What each job reads and publishes."""
    for arguments in (node.inputs["defaultArguments"] for node in graph.of(JOB)):
        if dataset := arguments.get("--dataset"):
            if "--raw" in arguments:
                yield f"raw --> job_{dataset}"
            for source in sources(graph, arguments["--input-contract"]):
                yield f"table_{source} --> job_{dataset}"
            yield f'job_{dataset} --> table_{dataset}[("{arguments["--table"].removeprefix("lake.")}")]'


def asked(graph: Graph) -> Iterator[str]:
    """What answers SQL over the tables: Athena all of them, a warehouse what is loaded from gold."""
    for node in graph.of(ATHENA):
        yield f'athena[["Athena {node.inputs["name"]}"]]'
        published = [node.inputs["defaultArguments"].get("--dataset") for node in graph.of(JOB)]
        yield from (f"table_{dataset} -. SQL .-> athena" for dataset in published if dataset)
    for node in (one for one in graph.nodes.values() if one.type == REDSHIFT):
        yield f'table_{GOLD} -- "MERGE" --> redshift[["Redshift {node.inputs["workgroupName"]}"]]'


def sources(graph: Graph, contract: str) -> Iterable[str]:
    """The datasets that a deployed input contract reads the tables of."""
    texts = [node.inputs["content"] for node in graph.of(OBJECT) if contract.endswith(f"/{node.inputs['key']}")]
    return [one["dataset"] for one in json.loads(texts[0])["meta"].get("sources", [])]


def told(graph: Graph) -> Iterator[str]:
    yield f'flow -. "each failed run, and the flow\'s bad end" .-> topic>"{named(graph, TOPIC)}"]'
    yield f'undelivered[/"{queue(graph, UNDELIVERED)}"/] -. "an event or a start that was not delivered" .-> topic'
    for node in (one for one in graph.nodes.values() if one.type == MAIL):
        yield f'topic -.-> person(["{node.inputs["endpoint"]}"])'


def key(name: str) -> str:
    """A name as Mermaid takes it for a node."""
    return re.sub(r"\W", "_", name)


def page(text: str, diagrams: dict[str, Graph]) -> str:
    """Return a page with the diagrams put in place of those between its markers, by the names that these have."""
    for name, graph in diagrams.items():
        fence = "\n".join(["```mermaid", *drawn(graph), "```"])
        begin, end = f"<!-- drawn: {name} -->", f"<!-- end: {name} -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise LookupError(f"{PAGE.name} has no {begin} ... {end}")
        text = f"{before}{begin}\n{fence}\n{end}{after}"
    return text


def diagrams() -> dict[str, Graph]:
    """Return the stacks that the page shows: samples, so that no user's value stands in it."""
    return {name: run(STACK, changed=changed, folder=SAMPLES) for name, changed in SHOWN.items()}


def main(argv: list[str]) -> int:
    """Write the page; with --check leave it, and return 1 where it is not up to date."""
    parser = Parser(prog="sandbox.flow_page", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where the page is out of date")
    wanted: Any = parser.parse_args(argv)
    logging.disable(logging.WARNING)  # a diagram needs no bundle of wheels
    was = PAGE.read_text(encoding="utf-8")
    now = page(was, diagrams())
    if wanted.check:
        print("up to date" if was == now else f"{PAGE.relative_to(ROOT)} is out of date: make flow")
        return int(was != now)
    PAGE.write_text(now, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(ending("sandbox.flow_page", lambda: main(sys.argv[1:])))
