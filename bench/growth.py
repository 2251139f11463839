"""How the gate's cost grows: with rows, with rules, with bad rows; and what the driver holds meanwhile."""

from collections.abc import Iterable

from bench import lake, page, process, suites
from bench.figures import BASE, Figure, Kept
from bench.lake import Lake
from bench.peers import variants
from bench.process import Told
from bench.series import Case, code, measure
from bench.wanted import Wanted, WrongUse
from sluice.sandbox.jobs.spark import machine

OURS = "sluice"
SHARES = (0.1, 0.4, 1.0)
ONCE = 4
MIDDLE = 0.4
RULES = (10, 28, 100, 200)
BAD = (0, 0.001, 0.01, 0.05, 0.1)
APART = {
    "spark__master": "local-cluster[1,2,3072]",
    "spark__driver__memory": "1g",
    "spark__executor__memory": "3g",
    "spark__executor__extraClassPath": machine()["spark.driver.extraClassPath"],
}
HEAD = ["", "ungated, s", "Sluice, s", "x ungated"]

Found = dict[str, dict[int, Told]]


def run(wanted: Wanted) -> str:
    """Measure, write the section, return its last line."""
    if wanted.data:
        raise WrongUse("growth is measured on generated sales: leave CONTRACTS and DATA out")
    kept = Kept(wanted.folder / "results" / "growth.jsonl", {"code": code(), "rows": wanted.rows}, wanted.go_on)
    with lake.running(wanted.folder) as at:
        parts = [_rows(at, wanted, kept), _rules(at, wanted, kept), _bad(at, wanted, kept), _memory(at, wanted)]
    intro = f"{page.surroundings(wanted.command)} Medians of {wanted.repetitions}, and the smallest to the largest."
    page.put(wanted.page, "growth", "\n\n".join(["## Growth", intro, *parts]))
    return parts[0].splitlines()[-1]


def _measured(at: Lake, wanted: Wanted, kept: Kept, cases: Iterable[Case], once: bool = False) -> Found:
    return measure(at, cases, 1 if once else wanted.repetitions, kept)


def _pair(day: str, own: suites.Suites, name: str) -> list[Case]:
    every = variants()
    return [Case(every[one], day, own, f"{one} {name}") for one in (BASE, OURS)]


def _line(found: Found, name: str, base: str = "") -> list[str]:
    own, ungated = found[f"{OURS} {name}"], found[f"{BASE} {base or name}"]
    seconds = [Figure.of(one.seconds for one in told.values()).shown(1) for told in (ungated, own)]
    return [*seconds, Figure.of(own[one].seconds / ungated[one].seconds for one in own).shown(2)]


def _rows(at: Lake, wanted: Wanted, kept: Kept) -> str:
    sizes = [int(wanted.rows * share) for share in SHARES]
    days = {size: at.land(f"rows-{size}", wanted.files(size)) for size in sizes}
    found = _measured(at, wanted, kept, [one for size in sizes for one in _pair(days[size], wanted.suites, f"{size}")])
    most = wanted.rows * ONCE
    day = at.land(f"rows-{most}", wanted.files(most))
    found |= _measured(at, wanted, kept, _pair(day, wanted.suites, f"{most}"), once=True)
    cells = [[f"{size:,} rows", *_line(found, f"{size}")] for size in [*sizes, most]]
    return "\n\n".join(["### With rows", page.table(HEAD, cells), _slope(found, sizes[0], most)])


def _slope(found: Found, few: int, most: int) -> str:
    def added(name: str) -> float:
        ends = [Figure.of(one.seconds for one in found[f"{name} {size}"].values()).middle for size in (few, most)]
        return (ends[1] - ends[0]) / (most - few) * 1e6

    base, ours = added(BASE), added(OURS)
    return (
        f"From {few:,} to {most:,} rows each further million takes the ungated job {base:.2f} s and Sluice {ours:.2f} s: "
        f"{ours / base:.2f} times."
    )


def _rules(at: Lake, wanted: Wanted, kept: Kept) -> str:
    rows = int(wanted.rows * MIDDLE)
    day = at.land("rules", wanted.files(rows))
    cases = [Case(variants()[BASE], day, wanted.suites, f"{BASE} rules")]
    for number in RULES:
        own = suites.with_rules(wanted.suites, number)
        cases.append(Case(variants()[OURS], day, own, f"{OURS} {number} rules"))
    found = _measured(at, wanted, kept, cases)
    cells = [[f"{number} rules", *_line(found, f"{number} rules", "rules")] for number in RULES]
    said = f"{rows:,} rows; beyond the shipped 28, ranges, sets, lengths and patterns in equal parts, no two alike."
    return "\n\n".join(["### With rules", page.table(HEAD, cells), said])


def _bad(at: Lake, wanted: Wanted, kept: Kept) -> str:
    rows = int(wanted.rows * MIDDLE)
    own, cases = suites.lenient(wanted.suites), list[Case]()
    for share in BAD:
        day = at.land(f"bad-{share}", wanted.files(rows, share))
        cases += _pair(day, own, f"{share:.1%} bad")
    found = _measured(at, wanted, kept, cases, once=True)
    cells = [[f"{share:.1%}", *_line(found, f"{share:.1%} bad")] for share in BAD]
    said = (
        f"{rows:,} rows, one run each; a row with a strange customer breaks a warning and is set aside. The ungated job "
        "publishes it."
    )
    return "\n\n".join(["### With bad rows", page.table(HEAD, cells), said])


def _memory(at: Lake, wanted: Wanted) -> str:
    cells = []
    for size in (int(wanted.rows * SHARES[0]), wanted.rows, wanted.rows * ONCE):
        day = at.land(f"memory-{size}", wanted.files(size))
        run = at.arguments(wanted.suites, day, OURS)
        [told] = process.measured(at, variants()[OURS], [run], **APART)
        cells.append([f"{size:,} rows", f"{told.heap}", f"{told.jvm}", f"{told.python}"])
    head = ["", "heap after a collection, MiB", "JVM at its largest, MiB", "Python at its largest, MiB"]
    said = (
        "Here the executor is a process of its own (`local-cluster`), so that the driver's memory is the driver's alone: the "
        "most that any garbage collection left in its heap of 1 GiB, and the most that each of its two processes took "
        "(`VmHWM`, `ru_maxrss`)."
    )
    return "\n\n".join(["### Memory of the driver", page.table(head, cells), said])
