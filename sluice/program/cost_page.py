"""The tables of `docs/cost.md`, from the model: `python -m sluice.program.cost_page` writes them between its marks."""

import re
import sys

from etl.wording import count_noun
from sluice.program.bill.price_list import glue_dpu_hour
from sluice.program.bill.run_cost import BYTES_PER_GB, Requests, Way, run_cost
from sluice.program.stack_files import ROOT

PAGE = ROOT / "docs" / "cost.md"
WORKER_TYPE = "G.1X"
DAYS = ((0.001, 2, 1), (1.0, 2, 10), (100.0, 2, 1000), (100.0, 10, 1000))
"""Days: GB of CSV, workers, raw objects."""
MARKS = re.compile(r"(?<=<!-- model -->\n).*(?=<!-- end of model -->)", re.DOTALL)


def render_tables() -> str:
    """Return the tables as Markdown."""
    price = glue_dpu_hour()
    head = ["a day of", "workers", *Way]
    costs = [
        [
            f"{gb:g} GB in {count_noun(objects, 'object')}",
            f"{workers} {WORKER_TYPE}",
            *(_cell(gb, workers, objects, way) for way in Way),
        ]
        for gb, workers, objects in DAYS
    ]
    requests = [
        [f"{objects:,}", f"{figures.writes:,}", f"{figures.reads:,}", f"{figures.catalog}"]
        for objects in (1, 10, 100, 1000)
        for figures in (Requests.of_run(objects, 1),)
    ]
    heads = ["raw objects", "PUT, POST, LIST", "GET, HEAD", "catalog"]
    note = f"US dollars a run and seconds that are billed; prices of {price.date} in {price.region}."
    return f"{note}\n\n{_table(head, costs)}\n\nRequests of a run that writes one data file:\n\n{_table(heads, requests)}\n"


def _cell(gb: float, workers: int, objects: int, way: Way) -> str:
    cost = run_cost(gb * BYTES_PER_GB, WORKER_TYPE, workers, way, objects)
    return f"{cost.usd:.3f} ({cost.seconds:,.0f} s)"


def _table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def with_tables(text: str) -> str:
    """Return the page with the tables as they are now."""
    return MARKS.sub(lambda _: render_tables(), text)


def main(_argv: list[str]) -> int:
    """Write the tables of the page anew."""
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
