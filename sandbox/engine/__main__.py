"""`python -m sandbox.engine [STACK...]`: the program through Pulumi's real engine, stack by stack, and an upgrade."""

import sys
import time
from collections.abc import Callable, Iterator

from etl.console import Parser, complain, ending
from sandbox.engine import steps
from sandbox.engine.project import CliMissing, Project, StepFailed, project
from sandbox.engine.steps import Surprise
from sandbox.graph import STACKS

EARLIER = "2cd5a11"
"""The program that an upgrade starts from: the last release's tag, once there is one."""
DATASET = "products"
Step = tuple[str, Callable[[], object]]


def life(of: Project, stack: str) -> Iterator[Step]:
    """Yield each step of a stack's life, in order."""
    yield "init and config set", lambda: steps.begin(of, stack)
    yield "first up", lambda: steps.up(of, stack, lambda change: change.operation == "create")
    yield "refresh", lambda: steps.refreshed(of, stack)
    yield "a contract changed", lambda: steps.contract_changed(of, stack, "customers")
    yield "datasets in another order", lambda: steps.order_turned(of, stack)
    yield "a dataset out and in", lambda: steps.dataset_out_and_in(of, stack, "sales_daily")
    yield "taken down", lambda: steps.taken_down(of, stack)


def main(argv: list[str]) -> int:
    """Exit code 0, 1 where a step went otherwise, 3 without a CLI."""
    parser = Parser(prog="sandbox.engine", description=__doc__)
    parser.add_argument("stacks", nargs="*", choices=STACKS, default=list(STACKS), metavar="STACK")
    wanted = parser.parse_args(argv)
    try:
        for stack in wanted.stacks:
            with project() as of:
                walk(stack, life(of, stack))
    except CliMissing as fault:
        complain(str(fault))
        return 3
    except (StepFailed, Surprise) as fault:
        complain(str(fault), lines=True)
        return 1
    return 0


def walk(stack: str, those: Iterator[Step]) -> None:
    for name, step in those:
        began = time.monotonic()
        step()
        print(f"{stack}: {name}, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    sys.exit(ending("sandbox.engine", lambda: main(sys.argv[1:])))
