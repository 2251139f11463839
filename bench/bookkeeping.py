"""What the bookkeeping adds: to a large run, to one with nothing to read, and beside a ledger of very many objects."""

from pathlib import Path

from bench import lake, page, process
from bench.figures import Figure
from bench.lake import Lake
from bench.process import Told
from bench.recording import MANY, VARIANTS
from bench.wanted import Wanted

FEW = 1000


def run(wanted: Wanted) -> str:
    """Measure, write the section, return its last line."""
    found: dict[str, list[dict[str, float]]] = {}
    with lake.running(wanted.folder) as at:
        day = at.land("clean", wanted.files())
        few = [at.land(name, [_few(wanted, name, start)]) for name, start in (("first", 0), ("second", FEW))]
        for repetition in range(1, wanted.repetitions + 1):
            for name, told in _once(at, wanted, day, few).items():
                found.setdefault(name, []).append(told.detail)
            print(f"  {repetition}/{wanted.repetitions}", flush=True)
    cells = [[name, *_cells(details)] for name, details in found.items()]
    page.put(wanted.page, "bookkeeping", _section(wanted, cells))
    for line in cells:
        print(*line, sep="  ")
    return f"bookkeeping adds {cells[0][3]} to a run over {wanted.rows:,} rows and {cells[1][3]} to an empty one"


def _once(at: Lake, wanted: Wanted, day: str, few: list[str]) -> dict[str, Told]:
    large = at.arguments(wanted.suites, day, "ledger")
    small = at.arguments(wanted.suites, few[0], "ledger")
    told = process.measured(at, VARIANTS["alone"], [large, _again(large, 2)])
    _, new, none = process.measured(
        at, VARIANTS["beside-many"], [small, _again(small, 2, few[1]), _again(small, 3, few[1])]
    )
    return {
        f"{wanted.rows:,} rows": told[0],
        "nothing unread": told[1],
        f"{FEW:,} rows, one new object beside {MANY:,}": new,
        f"nothing unread beside {MANY:,}": none,
    }


def _again(arguments: list[str], number: int, day: str = "") -> list[str]:
    """Return a later run on the same table, of the same day or another."""
    given = dict(zip(arguments[::2], arguments[1::2], strict=True))
    given["--JOB_RUN_ID"] += f"x{number}"
    given["--raw"] = day or given["--raw"]
    return [word for pair in given.items() for word in pair]


def _few(wanted: Wanted, name: str, start: int) -> Path:
    """Return a file of the day's rows from `start`: keys of its own."""
    with wanted.files()[0].open() as source:
        header, *rows = [line for at, line in zip(range(start + FEW + 1), source, strict=False) if not at or at > start]
    path = wanted.folder / f"{name}.csv"
    path.write_text("".join([header, *rows]))
    return path


def _cells(details: list[dict[str, float]]) -> list[str]:
    total, listing, own = (Figure.of(one[kind] for one in details) for kind in ("total", "listing", "bookkeeping"))
    rest = [one["total"] - one["bookkeeping"] - one["listing"] for one in details]
    share = Figure.of(one["bookkeeping"] / left for one, left in zip(details, rest, strict=True))
    # Where nothing is read there is no job to add to: then the whole run but its listing is the ledger's doing.
    empty = Figure.of(one["total"] - one["listing"] for one in details)
    added = f"{share.middle:.1%}" if details[0]["read"] else f"{empty.middle:.2f} s"
    return [total.shown(2), own.shown(2), added, listing.shown(2)]


def _section(wanted: Wanted, cells: list[list[str]]) -> str:
    return "\n\n".join(
        [
            "## Bookkeeping",
            f"{page.surroundings(wanted.command)} Medians of {wanted.repetitions}, and the smallest to the largest.",
            page.table(
                ["run", "seconds", "of these bookkeeping", "added to the job without it", "listing, apart"], cells
            ),
            "Each call of the ledger, the heads of tables, the skips, the remains of dead runs and the second look at the raw "
            "objects is timed within the run that makes it, and so is the look for keys that the table holds from earlier "
            "days; the rest of that run is the same job without them. The large run is the first of its table: there is no "
            "earlier key to look for, so that is left out of its share. The listing "
            f"(`ListObjectVersions`) is apart. {MANY:,} objects are in the ledger as runs wrote them; their listing is made "
            "up in memory, 1,000 a page, for it would take the emulator minutes to hold them.",
        ]
    )
