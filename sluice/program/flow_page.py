"""`python -m sluice.program.flow_page [--check]`: the diagrams of docs/flow.md, drawn from the program's graph as Mermaid."""

import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from components.access.message_policies import DUE
from components.settings.project_name import option_key
from sluice.cli.errors import run_to_exit_code
from sluice.cli.module_parser import CommandParser
from sluice.program.graph import ROOT, Graph, run_program
from sluice.program.stack_files import SAMPLES
from sluice.program.starts import (
    RULE,
    TARGET,
    flow_definition,
    flow_schedules,
    flow_stages,
    machine_schedules,
    schedule_input,
)

PAGE = ROOT / "docs" / "flow.md"
STACK = "prod"
DIAGRAM_CONFIGS = {"schedule": {}, "arrival": {option_key("start"): "arrival"}}
"""The page's diagrams, and the settings that each has over the sample's."""
JOB, OBJECT, QUEUE = "aws:glue/job:Job", "aws:s3/bucketObjectv2:BucketObjectv2", "aws:sqs/queue:Queue"
STATE_MACHINE, SUBSCRIPTION = "aws:sfn/stateMachine:StateMachine", "aws:sns/topicSubscription:TopicSubscription"
CHANNEL_TYPES = (
    "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration",
    "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration",
    "aws:cloudwatch/eventApiDestination:EventApiDestination",
)
SECRET_INPUT = "endpoint"  # noqa: S105  the name of an input
TOPIC = "aws:sns/topic:Topic"
TOPICS = {"messages": "messages-critical", "alarms": "alarms"}
"""The topics that stand for those of all severities, by the first part of their logical names."""
ARRIVALS, UNDELIVERED = "flow-arrival-queue", "undelivered-queue"
"""The logical names of the queues for what arrived, and for what was not delivered."""
STATEMENT = "aws:redshiftdata/statement:Statement"
ATHENA, REDSHIFT = "aws:athena/workgroup:Workgroup", "aws:redshiftserverless/workgroup:Workgroup"


def draw_flow(graph: Graph) -> list[str]:
    """Return the lines of a stack's diagram: what starts the flow, its stages, the tables, who asks these and who is told."""
    parts = (start_lines, stage_lines, table_lines, query_lines, notification_lines)
    return ["flowchart TD", *(f"  {line}" for part in parts for line in part(graph))]


def resource_name(graph: Graph, kind: str, logical_name: str) -> str:
    """Return what a resource is called in AWS, by its logical name."""
    return graph.node_named(kind, logical_name).inputs["name"]


def start_lines(graph: Graph) -> Iterator[str]:
    """Yield what starts the flow: schedules, and events of files."""
    yield 'files(["files"]) --> raw[("raw")]'
    for node in flow_schedules(graph):
        edge_label = "look" if "datasets" not in schedule_input(node) else "start"
        yield f'{node_key(node.inputs["name"])}{{{{"{node.inputs["scheduleExpression"]}"}}}} -- {edge_label} --> flow'
    looks = machine_schedules(graph, DUE)
    for node in looks:
        yield f'{node_key(node.inputs["name"])}{{{{"{node.inputs["scheduleExpression"]}"}}}} -- "what is due?" --> due'
    if looks:
        yield f'raw -. "listed" .-> due[["{resource_name(graph, STATE_MACHINE, f"{DUE}-machine")}"]]'
    rule_names = {node.inputs["rule"] for node in graph.nodes_of_type(TARGET) if "input" in node.inputs}
    for node in graph.nodes_of_type(RULE):
        if node.inputs["name"] in rule_names:
            prefix = json.loads(node.inputs["eventPattern"])["detail"]["object"]["key"][0]["prefix"]
            yield f'raw -. "Object Created: {prefix}" .-> queue'
    if rule_names:
        yield f'queue[/"{resource_name(graph, QUEUE, ARRIVALS)}"/] -- "emptied by the look" --> flow'


def stage_lines(graph: Graph) -> Iterator[str]:
    """The stages one after the other; jobs of one stage run side by side."""
    yield f'subgraph flow["{resource_name(graph, STATE_MACHINE, "flow-machine")}"]'
    stages = flow_stages(flow_definition(graph))
    for name, items in stages.items():
        yield f'  subgraph {node_key(name)}["{name}"]'
        yield from (f'    job_{item["dataset"]}["{item["job"]}"]' for item in items)
        yield "  end"
    yield from (f"  {node_key(earlier)} --> {node_key(later)}" for earlier, later in pairwise(stages))
    yield "end"


def table_lines(graph: Graph) -> Iterator[str]:
    """What each job reads and publishes."""
    for arguments in (node.inputs["defaultArguments"] for node in graph.nodes_of_type(JOB)):
        if dataset := arguments.get("--dataset"):
            if "--raw" in arguments:
                yield f"raw --> job_{dataset}"
            for source in source_datasets(graph, arguments["--input-contract"]):
                yield f"table_{source} --> job_{dataset}"
            yield f'job_{dataset} --> table_{dataset}[("{arguments["--table"].removeprefix("lake.")}")]'


