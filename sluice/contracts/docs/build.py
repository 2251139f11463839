"""The pages of the site, written into a folder: an index, one page a dataset, and the Data Docs of the runs it tells."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sluice.contracts.docs import promises, rules, versions
from sluice.contracts.docs.runs import Pair, Runs, runs
from sluice.contracts.docs.verdict_store import Shelf
from sluice.contracts.suite_files import ROOT

TEMPLATES = Path(__file__).parent / "templates"


def build(pairs: dict[str, Pair], out: Path, shelves: list[Shelf], root: Path = ROOT) -> dict[str, Runs]:
    """Write the site and return what it tells of each dataset's runs.

    Args:
        pairs: the input and the output contract of each dataset.
        out: the folder, made where there is none; what else it holds stays.
        shelves: where verdicts and Data Docs lie.
        root: the repository whose history is told.
    """
    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.globals["style"] = (TEMPLATES / "style.css").read_text()
    history = versions.steps(root)
    told = {name: runs(pair, shelves, out) for name, pair in pairs.items()}
    _write(out / "index.html", environment, "index.html", pairs=pairs, runs=told, top="")
    for name, pair in pairs.items():
        steps = history and history.get(name, [])
        page = {"runs": told[name], "history": steps, "datasets": pairs, "top": "../"}
        _write(out / name / "index.html", environment, "dataset.html", **_stated(pair), **page)
    return told


def _write(path: Path, environment: Environment, template: str, **told: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(environment.get_template(template).render(**told), encoding="utf-8")


def _stated(pair: Pair) -> dict[str, Any]:
    given, published = pair
    groups = {contract.stage: rules.groups(contract, *pair) for contract in pair}
    return {
        "given": given,
        "published": published,
        "terms": {"input": promises.of_input(given), "output": promises.of_output(published)},
        "groups": groups,
        "lines": {line.id: line for found in groups.values() for group in found for line in group.lines},
    }
