"""What is state of a deployed lake keeps its name: URNs, names in AWS, arguments, places, metrics and outputs.

The lists were written by the code of commit cef8843, before names in the code were changed throughout. Since then only the
datasets in them are called otherwise, as the tests' own lake calls them.
"""

from dataclasses import replace

from sluice.program.graph import Graph
from tests.program.state_lists import EVERY_OPTION, LISTS, state_lines

ADVICE = (
    "what is state keeps its name, or a deployed stack loses it. Where something was added: "
    "python -m tests.program.state_lists"
)


def differences(graph: Graph, name: str) -> list[str]:
    """Return the lines that a committed list has and the graph has not, after -, and the other way round, after +."""
    listed = set((LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines())
    declared = set(state_lines(graph))
    return sorted([f"- {line}" for line in listed - declared] + [f"+ {line}" for line in declared - listed])


def test_every_stack_declares_what_its_list_has(graph: Graph) -> None:
    assert differences(graph, graph.stack) == [], ADVICE


def test_a_stack_with_every_option_declares_what_its_list_has(optional: Graph) -> None:
    assert differences(optional, EVERY_OPTION) == [], ADVICE


def test_each_list_is_of_a_stack_that_is_looked_at(graphs: dict[str, Graph]) -> None:
    assert {path.stem for path in LISTS.iterdir()} == {*graphs, EVERY_OPTION}


def test_a_logical_name_that_changed_is_found(graphs: dict[str, Graph]) -> None:
    graph = graphs["dev"]
    [urn] = [urn for urn, node in graph.nodes.items() if node.name == "job-logs-output"]
    renamed = urn.replace("job-logs-output", "logs-of-jobs-output")
    nodes = {renamed if key == urn else key: node for key, node in graph.nodes.items()}
    added, removed = differences(replace(graph, nodes=nodes), "dev")
    assert (added.split()[:2], removed.split()[:2]) == (["+", renamed], ["-", urn])