def query_lines(graph: Graph) -> Iterator[str]:
    """What answers SQL over the tables: Athena all of them, a warehouse what is loaded from gold."""
    for node in graph.nodes_of_type(ATHENA):
        yield f'athena[["Athena {node.inputs["name"]}"]]'
        published = [node.inputs["defaultArguments"].get("--dataset") for node in graph.nodes_of_type(JOB)]
        yield from (f"table_{dataset} -. SQL .-> athena" for dataset in published if dataset)
    for node in (candidate for candidate in graph.nodes.values() if candidate.type == REDSHIFT):
        for dataset in loaded_datasets(graph):
            yield f'table_{dataset} -- "MERGE" --> redshift[["Redshift {node.inputs["workgroupName"]}"]]'


def loaded_datasets(graph: Graph) -> list[str]:
    """Return the datasets that the warehouse has a procedure for."""
    statements = [node.inputs["sql"] for node in graph.nodes.values() if node.type == STATEMENT]
    return [dataset for sql in statements for dataset in re.findall(r"PROCEDURE load_(\w+)\(", sql)]


def source_datasets(graph: Graph, contract: str) -> Iterable[str]:
    """The datasets that a deployed input contract reads the tables of."""
    texts = {
        f"s3://{node.inputs['bucket']}/{node.inputs['key']}": node.inputs.get("content", "")
        for node in graph.nodes_of_type(OBJECT)
    }
    return [source["dataset"] for source in json.loads(texts[contract])["meta"].get("sources", [])]


def notification_lines(graph: Graph) -> Iterator[str]:
    """Yield who is told of what went wrong: people by messages, machines by alarms."""
    names = {kind: resource_name(graph, TOPIC, f"{label}-topic") for kind, label in TOPICS.items()}
    yield f'flow -. "what each run says" .-> messages>"{names["messages"].removesuffix("critical")}*"]'
    yield f'watch[["{resource_name(graph, STATE_MACHINE, "watch-machine")}"]] -. "what nobody else told" .-> messages'
    yield 'flow -. "each run\'s end, and its own bad end" .-> watch'
    if machine_schedules(graph, DUE):
        yield 'due -. "what has not come" .-> messages'
    yield f'alarms>"{names["alarms"]}"]'
    yield f'undelivered[/"{resource_name(graph, QUEUE, UNDELIVERED)}"/] -. "what was not delivered" .-> alarms'
    subscriptions = [node for node in graph.nodes.values() if node.type == SUBSCRIPTION]
    mails = [node.inputs["endpoint"] for node in subscriptions if node.inputs["protocol"] == "email"]
    for address in dict.fromkeys(mails):
        yield f'messages -.-> {node_key(f"person {address}")}(["{address}"])'
    # a URL may be a secret: what has one is called by its channel
    pagers = [node.name.split("-", 1)[1].rpartition("-")[0] for node in subscriptions if SECRET_INPUT in node.secret]
    yield from (f'alarms -.-> {node_key(f"pager {name}")}(["{name}"])' for name in dict.fromkeys(pagers))
    others = [node.name.removeprefix("channel-") for node in graph.nodes.values() if node.type in CHANNEL_TYPES]
    for name in sorted(name.removesuffix("-destination") for name in others):
        yield f'messages -.-> {node_key(f"channel {name}")}(["{name}"])'


def node_key(name: str) -> str:
    """A name as Mermaid takes it for a node."""
    return re.sub(r"\W", "_", name)


def render_page(text: str, diagrams: dict[str, Graph]) -> str:
    """Return a page with the diagrams put in place of those between its markers, by the names that these have."""
    for name, graph in diagrams.items():
        fence = "\n".join(["```mermaid", *draw_flow(graph), "```"])
        begin, end = f"<!-- drawn: {name} -->", f"<!-- end: {name} -->"
        before, begin_mark, after_begin = text.partition(begin)
        _, end_mark, after = after_begin.partition(end)
        if not begin_mark or not end_mark:
            raise LookupError(f"{PAGE.name} has no {begin} ... {end}")
        text = f"{before}{begin}\n{fence}\n{end}{after}"
    return text


def sample_graphs() -> dict[str, Graph]:
    """Return the stacks that the page shows: samples, so that no user's value stands in it."""
    return {name: run_program(STACK, changed=changed, folder=SAMPLES) for name, changed in DIAGRAM_CONFIGS.items()}


def main(argv: list[str]) -> int:
    """Write the page; with --check leave it, and return 1 where it is not up to date."""
    parser = CommandParser(prog="sluice.program.flow_page", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where the page is out of date")
    options: Any = parser.parse_args(argv)
    logging.disable(logging.WARNING)  # a diagram needs no bundle of wheels
    old_text = PAGE.read_text(encoding="utf-8")
    new_text = render_page(old_text, sample_graphs())
    if options.check:
        print("up to date" if old_text == new_text else f"{PAGE.relative_to(ROOT)} is out of date: make flow")
        return int(old_text != new_text)
    PAGE.write_text(new_text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(run_to_exit_code("sluice.program.flow_page", lambda: main(sys.argv[1:])))
