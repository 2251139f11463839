"""The page on the flow shows what the program declares."""

import re

import pytest

from sluice.program.flow_page import draw_flow, render_page
from sluice.program.graph import Graph, run_program
from tests.program.deployed import deployed_datasets
from tests.program.test_redshift import REDSHIFT_OPTIONS, WithSecret


def test_a_page_without_a_place_for_a_diagram_is_an_error(graphs: dict[str, Graph]) -> None:
    with pytest.raises(LookupError, match=r"flow\.md has no <!-- drawn: schedule -->"):
        render_page("# The flow", {"schedule": graphs["prod"]})


def test_every_arrow_joins_two_things_that_are_drawn(arriving: Graph) -> None:
    lines = [line.strip() for line in draw_flow(arriving)]
    arrows = [line for line in lines if "->" in line]
    ends = [re.findall(r"^\w+|(?<=> )\w+", line) for line in arrows]
    assert len(arrows) > 10
    assert all(len(pair) == 2 for pair in ends), arrows
    boxes = {box_id for line in lines for box_id in re.findall(r"(\w+)(?=[\[({>/]+\"|\(\[)", line)}
    assert {end for pair in ends for end in pair} - boxes == set()


def test_the_queue_is_drawn_where_files_start_the_flow_and_nowhere_else(
    graphs: dict[str, Graph], arriving: Graph
) -> None:
    assert any("sluice-prod-arrivals" in line for line in draw_flow(arriving))
    assert not any("queue" in line for line in draw_flow(graphs["prod"]))


def test_every_table_is_asked_by_athena_and_gold_by_a_warehouse_where_there_is_one(graphs: dict[str, Graph]) -> None:
    lines = [line.strip() for line in draw_flow(graphs["prod"])]
    assert 'athena[["Athena sluice-prod"]]' in lines
    queried_tables = {line.split()[0] for line in lines if line.endswith("-> athena")}
    assert queried_tables == {f"table_{dataset}" for dataset in deployed_datasets("prod")}
    warehouse = 'table_trades_daily -- "MERGE" --> redshift[["Redshift sluice-prod"]]'
    assert warehouse not in lines
    assert warehouse in [line.strip() for line in draw_flow(run_program("prod", WithSecret(), REDSHIFT_OPTIONS))]
